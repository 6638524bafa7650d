package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

const (
	// poll is how often a sink looks for changes when nothing wakes it.
	poll = 15 * time.Second
	// batch is how many changes are read at once.
	batch = 100
	// settleWithin bounds how long it takes to account for attempts when ctx has
	// ended already.
	settleWithin = 10 * time.Second
)

// courier serves one sink. While its receiver is down, one delivery that failed
// and a new one are tried now and then; the others wait without counting attempts.
type courier struct {
	config Config
	target Target
	dice   *dice
	wake   chan struct{}

	strikes  int        // how often in a row the receiver was found down
	declined int        // how many deliveries in a row were declined
	rest     time.Time  // nothing is sent before
	kept     *time.Time // the rest that is in the books; nil: not known
	takenAt  time.Time  // when the receiver last took something, as far as we saw
	hurries  int64      // how often somebody had asked for it to be tried at once
	counted  bool       // hurries was read
}

// duty names what one process at a time does for this sink.
func (c *courier) duty() string { return "sink/" + c.target.Sink.Name }

func (c *courier) run(ctx context.Context) error {
	for ctx.Err() == nil {
		more, err := c.step(ctx)
		if err != nil && ctx.Err() == nil {
			c.config.Log.Error("delivering", "sink", c.target.Sink.Name, "reason", err)
		}
		if more && err == nil {
			continue
		}
		timer := time.NewTimer(c.pause(ctx, err))
		select {
		case <-c.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// step makes the attempts that can be made now, and says whether there may be
// more to do at once.
func (c *courier) step(ctx context.Context) (more bool, err error) {
	if rests, err := c.rests(ctx); rests || err != nil {
		return false, err
	}
	limit := batch
	if c.strikes > 0 {
		limit = 1
	}
	due, err := c.config.Books.DueDeliveries(ctx, c.target.Sink.Name, limit)
	if err != nil {
		return false, err
	}
	if len(due) > 0 {
		if err := c.repeat(ctx, due); err != nil {
			return false, err
		}
	}
	fresh, err := c.begin(ctx, limit)
	if err != nil {
		return false, err
	}
	told, err := c.replay(ctx, limit)
	return fresh || told || len(due) > 0, err
}

// rests says whether nothing is sent for a while, because the receiver is down and
// nobody, in whichever process, has asked meanwhile for it to be tried at once. It is
// asked before each step, so that what somebody asked for before the receiver went
// down is not taken for a wish to have it tried again.
func (c *courier) rests(ctx context.Context) (bool, error) {
	rests := c.config.Now().Before(c.rest)
	n, err := c.config.Books.Hurries(ctx, c.target.Sink.Name)
	if err != nil {
		return rests, err
	}
	if c.counted && n != c.hurries {
		c.rest, rests = time.Time{}, false
	}
	c.hurries, c.counted = n, true
	return rests, nil
}

// begin attempts what is new, and moves the sink's cursor past it. Until that is
// on disk nothing counts as delivered: a crash sends it again.
func (c *courier) begin(ctx context.Context, limit int) (any bool, err error) {
	name := c.target.Sink.Name
	fresh, waiting, upTo, err := c.config.Books.FreshDeliveries(ctx, name, limit)
	if err != nil || upTo == 0 {
		return false, err
	}
	if c.target.Sink.Kind == graphwarden.Table {
		return true, c.put(ctx, fresh, func(ctx context.Context, tx graphwarden.Tx) error {
			return c.config.Books.AdvanceSink(ctx, tx, name, upTo, nil)
		})
	}
	r, err := c.round(ctx, fresh)
	if err != nil {
		return false, err
	}
	return true, c.settle(ctx, r, func(ctx context.Context, tx graphwarden.Tx) error {
		return c.config.Books.AdvanceSink(ctx, tx, name, upTo, append(r.failed(), waiting...))
	})
}

// repeat attempts again what failed before.
func (c *courier) repeat(ctx context.Context, due []graphwarden.Delivery) error {
	r, err := c.round(ctx, due)
	if err != nil {
		return err
	}
	return c.settle(ctx, r, func(ctx context.Context, tx graphwarden.Tx) error {
		for i, a := range r.attempts {
			var err error
			switch {
			case a == nil: // not attempted, so it stays as it was
			case a.over():
				err = c.config.Books.Acknowledge(ctx, tx, r.after[i])
			case c.spent(r.after[i], a):
				err = c.config.Books.Bury(ctx, tx, r.after[i])
			default:
				err = c.config.Books.Postpone(ctx, tx, r.after[i])
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// replay tells again what somebody asked for, a batch at a time, so that what is
// new is not held up.
func (c *courier) replay(ctx context.Context, limit int) (any bool, err error) {
	asked, ok, err := c.config.Books.NextReplay(ctx, c.target.Sink.Name)
	if err != nil || !ok || c.config.Now().Before(c.rest) {
		return false, err
	}
	told, waiting, after, err := c.config.Books.ReplayDeliveries(ctx, asked, limit)
	if err != nil {
		return false, err
	}
	if len(told)+len(waiting) == 0 {
		c.config.Log.Info("a replay has ended", "sink", asked.Sink, "replay", asked.ID, "deliveries", asked.Done)
		return true, c.commit(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			return c.config.Books.EndReplay(ctx, tx, asked.ID)
		})
	}
	if c.target.Sink.Kind == graphwarden.Table {
		return true, c.put(ctx, told, func(ctx context.Context, tx graphwarden.Tx) error {
			return c.config.Books.AdvanceReplay(ctx, tx, after, told, nil, nil)
		})
	}
	r, err := c.round(ctx, told)
	if err != nil {
		return false, err
	}
	return true, c.settle(ctx, r, func(ctx context.Context, tx graphwarden.Tx) error {
		return c.config.Books.AdvanceReplay(ctx, tx, after, told, r.failed(), waiting)
	})
}

// errLost says that another process serves the sink now.
var errLost = errors.New("another process serves this sink now")

// commit runs f in one transaction, also when ctx has ended, provided that this
// process still serves the sink: what a process that has lost it found out would
// set back what another has done since.
func (c *courier) commit(ctx context.Context, f func(context.Context, graphwarden.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	return c.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		held, err := c.config.Store.Hold(ctx, tx, c.duty(), c.config.Holder, c.config.Span)
		if err != nil {
			return err
		}
		if !held {
			return errLost
		}
		return f(ctx, tx)
	})
}

// settle puts the outcome of a round on disk, together with the end of a sink
// whose receiver wants nothing any more.
func (c *courier) settle(ctx context.Context, r *round, keep func(context.Context, graphwarden.Tx) error) error {
	ended, recovered := c.judge(r.attempts)
	books, name := c.config.Books, c.target.Sink.Name
	err := c.commit(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if ended != "" {
			if err := books.DisableSink(ctx, tx, name, ended); err != nil {
				return err
			}
		}
		if err := keep(ctx, tx); err != nil {
			return err
		}
		taken, refused, reason := r.count()
		if err := books.NoteSink(ctx, tx, name, taken, refused, reason); err != nil {
			return err
		}
		if c.kept == nil || !c.rest.Equal(*c.kept) {
			if err := books.RestSink(ctx, tx, name, c.rest); err != nil {
				return err
			}
		}
		if err := books.NoteAttempts(ctx, tx, r.notes()); err != nil || !recovered {
			return err
		}
		return books.HurryDeliveries(ctx, tx, name)
	})
	if err != nil {
		return fmt.Errorf("accounting for %d attempts: %w", len(r.attempts), err)
	}
	rest := c.rest
	c.kept = &rest
	if ended != "" {
		c.config.Log.Error("the receiver wants nothing more; the sink is disabled until it is enabled or its URL changes", "sink", name, "reason", ended)
	}
	for i, a := range r.attempts {
		if a != nil && !a.over() && c.spent(r.after[i], a) {
			c.config.Log.Error("given up, it is a dead letter now", "sink", name, "delivery", r.after[i].ID, "reason", a.reason)
		}
	}
	return nil
}

// pause is how long to wait for something to do.
func (c *courier) pause(ctx context.Context, failed error) time.Duration {
	now := c.config.Now()
	if now.Before(c.rest) {
		return min(poll, c.rest.Sub(now))
	}
	if failed != nil {
		return c.dice.around(time.Second)
	}
	next, waits, err := c.config.Books.NextDelivery(ctx, c.target.Sink.Name)
	if err != nil || !waits {
		return poll
	}
	return min(poll, max(time.Millisecond, next.Sub(now)))
}
