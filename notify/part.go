package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// Part ends the subscriptions of a flow on the mailbox of somebody who is about to
// leave it: at Microsoft, and then in the store. It is for mailboxes that nobody
// can speak for once they have left: people's own. If we crash in between, the
// subscription is missed by the next sweep and made anew, or ended again.
func (k *Keeper) Part(ctx context.Context, name, mailboxID string) error {
	flows := k.config.Roster.Flows()
	i := slices.IndexFunc(flows, func(f flow.Flow) bool { return f.Name == name })
	if i < 0 {
		return nil // it has no mailboxes yet
	}
	return k.alone(ctx, flows[i], graphwarden.Mailbox{ID: mailboxID}, parting, func() error { return k.part(ctx, flows[i], mailboxID) })
}

func (k *Keeper) part(ctx context.Context, f flow.Flow, mailboxID string) error {
	stored, err := k.config.Subscriptions.Subscriptions(ctx, f.Name)
	if err != nil {
		return fmt.Errorf("reading the subscriptions: %w", err)
	}
	var troubles []error
	for _, s := range stored {
		if s.Mailbox.ID != mailboxID {
			continue
		}
		o := owner{s.Flow, s.Mailbox.ID}
		err := k.config.Source.Unsubscribe(ctx, f, s)
		if err == nil {
			err = k.forget(ctx, s)
		}
		if err == nil {
			k.rest(o)
		}
		troubles = append(troubles, err)
	}
	return errors.Join(troubles...)
}

// Retry has the keeper look after a mailbox's subscription at once that it was waiting
// to try again; an attempt that is under way and fails does not put it off. It does not
// block.
func (k *Keeper) Retry(flow, mailboxID string) {
	k.mu.Lock()
	o := owner{flow, mailboxID}
	delete(k.waits, o)
	k.retried[o]++
	k.mu.Unlock()
	k.Wake()
}

// rest has no subscription made for a while of a mailbox that is about to leave.
func (k *Keeper) rest(o owner) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waits[o] = wait{until: k.config.Now().Add(shortestWait)}
}
