package notice

import (
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// patience is how long a subscription without permission is kept for a
// reauthorization. Documentation names no time; it is long enough for an
// administrator to consent again, and short enough to be seen.
const patience = 15 * time.Minute

// audit holds the subscriptions to what is consented now. One that lost its
// permission is paused and its owner asked to reauthorize it; if that does not
// happen it is removed (graph-facts §4.5, "on permission change"). One of a user
// who was disabled, deleted or signed out, or has another password, is removed at
// once (§4.5, causes).
func (b *Board) audit() {
	b.tend(func(tx *state.Tx) (letters []letter) {
		now := fmt.Sprint(b.World.Grants.Touched(tx), b.World.Consents.Touched(tx), b.World.Policies.Touched(tx), b.World.Assignments.Touched(tx), b.World.Scopes.Touched(tx))
		changed := now != b.consents
		b.consents = now
		for id, s := range b.subscriptions.All(tx) {
			switch {
			case s.User != "" && b.signedOut(tx, s), !s.Paused.IsZero() && tx.Now().Sub(s.Paused) >= patience:
				b.subscriptions.Delete(tx, id)
				letters = append(letters, b.event(s, SubscriptionRemoved))
			case (changed || s.User != "") && s.Paused.IsZero() && !b.Holds(tx, s):
				s.Paused = tx.Now()
				b.subscriptions.Put(tx, id, s)
				letters = append(letters, b.event(s, ReauthorizationRequired))
			}
		}
		return letters
	})
}

// signedOut says whether the sign-in that a subscription rests on is over.
func (b *Board) signedOut(tx *state.Tx, s Subscription) bool {
	user, ok := b.World.User(tx, s.User)
	password, _ := b.World.Passwords.Get(tx, s.User)
	return !ok || user.Doc["accountEnabled"] == false || b.World.SignInEnded(tx, user.ID, s.Made) || password.Changed.After(s.Made)
}
