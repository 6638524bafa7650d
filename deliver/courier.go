package deliver

import (
	"context"
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
	// manyDeclined is how many deliveries in a row a receiver may decline before it
	// counts as down: then the trouble is not with the items.
	manyDeclined = 10
	// longDown is how often a receiver was found down before what it declined is
	// hurried when it takes something again.
	longDown = 5

	// Waits of a delivery that was declined, doubled each time. It is tried for as
	// long as the sink exists; Standard Webhooks asks for some days.
	shortestDeclined = 5 * time.Second
	longestDeclined  = 4 * time.Hour
	// Waits of a receiver that is down, doubled each time.
	shortestDown = time.Second
	longestDown  = time.Minute
)

// courier serves one sink. While its receiver is down, one delivery that failed
// and a new one are tried now and then; the others wait without counting attempts.
type courier struct {
	config Config
	target Target
	dice   *dice
	wake   chan struct{}

	strikes  int       // how often in a row the receiver was found down
	declined int       // how many deliveries in a row were declined
	rest     time.Time // nothing is sent before
}

func (c *courier) run(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := c.step(ctx)
		if err != nil && ctx.Err() == nil {
			c.config.Log.Error("delivering", "sink", c.target.Sink.Name, "reason", err)
		}
		if more && err == nil {
			continue
		}
		timer := time.NewTimer(c.pause(ctx))
		select {
		case <-c.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// step makes the attempts that can be made now, and says whether there may be
// more to do at once.
func (c *courier) step(ctx context.Context) (more bool, err error) {
	if c.config.Now().Before(c.rest) {
		return false, nil
	}
	limit := batch
	if c.strikes > 0 {
		limit = 1
	}
	due, err := c.config.Failed.DueDeliveries(ctx, c.target.Sink.Name, limit)
	if err != nil {
		return false, err
	}
	if len(due) > 0 {
		if err := c.repeat(ctx, due); err != nil {
			return false, err
		}
	}
	fresh, err := c.begin(ctx, limit)
	return fresh || len(due) > 0, err
}

// begin attempts what is new, and moves the sink's cursor past it. Until that is
// on disk nothing counts as delivered: a crash sends it again.
func (c *courier) begin(ctx context.Context, limit int) (any bool, err error) {
	var fresh []graphwarden.Delivery
	var upTo int64
	name := c.target.Sink.Name
	err = c.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		fresh, upTo, err = c.config.Sinks.FreshDeliveries(ctx, tx, name, limit)
		return err
	})
	if err != nil || upTo == 0 {
		return false, err
	}
	attempts := c.attempt(ctx, fresh)
	var failed []graphwarden.Delivery
	for i, a := range attempts {
		if a == nil || a.outcome != taken {
			failed = append(failed, c.after(fresh[i], a))
		}
	}
	return true, c.settle(ctx, attempts, func(ctx context.Context, tx graphwarden.Tx) error {
		return c.config.Sinks.AdvanceSink(ctx, tx, name, upTo, failed)
	})
}

// repeat attempts again what failed before.
func (c *courier) repeat(ctx context.Context, due []graphwarden.Delivery) error {
	attempts := c.attempt(ctx, due)
	return c.settle(ctx, attempts, func(ctx context.Context, tx graphwarden.Tx) error {
		for i, a := range attempts {
			var err error
			switch {
			case a == nil: // not attempted, so it stays as it was
			case a.outcome == taken:
				err = c.config.Failed.Acknowledge(ctx, tx, due[i])
			default:
				err = c.config.Failed.Postpone(ctx, tx, c.after(due[i], a))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// after gives a delivery as it is kept after an attempt that did not bring it
// over, nil for none. What found the receiver down is due at once, because the
// receiver's rest holds it back already, and behind what is due longer.
func (c *courier) after(d graphwarden.Delivery, a *attempt) graphwarden.Delivery {
	d.DueAt = c.config.Now()
	if a == nil {
		return d
	}
	d.Attempt++
	d.Reason = a.reason
	if a.outcome == declined {
		d.DueAt = d.DueAt.Add(c.dice.around(doubled(shortestDeclined, longestDeclined, d.Attempt-1)))
	}
	return d
}

// settle puts the outcome of attempts on disk, also when ctx has ended, together
// with the end of a sink whose receiver wants nothing any more.
func (c *courier) settle(ctx context.Context, attempts []*attempt, keep func(context.Context, graphwarden.Tx) error) error {
	ended, recovered := c.judge(attempts)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	err := c.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if ended != "" {
			if err := c.config.Sinks.DisableSink(ctx, tx, c.target.Sink.Name, ended); err != nil {
				return err
			}
		}
		if err := keep(ctx, tx); err != nil || !recovered {
			return err
		}
		return c.config.Failed.HurryDeliveries(ctx, tx, c.target.Sink.Name)
	})
	if err != nil {
		return fmt.Errorf("accounting for %d attempts: %w", len(attempts), err)
	}
	if ended != "" {
		c.config.Log.Error("the receiver wants nothing more", "sink", c.target.Sink.Name, "reason", ended)
	}
	return nil
}

// judge learns from some attempts how the receiver is: the reason why it wants
// nothing any more, if it said so, and whether it is back after a while.
func (c *courier) judge(attempts []*attempt) (ended string, recovered bool) {
	var wait time.Duration
	silent := false
	for _, a := range attempts {
		switch {
		case a == nil:
		case a.outcome == taken:
			recovered = recovered || c.strikes >= longDown
			c.strikes, c.declined = 0, 0
		case a.outcome == declined:
			c.declined++
		case a.outcome == down:
			silent, wait = true, max(wait, a.wait)
		case a.outcome == gone:
			ended = a.reason
		}
	}
	if silent || c.declined >= manyDeclined {
		pause := c.dice.around(doubled(shortestDown, longestDown, c.strikes))
		c.strikes++
		c.rest = c.config.Now().Add(max(wait, pause))
	}
	return ended, recovered
}

// pause is how long to wait for something to do.
func (c *courier) pause(ctx context.Context) time.Duration {
	now := c.config.Now()
	if now.Before(c.rest) {
		return c.rest.Sub(now)
	}
	next, waits, err := c.config.Failed.NextDelivery(ctx, c.target.Sink.Name)
	if err != nil || !waits {
		return poll
	}
	return min(poll, max(time.Millisecond, next.Sub(now)))
}

// doubled gives shortest times two to the power of n, longest at most.
func doubled(shortest, longest time.Duration, n int) time.Duration {
	return min(shortest<<min(n, 20), longest)
}
