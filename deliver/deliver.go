package deliver

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// Target is a sink and the secret that its deliveries are signed with.
type Target struct {
	Sink   graphwarden.Sink
	Secret seal.Secret
}

// Config is what deliveries are made of.
type Config struct {
	Targets []Target
	Store   Store
	Sinks   Sinks
	Failed  Failed
	Doer    Doer
	Log     *slog.Logger
	Now     func() time.Time
	Random  *rand.Rand // spreads repeated attempts; used by Deliver alone
}

// Deliver brings changes to sinks.
type Deliver struct {
	config   Config
	couriers []*courier
}

// New makes a Deliver; Run sets it going.
func New(c Config) *Deliver {
	d := &Deliver{config: c}
	dice := &dice{random: c.Random}
	for _, t := range c.Targets {
		d.couriers = append(d.couriers, &courier{config: c, target: t, dice: dice, wake: make(chan struct{}, 1)})
	}
	return d
}

// Wake has every sink look for new changes at once. It does not block.
func (d *Deliver) Wake() {
	for _, c := range d.couriers {
		select {
		case c.wake <- struct{}{}:
		default: // a signal is waiting already and says the same
		}
	}
}

// Run makes the sinks known to the store and serves each until ctx ends. It
// returns when every attempt under way has ended and is accounted for.
func (d *Deliver) Run(ctx context.Context) error {
	err := d.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, t := range d.config.Targets {
			if err := d.config.Sinks.EnsureSink(ctx, tx, t.Sink); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping the sinks: %w", err)
	}
	var all sync.WaitGroup
	for _, c := range d.couriers {
		all.Go(func() { c.run(ctx) })
	}
	all.Wait()
	return nil
}

// dice is a source of chance for many goroutines.
type dice struct {
	mu     sync.Mutex
	random *rand.Rand
}

// around gives a time between nine and eleven tenths of d.
func (r *dice) around(d time.Duration) time.Duration {
	if d < 10 {
		return d
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return d - d/10 + time.Duration(r.random.Int64N(int64(d/5)+1))
}
