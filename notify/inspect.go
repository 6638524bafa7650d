package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// again is how soon Microsoft's list is looked at once more when it holds a
// subscription that is not stored: it may be one that is just being made.
const again = time.Minute

// registration is what a list of subscriptions belongs to.
type registration struct{ tenant, name string }

// inspect holds what is stored against what Microsoft has, once at the start and
// then at long intervals. A stored subscription that Microsoft does not have wakes
// nothing: the word of its removal was lost. It is forgotten with a mark, so that
// another is made and what changed meanwhile is read. One that Microsoft has and
// nobody stored, because a process died in between, is deleted.
func (k *Keeper) inspect(ctx context.Context) {
	if k.config.Inspect == 0 || k.config.Now().Before(k.inspectAt) {
		return
	}
	k.inspectAt = k.config.Now().Add(k.config.Inspect)
	inspected := map[registration]bool{}
	for _, f := range k.config.Roster.Flows() {
		r := registration{f.Tenant, f.Registration}
		if inspected[r] || ctx.Err() != nil {
			continue
		}
		inspected[r] = true
		if err := k.compare(ctx, f, r); err != nil && ctx.Err() == nil {
			k.config.Log.Warn("holding the subscriptions against Microsoft's", "tenant", f.Tenant, "registration", f.Registration, "reason", err)
			k.inspectAt = earlier(k.inspectAt, k.config.Now().Add(again))
		}
	}
}

// compare inspects the subscriptions of one registration. What is stored is read
// before and after the list, so that what is made or ended meanwhile counts as
// neither lost nor left over.
func (k *Keeper) compare(ctx context.Context, f flow.Flow, r registration) error {
	before, err := k.storedFor(ctx, r)
	if err != nil {
		return err
	}
	live, err := k.config.Source.Subscriptions(ctx, f)
	if err != nil {
		return err
	}
	after, err := k.storedFor(ctx, r)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, s := range live {
		there[s.ID] = true
		if _, known := after[s.ID]; !known && s.Address == k.config.Address {
			k.leftOver(ctx, r, s)
		}
	}
	for id, s := range before {
		if _, still := after[id]; still && !there[id] {
			if err := k.lost(ctx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// storedFor gives the stored subscriptions of a registration's flows, by id.
func (k *Keeper) storedFor(ctx context.Context, r registration) (map[string]graphwarden.Subscription, error) {
	of := map[string]bool{}
	for _, f := range k.config.Roster.Flows() {
		of[f.Name] = registration{f.Tenant, f.Registration} == r
	}
	all, err := k.config.Subscriptions.Subscriptions(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("reading the subscriptions: %w", err)
	}
	found := map[string]graphwarden.Subscription{}
	for _, s := range all {
		if of[s.Flow] {
			found[s.ID] = s
		}
	}
	return found, nil
}

// lost forgets a subscription that Microsoft does not have, and marks its mailbox.
func (k *Keeper) lost(ctx context.Context, s graphwarden.Subscription) error {
	k.config.Log.Warn("Microsoft no longer has a subscription and did not say so", "flow", s.Flow, "mailbox", s.Mailbox.UPN)
	err := k.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := k.config.Marks.DeleteSubscription(ctx, tx, s.ID); err != nil {
			return err
		}
		tx.AfterCommit(k.config.Marked)
		_, err := k.config.Marks.MarkDirty(ctx, tx, s.Flow, s.Mailbox.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("forgetting the subscription of %s: %w", s.Mailbox.UPN, err)
	}
	return nil
}

// leftOver deletes a subscription that nobody stored, at the second sight of it. One
// of a mailbox that is in none of the registration's flows is left to expire.
func (k *Keeper) leftOver(ctx context.Context, r registration, s graphwarden.Subscription) {
	if seen := k.strangers[s.ID]; seen.IsZero() || k.config.Now().Sub(seen) < again {
		if seen.IsZero() {
			k.strangers[s.ID] = k.config.Now()
		}
		k.inspectAt = earlier(k.inspectAt, k.strangers[s.ID].Add(again))
		return
	}
	for _, f := range k.config.Roster.Flows() {
		for _, m := range f.Mailboxes {
			if (registration{f.Tenant, f.Registration}) != r || !strings.Contains(s.Resource, m.ID) {
				continue
			}
			s.Mailbox = m
			if err := k.config.Source.Unsubscribe(ctx, f, s); err != nil {
				k.config.Log.Warn("deleting a subscription that nobody knows", "flow", f.Name, "mailbox", m.UPN, "reason", err)
				return
			}
			delete(k.strangers, s.ID)
			return
		}
	}
}
