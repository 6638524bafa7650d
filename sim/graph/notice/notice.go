// Package notice simulates change notifications: the subscriptions of Microsoft
// Graph, the handshake that proves a receiver, and the sender that tells
// receivers of committed changes (graph-facts §4). It promises that a receiver
// hears only of what its subscription follows, and nothing before it was
// committed. Losing, doubling and delaying notifications is the weather's part.
package notice

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Weather decides what becomes of one notification: how many copies arrive (0:
// it is lost) and how late.
type Weather interface {
	Notification() (copies int, late time.Duration)
}

// Options say what a Board works with.
type Options struct {
	World *world.World
	// Client sends to receivers. It trusts whom the tenant's operator named.
	Client *http.Client
	// PlainHTTP admits receivers on http://127.0.0.1 and its like.
	PlainHTTP bool
	Weather   Weather
	// Render gives an item of a mailbox by its key as its owner sees it, for
	// notifications that carry the item itself.
	Render func(tx *state.Tx, mailbox, key string) (world.Doc, bool)
	// ID writes the id of an item of a mailbox, which the change log has by its
	// key, as a client that asked for immutable ids, or did not, knows it.
	ID func(item world.ItemID, immutable bool) string
	// Calendar finds the key of a mailbox's calendar by the id that a client has;
	// without an id it only says whether there is a mailbox.
	Calendar func(tx *state.Tx, mailbox, id string) (key string, err error)
	// Holds says whether whoever made a subscription may still follow its resource
	// by what is consented now; nil: always.
	Holds func(tx *state.Tx, s Subscription) bool
	// Token signs a validation token for an app: a JWT whose issuer is Entra and
	// whose azp is the change tracking service.
	Token func(appID string) (string, error)
	Log   *slog.Logger
}

// Board holds the tenant's subscriptions and sends their notifications.
type Board struct {
	Options
	subscriptions *state.Table[Subscription]
	byMailbox     *state.Index[Subscription]

	consents string // what was consented when subscriptions were last held to it; Run's alone

	mu    sync.Mutex
	queue []letter
	wake  chan struct{}
}

// New makes a board. It is called before the world is opened.
func New(o Options) *Board {
	b := &Board{Options: o, wake: make(chan struct{}, 1)}
	if b.Holds == nil {
		b.Holds = func(*state.Tx, Subscription) bool { return true }
	}
	b.subscriptions = state.NewTable[Subscription](o.World.Store, "subscriptions")
	b.byMailbox = state.NewIndex(b.subscriptions, func(s Subscription) []string { return []string{s.Target.followed()} })
	o.World.Watch(b.notice)
	o.World.Clock().OnMove(b.rouse)
	return b
}
