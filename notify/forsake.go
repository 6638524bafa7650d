package notify

import (
	"context"
	"slices"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// endForsaken ends the subscriptions of a registration that belong to flows which
// the configuration no longer has and nobody reads: at Microsoft, and then in the
// store. If we crash in between, a row stays that wakes nothing, until it lapses.
func (k *Keeper) endForsaken(ctx context.Context, keeper flow.Flow, owned, stored []graphwarden.Subscription) error {
	read := map[string]bool{} // by flow: somebody reads it still
	for _, s := range stored {
		there := slices.ContainsFunc(owned, func(o graphwarden.Subscription) bool { return o.ID == s.ID })
		if !there || k.config.Roster.Declares(s.Flow) || k.config.Feeds == nil {
			continue
		}
		if _, asked := read[s.Flow]; !asked {
			mailboxes, err := k.config.Feeds.FeedMailboxes(ctx, s.Flow)
			if err != nil {
				return err
			}
			read[s.Flow] = len(mailboxes) > 0
		}
		if read[s.Flow] {
			continue
		}
		if err := k.config.Source.Remove(ctx, keeper, s.ID); err != nil {
			return err
		}
		if err := k.forget(ctx, s); err != nil {
			return err
		}
		k.config.Log.Info("a subscription of a flow that is no longer in the configuration has ended", "flow", s.Flow, "mailbox", s.Mailbox.UPN)
	}
	return nil
}

// lapsing is what the schedule of looks calls the look for what has lapsed.
const lapsing = "lapsed"

// forgetLapsed forgets the subscriptions of such flows that have lapsed: nobody
// may be left to end them at Microsoft.
func (k *Keeper) forgetLapsed(ctx context.Context) {
	if k.config.Now().Before(k.swept.due(lapsing)) {
		return
	}
	k.swept.set(lapsing, k.config.Now().Add(sweepEvery))
	stored, err := k.config.Subscriptions.Subscriptions(ctx, "")
	for _, s := range stored {
		if err == nil && !k.config.Roster.Declares(s.Flow) && !s.ExpiresAt.After(k.config.Now()) {
			err = k.forget(ctx, s)
		}
	}
	if err != nil && ctx.Err() == nil {
		k.config.Log.Error("forgetting subscriptions that have lapsed", "reason", err)
	}
}
