package notify

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

const (
	// sweepEvery is how often it is looked what a registration really has at
	// Microsoft, unless the KeeperConfig says otherwise: as often as feeds are read
	// that a subscription wakes, so that one which has ended without a word is missed
	// as soon as a change would be. A look costs a call for many subscriptions, their
	// feeds cost one each.
	sweepEvery = 15 * time.Minute
	// sweepAgain is when it is looked again after a look that did not succeed: what
	// has ended without a word is known by that look alone.
	sweepAgain = 30 * time.Second
	// doubtful is how long a subscription that nobody knows is left alone: it may be
	// about to be stored.
	doubtful = 10 * time.Minute
	// followEvery is how often it is looked which subscriptions another process keeps.
	followEvery = 30 * time.Second
)

// sweeps remembers when to look next at what a registration has, and since when a
// subscription that nobody knows has been seen.
type sweeps struct {
	mu       sync.Mutex
	next     map[string]time.Time
	suspects map[string]time.Time
}

// Follow keeps this process's knowledge of which mailboxes are woken, whoever
// keeps their subscriptions, until ctx ends. Every process runs it.
func (k *Keeper) Follow(ctx context.Context) error {
	for {
		stored, err := k.config.Subscriptions.Subscriptions(ctx, "")
		if err != nil && ctx.Err() == nil {
			k.config.Log.Error("reading the subscriptions", "reason", err)
		}
		k.mu.Lock()
		for _, s := range stored {
			if o := (owner{s.Flow, s.Mailbox.ID}); s.Address == k.config.Address && s.ExpiresAt.After(k.awake[o]) {
				k.awake[o] = s.ExpiresAt
			}
		}
		k.mu.Unlock()
		timer := time.NewTimer(followEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// probe asks our address as Microsoft would. An answer that is not right is only
// told: the address may be reached from outside and not from here.
func (k *Keeper) probe(ctx context.Context) {
	if k.config.Probe == nil {
		return
	}
	if err := k.config.Probe(ctx, k.config.Address); err != nil && ctx.Err() == nil {
		k.config.Log.Warn("asking our own notification address", "address", k.config.Address, "reason", err)
	}
}

// keeperOf is the house's flow that looks after the subscriptions of a flow's
// registration.
func keeperOf(f flow.Flow) flow.Flow {
	return flow.ForKeeper(graphwarden.Registration{Name: f.Registration, Tenant: f.Tenant})
}

// leave ends the subscription of a mailbox that has left its flow: at Microsoft,
// and then in the store. If we crash in between, it is ended again.
func (k *Keeper) leave(ctx context.Context, f flow.Flow, s graphwarden.Subscription) {
	o := owner{s.Flow, s.Mailbox.ID}
	if k.config.Now().Before(k.waiting(o)) {
		return
	}
	var err error
	if !f.People { // Part ended a person's own, while there was a token for it
		err = k.config.Source.Remove(ctx, keeperOf(f), s.ID)
	}
	if err == nil {
		err = k.forget(ctx, s)
	}
	k.settle(ctx, o, s.Mailbox, err)
}

func (k *Keeper) waiting(o owner) time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.waits[o].until
}

func (k *Keeper) forget(ctx context.Context, s graphwarden.Subscription) error {
	err := k.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return k.config.Marks.DeleteSubscription(ctx, tx, s.ID)
	})
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.awake, owner{s.Flow, s.Mailbox.ID})
	return err
}

// sweep compares what the registrations of some flows have at Microsoft with what
// is stored. What notifies our address and is not stored was made before a crash
// and is deleted; what is stored and not there has ended without a word, and is
// made anew in the next turn.
// It says when to look again, if that is before next.
func (k *Keeper) sweep(ctx context.Context, flows []flow.Flow, next time.Time) time.Time {
	done := map[string]bool{}
	for _, f := range flows {
		keeper := keeperOf(f)
		if f.People || done[keeper.Name] || len(f.Mailboxes) == 0 || ctx.Err() != nil {
			continue
		}
		if due := k.swept.due(keeper.Name); k.config.Now().Before(due) {
			next = earlier(next, due)
			continue
		}
		done[keeper.Name] = true
		wait, err := k.sweepOne(ctx, keeper, flows)
		if err != nil && ctx.Err() == nil {
			k.config.Log.Warn("comparing subscriptions with Microsoft's", "registration", f.Registration, "reason", err)
		}
		again := k.config.Now().Add(wait)
		k.swept.set(keeper.Name, again)
		next = earlier(next, again)
	}
	return next
}

func (s *sweeps) due(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next[name]
}

func (s *sweeps) set(name string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next[name] = at
}

func (k *Keeper) sweepOne(ctx context.Context, keeper flow.Flow, flows []flow.Flow) (wait time.Duration, err error) {
	before, err := k.config.Subscriptions.Subscriptions(ctx, "")
	if err != nil {
		return k.again(), err
	}
	owned, err := k.config.Source.Owned(ctx, keeper)
	if err != nil {
		return k.again(), err
	}
	after, err := k.config.Subscriptions.Subscriptions(ctx, "")
	if err != nil {
		return k.again(), err
	}
	wait = k.config.Sweep
	if err := k.endForsaken(ctx, keeper, owned, after); err != nil {
		return k.again(), err
	}
	for _, s := range owned {
		known := slices.ContainsFunc(after, func(o graphwarden.Subscription) bool { return o.ID == s.ID })
		if known || s.Address != k.config.Address || !s.ExpiresAt.After(k.config.Now()) {
			continue
		}
		if !k.swept.sure(s.ID, k.config.Now()) {
			wait = min(wait, doubtful)
		} else if err := k.config.Source.Remove(ctx, keeper, s.ID); err != nil {
			return k.again(), err
		}
	}
	for _, s := range before {
		there := slices.ContainsFunc(owned, func(o graphwarden.Subscription) bool { return o.ID == s.ID })
		of := slices.IndexFunc(flows, func(f flow.Flow) bool { return f.Name == s.Flow && keeperOf(f).Name == keeper.Name })
		if there || of < 0 || !s.ExpiresAt.After(k.config.Now()) {
			continue
		}
		k.config.Log.Warn("a subscription has ended without a word", "flow", s.Flow, "mailbox", s.Mailbox.UPN)
		if err := k.forget(ctx, s); err != nil {
			return k.again(), err
		}
		k.Wake()
	}
	return wait, nil
}

// again is when to look again after a look that did not succeed.
func (k *Keeper) again() time.Duration { return min(sweepAgain, k.config.Sweep) }

// sure says whether a subscription has been suspected for long enough.
func (s *sweeps) sure(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	since, known := s.suspects[id]
	if !known {
		s.suspects[id] = now
		return false
	}
	if now.Sub(since) < doubtful {
		return false
	}
	delete(s.suspects, id)
	return true
}
