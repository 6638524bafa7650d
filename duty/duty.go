// Package duty has one process among many do what must be done once: it keeps a
// lease while the work runs. It promises that the work is told to stop before
// the lease can end, and that a process that dies is followed by another as soon
// as the store knows that it died, within the lease's span at the latest. It cannot stop work that does not listen: what the work
// stores must bear a second worker that begins while the first still ends.
package duty

import (
	"context"
	"log/slog"
	"time"

	"github.com/graphwarden/graphwarden"
)

// usual is how long a lease lasts without a sign of life.
const usual = 15 * time.Second

// giveBack bounds how long giving a lease back may take when the process ends.
const giveBack = 5 * time.Second

// Store keeps leases.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	Hold(ctx context.Context, tx graphwarden.Tx, name, holder string, span time.Duration) (bool, error)
	LetGo(ctx context.Context, tx graphwarden.Tx, name, holder string) error
	// Freed gives a channel that is closed when leases of a process that is gone
	// are free.
	Freed() <-chan struct{}
}

// Duty is work that one process at a time does.
type Duty struct {
	Store  Store
	Name   string // of the work, the same in every process
	Holder string // of this process
	Log    *slog.Logger
	// Span is how long the lease lasts without a sign of life; 0 is 15 seconds.
	Span time.Duration
}

// Run does the work whenever this process has the duty, until ctx ends or work
// returns while it still has it. work's context ends when the duty is lost; then
// the duty is waited for again. The lease is given back when Run returns.
func (d Duty) Run(ctx context.Context, work func(ctx context.Context) error) error {
	if d.Span == 0 {
		d.Span = usual
	}
	for ctx.Err() == nil {
		freed := d.Store.Freed() // asked before, so that nothing is missed in between
		if !d.hold(ctx) {
			pause(ctx, d.Span/3, freed)
			continue
		}
		err, lost := d.watch(ctx, work)
		if !lost {
			d.letGo(ctx)
			return err
		}
		d.Log.Warn("another process does this now, or the database did not answer", "duty", d.Name)
	}
	return nil
}

// watch does the work and renews the lease beside it; the work is told to stop
// when another has the lease, or when two thirds of its span have passed without
// a renewal.
func (d Duty) watch(ctx context.Context, work func(ctx context.Context) error) (err error, lost bool) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- work(working) }()
	for {
		timer := time.NewTimer(untilBeat(time.Now(), d.Span/3))
		select {
		case err := <-ended:
			timer.Stop()
			return err, false
		case <-timer.C:
		}
		renewing, cancel := context.WithTimeout(ctx, d.Span/3)
		held := d.hold(renewing)
		cancel()
		if ctx.Err() != nil {
			return <-ended, false
		}
		if !held {
			stop()
			<-ended
			return nil, true
		}
	}
}

// untilBeat is how long it is until the next of the moments at which all duties
// are renewed, however long a process has had each: the store puts what comes
// together into one commit, so that hundreds of duties cost what one costs.
func untilBeat(now time.Time, every time.Duration) time.Duration {
	return now.Truncate(every).Add(every).Sub(now)
}

func (d Duty) hold(ctx context.Context) (held bool) {
	err := d.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		held, err = d.Store.Hold(ctx, tx, d.Name, d.Holder, d.Span)
		return err
	})
	if err != nil && ctx.Err() == nil {
		d.Log.Error("keeping a duty", "duty", d.Name, "reason", err)
	}
	return held && err == nil
}

func (d Duty) letGo(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBack)
	defer cancel()
	err := d.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return d.Store.LetGo(ctx, tx, d.Name, d.Holder)
	})
	if err != nil {
		d.Log.Warn("giving back a duty", "duty", d.Name, "reason", err)
	}
}

// pause waits, or until leases are free or ctx ends.
func pause(ctx context.Context, d time.Duration, freed <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-freed:
	case <-ctx.Done():
	}
}
