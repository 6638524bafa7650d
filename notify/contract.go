package notify

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// Store runs a closure in one transaction, on disk when Update returns nil.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
}

// Marks knows where notifications belong, and keeps that a mailbox has news.
type Marks interface {
	SubscriptionByID(ctx context.Context, id string) (graphwarden.Subscription, bool, error)
	// MarkDirty marks all feeds of a mailbox in a flow and says how many.
	MarkDirty(ctx context.Context, tx graphwarden.Tx, flow, mailboxID string) (int, error)
	PutSubscription(ctx context.Context, tx graphwarden.Tx, s graphwarden.Subscription) error
	DeleteSubscription(ctx context.Context, tx graphwarden.Tx, id string) error
	// HastenSubscription has a subscription renewed at once.
	HastenSubscription(ctx context.Context, tx graphwarden.Tx, id string) error
}

// Subscriptions lists the stored subscriptions, "" meaning those of every flow.
type Subscriptions interface {
	Subscriptions(ctx context.Context, flow string) ([]graphwarden.Subscription, error)
	// ExtendSubscription stores a renewal of a subscription as it was read, unless
	// it is gone; if it was hastened meanwhile it stays due.
	ExtendSubscription(ctx context.Context, tx graphwarden.Tx, was graphwarden.Subscription, expires, renew time.Time) error
}

// Holds give a duty to one process of a cluster at a time, as store.Hold does.
type Holds interface {
	Hold(ctx context.Context, tx graphwarden.Tx, name, holder string, span time.Duration) (bool, error)
	LetGo(ctx context.Context, tx graphwarden.Tx, name, holder string) error
}

// Source makes and keeps subscriptions at Microsoft.
type Source interface {
	Subscribe(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, address, clientState string, until time.Time) (graphwarden.Subscription, error)
	Renew(ctx context.Context, f flow.Flow, s graphwarden.Subscription, until time.Time) (time.Time, error)
	Unsubscribe(ctx context.Context, f flow.Flow, s graphwarden.Subscription) error
	// Owned lists what a registration has at Microsoft, and Remove deletes of it.
	Owned(ctx context.Context, keeper flow.Flow) ([]graphwarden.Subscription, error)
	Remove(ctx context.Context, keeper flow.Flow, id string) error
}

// Roster knows the flows and their pinned mailboxes.
type Roster interface {
	Flows() []flow.Flow
	// Declares says whether the configuration has a flow, pinned or not.
	Declares(name string) bool
}

// Forsaken says which flows have feeds still.
type Forsaken interface {
	FeedMailboxes(ctx context.Context, flow string) ([]string, error)
}
