package notice

import (
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Event is a lifecycle event of a subscription (graph-facts §4.5).
type Event string

// The lifecycle events.
const (
	ReauthorizationRequired Event = "reauthorizationRequired"
	SubscriptionRemoved     Event = "subscriptionRemoved"
	Missed                  Event = "missed"
)

// Raise sends a lifecycle event of a subscription, of all when id is empty, and
// does what the event says: a removed subscription is gone. It gives the number
// of subscriptions concerned.
func (b *Board) Raise(id string, e Event) (int, error) {
	if e != ReauthorizationRequired && e != SubscriptionRemoved && e != Missed {
		return 0, fmt.Errorf("there is no lifecycle event %q", e)
	}
	var letters []letter
	err := b.World.Update(func(tx *state.Tx) error {
		for key, s := range b.subscriptions.All(tx) {
			if id != "" && key != id || !s.Expires.After(tx.Now()) {
				continue
			}
			letters = append(letters, b.event(s, e))
			if e == SubscriptionRemoved {
				b.subscriptions.Delete(tx, key)
			}
		}
		return nil
	})
	n := len(letters)
	b.post(addressed(letters))
	return n, err
}

// remindWithin is how long before its end a subscription's owner is asked to
// reauthorize it: about every 15 minutes in the last hour (graph-facts §4.5).
const (
	remindWithin = time.Hour
	remindEvery  = 15 * time.Minute
)

// lifecycle drops expired subscriptions and asks for the reauthorization of
// those about to expire.
func (b *Board) lifecycle() {
	b.tend(func(tx *state.Tx) (letters []letter) {
		for id, s := range b.subscriptions.All(tx) {
			left := s.Expires.Sub(tx.Now())
			switch {
			case left <= 0:
				b.subscriptions.Delete(tx, id)
			case left <= remindWithin && s.Expires.Sub(s.Made) > remindWithin && tx.Now().Sub(s.Reminded) >= remindEvery && s.LifecycleURL != "":
				s.Reminded = tx.Now()
				b.subscriptions.Put(tx, id, s)
				letters = append(letters, b.event(s, ReauthorizationRequired))
			}
		}
		return letters
	})
}

// tend changes subscriptions and posts the lifecycle events that follow, once the
// change stands.
func (b *Board) tend(change func(*state.Tx) []letter) {
	var letters []letter
	err := b.World.Update(func(tx *state.Tx) error {
		letters = change(tx)
		return nil
	})
	if err != nil {
		b.Log.Error("subscriptions not looked after", "err", err)
		return
	}
	b.post(addressed(letters))
}

func (b *Board) event(s Subscription, e Event) letter {
	return letter{subscription: s.ID, app: s.AppID, url: s.LifecycleURL, item: world.Doc{
		"subscriptionId": s.ID, "subscriptionExpirationDateTime": instant(s.Expires), "tenantId": b.World.TenantID,
		"clientState": orNull(s.ClientState), "lifecycleEvent": string(e)}}
}

// addressed leaves out the letters of subscriptions that named no receiver of
// lifecycle events.
func addressed(letters []letter) []letter {
	var out []letter
	for _, l := range letters {
		if l.url != "" {
			out = append(out, l)
		}
	}
	return out
}
