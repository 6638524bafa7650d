package act

import (
	"context"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

const (
	// sweep is how often what is due is looked for when nothing wakes.
	sweep = 15 * time.Second
	// resumedAtOnce is how many writes are resumed at once.
	resumedAtOnce = 8
	// forgetEvery is how often old writes are forgotten.
	forgetEvery = time.Hour
)

// Run resumes writes that have no outcome, of this process or of one that died,
// until ctx ends. Each is leased, so that any number of processes may run it.
func (a *Act) Run(ctx context.Context) error {
	forget := a.config.Now()
	for ctx.Err() == nil {
		more, err := a.Resume(ctx)
		if err != nil && ctx.Err() == nil {
			a.config.Log.Error("resuming writes", "reason", err)
		}
		if now := a.config.Now(); !now.Before(forget) {
			forget = now.Add(forgetEvery)
			a.forget(ctx)
		}
		if more && err == nil {
			continue
		}
		timer := time.NewTimer(a.pause(ctx))
		select {
		case <-a.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// pause is how long it is until the next write is due.
func (a *Act) pause(ctx context.Context) time.Duration {
	due, ok, err := a.config.Due.NextIntent(ctx)
	if err != nil || !ok {
		return sweep
	}
	return min(sweep, max(10*time.Millisecond, due.Sub(a.config.Now())))
}

// Resume tries the writes that are due, and says whether there were any.
func (a *Act) Resume(ctx context.Context) (any bool, err error) {
	next, waits, err := a.config.Due.NextIntent(ctx)
	if err != nil || !waits || next.After(a.config.Now()) {
		return false, err // an idle server writes nothing
	}
	var due []graphwarden.Intent
	err = a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		due, err = a.config.Due.LeaseIntents(ctx, tx, a.config.Holder, lease, resumedAtOnce)
		return err
	})
	if err != nil || len(due) == 0 {
		return false, err
	}
	flows := map[string]flow.Flow{}
	for _, f := range a.config.Roster.Flows() {
		flows[f.Name] = f
	}
	var all sync.WaitGroup
	for _, in := range due {
		all.Go(func() { a.resume(ctx, flows[in.Flow], in) })
	}
	all.Wait()
	return true, nil
}

func (a *Act) resume(ctx context.Context, f flow.Flow, in graphwarden.Intent) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var err error
	if f.Name == "" || !f.Mailboxes.Holds(in.Mailbox.ID) {
		err = a.stranded(ctx, in)
	} else {
		_, err = a.perform(ctx, f, in, nil)
	}
	if err != nil && ctx.Err() == nil {
		a.config.Log.Warn("a write that was resumed", "write", in.ID, "reason", err)
	}
}

// stranded is a write whose flow, or whose mailbox in it, is no more: it may not even
// be looked for.
func (a *Act) stranded(ctx context.Context, in graphwarden.Intent) error {
	if a.config.Now().Sub(in.MadeAt) < time.Hour { // the mailbox may not be pinned yet
		_, err := a.later(ctx, in, errStranded)
		return err
	}
	in.Outcome = givenUp(in, "The flow no longer writes into the mailbox")
	_, err := a.end(ctx, in, nil)
	return err
}

func (a *Act) forget(ctx context.Context) {
	now := a.config.Now()
	a.under.forget(now)
	for n := 1; n > 0 && ctx.Err() == nil; {
		err := a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			if n, err = a.config.Due.ForgetIntents(ctx, tx, now.Add(-Kept), now.Add(-LosersKept), 500); err != nil {
				return err
			}
			m, err := a.config.Uploads.ForgetUploads(ctx, tx, 10)
			n += m
			return err
		})
		if err != nil {
			a.config.Log.Error("forgetting old writes", "reason", err)
			return
		}
	}
}
