package graphwarden

import (
	"net/netip"
	"slices"
	"time"
)

// AppKey is what an app shows to be let in. The key itself is known to the app
// only; ID names it to people and stands in the ledger.
type AppKey struct {
	ID        string
	App       string
	Note      string    // a word of whoever made it
	Flows     []string  // of the app's; none means all
	Write     bool      // it may change things, too
	MadeAt    time.Time // and the rest are zero for never
	ExpiresAt time.Time
	RevokedAt time.Time
	UsedAt    time.Time      // when it was last used, to the hour
	Replaces  string         // the key that it was made to follow, by ID
	Networks  []netip.Prefix // from where it is taken; none means from anywhere
}

// TakenFrom says whether the key is taken from an address; the zero address is nowhere.
func (k AppKey) TakenFrom(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return len(k.Networks) == 0 || slices.ContainsFunc(k.Networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// State says in a word how a key is at a time.
func (k AppKey) State(now time.Time) string {
	switch {
	case !k.RevokedAt.IsZero():
		return "revoked"
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return "expired"
	}
	return "active"
}
