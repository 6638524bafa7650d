package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/duty"
)

// Target is a sink, and how it is told.
type Target struct {
	Sink  graphwarden.Sink
	Shape Shape
	Keys  Keys // of a webhook: what its deliveries are signed with
	Doer  Doer // of a webhook: sends them; nil is the Config's
	// Writes says that the flow's app writes, too, so that a change may be its own.
	Writes bool
}

// Config is what deliveries are made of.
type Config struct {
	Targets []Target
	Store   Store
	Books   Books
	Origins Origins // nil where no flow writes
	Doer    Doer
	Log     *slog.Logger
	Now     func() time.Time
	Random  *rand.Rand // spreads repeated attempts; used by Deliver alone
	Holder  string     // of this process among those that share the store
	// Span is how long a process that does not answer keeps a sink; 0 is 15 seconds.
	Span time.Duration
}

// Deliver brings changes to sinks.
type Deliver struct {
	config   Config
	couriers []*courier

	mu   sync.Mutex
	news chan struct{} // closed when there may be news
}

// New makes a Deliver; Run sets it going.
func New(c Config) *Deliver {
	if c.Span == 0 {
		c.Span = 15 * time.Second
	}
	d := &Deliver{config: c, news: make(chan struct{})}
	dice := &dice{random: c.Random}
	for _, t := range c.Targets {
		if t.Sink.Kind != graphwarden.Nowhere {
			d.couriers = append(d.couriers, &courier{config: c, target: t, dice: dice, wake: make(chan struct{}, 1)})
		}
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
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.news)
	d.news = make(chan struct{})
}

// News gives a channel that is closed when this process may have stored changes.
func (d *Deliver) News() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.news
}

// Run makes the sinks known to the store and serves each until ctx ends, one
// process at a time for each sink. It returns when every attempt under way has
// ended and is accounted for.
func (d *Deliver) Run(ctx context.Context) error {
	if err := d.declare(ctx); err != nil {
		return fmt.Errorf("keeping the sinks: %w", err)
	}
	var all sync.WaitGroup
	failed := make([]error, len(d.couriers))
	for i, c := range d.couriers {
		all.Go(func() {
			held := duty.Duty{Store: d.config.Store, Name: c.duty(), Holder: d.config.Holder, Log: d.config.Log, Span: d.config.Span}
			failed[i] = held.Run(ctx, c.run)
		})
	}
	if len(d.couriers) == 0 {
		<-ctx.Done() // there is nothing to send, and others go on
	}
	all.Wait()
	err := errors.Join(failed...)
	if len(d.couriers) == 0 && err == nil {
		<-ctx.Done() // nothing is sent, and that is no reason for anybody to end
	}
	return err
}

func (d *Deliver) declare(ctx context.Context) error {
	return d.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		var named []string
		for _, t := range d.config.Targets {
			if err := d.config.Books.EnsureSink(ctx, tx, t.Sink); err != nil {
				return err
			}
			named = append(named, t.Sink.Name)
		}
		return d.config.Books.RetireSinks(ctx, tx, named)
	})
}
