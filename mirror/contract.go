package mirror

import (
	"context"
	"encoding/json"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Roster knows the flows and their pinned mailboxes.
type Roster interface {
	Flows() []flow.Flow
	Flow(name string) (flow.Flow, bool)
	// Declares says whether the configuration has a flow, pinned or not.
	Declares(name string) bool
}

// Source reads calendars out of Microsoft 365.
type Source interface {
	Calendars(ctx context.Context, f flow.Flow, m graphwarden.Mailbox) ([]graph.Calendar, error)
	Page(ctx context.Context, f flow.Flow, feed graphwarden.Feed) (graphwarden.Page, error)
	// Event looks for an event by its immutable id, wherever in the mailbox it is.
	Event(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (graph.Sight, error)
	HasCalendar(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (bool, error)
}

// Wakers knows which mailboxes have a subscription that wakes their feeds.
type Wakers interface {
	Awake(flow, mailboxID string) bool
}

// Store runs closures in one transaction each, on disk when the call returns nil.
// UpdateBulk lets interactive work go first. UpdateLater returns at once: the
// closure runs soon, with others, done is told when it is on disk, and a crash
// before loses it.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	UpdateBulk(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	UpdateLater(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error, done func(error))
}

// Feeds keeps the feeds, within transactions of a Store.
type Feeds interface {
	// EnsureFeed gives the feed of a flow, mailbox and resource, made if need be. A
	// changed window has it read anew.
	EnsureFeed(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed) (graphwarden.Feed, error)
	// DropFeed reports the items of a vanished calendar deleted and ends the feed.
	DropFeed(ctx context.Context, tx graphwarden.Tx, feedID int64) ([]graphwarden.Change, error)
	// LeaveFeed ends a feed whose mailbox has left its flow: what the app has not
	// received yet it does not receive any more.
	LeaveFeed(ctx context.Context, tx graphwarden.Tx, feedID int64) ([]graphwarden.Change, error)
	// HurryFeeds has every feed due now, but those that Microsoft asked to wait.
	HurryFeeds(ctx context.Context, tx graphwarden.Tx) error
}

// Standing says which feeds there are.
type Standing interface {
	// FeedMailboxes gives the ids of the mailboxes that have feeds of a flow.
	FeedMailboxes(ctx context.Context, flow string) ([]string, error)
	// ReadSince gives the ids of the mailboxes of which a feed of a flow was read to
	// its end after since.
	ReadSince(ctx context.Context, flow string, since time.Time) ([]string, error)
	// KeptFlows gives the flows that feeds or skipped mailboxes are kept of, and when
	// one was last read or tried.
	KeptFlows(ctx context.Context) (map[string]time.Time, error)
	// FeedsOf gives the feeds of a flow of one mailbox.
	FeedsOf(ctx context.Context, flow, mailbox string) ([]graphwarden.Feed, error)
}

// Rounds keeps what rounds bring, within transactions of a Store. A leased feed
// is read by its holder alone.
type Rounds interface {
	LeaseDueFeed(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration, busy graphwarden.Busy) (graphwarden.Feed, bool, error)
	// ApplyPage stores a page, its changes and the cursor that follows, and extends
	// the lease. It refuses with kind Conflict when the lease was lost.
	ApplyPage(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, page graphwarden.Page) ([]graphwarden.Change, error)
	// FinishRound ends a round and the lease. After a full read, items that were
	// not seen are reported deleted, or forgotten when outside says so.
	FinishRound(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, sweepAt time.Time, outside func(json.RawMessage) bool) ([]graphwarden.Change, error)
	// EmptyRound ends a round, and the lease, whose one page brought nothing and was
	// the last; the feed is not read from the start.
	EmptyRound(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, next graphwarden.Cursor, sweepAt time.Time) error
	// ResetFeed begins a full read; the lease is kept.
	ResetFeed(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed) error
	// DeferFeed ends the lease; the feed is not due before until.
	DeferFeed(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, until time.Time) error
	// TroubleFeed remembers why a feed could not be read, until a round ends well.
	TroubleFeed(ctx context.Context, tx graphwarden.Tx, feedID int64, code, say string) error
}

// Skips keeps which mailboxes are not read, and why.
type Skips interface {
	SkipMailbox(ctx context.Context, tx graphwarden.Tx, k graphwarden.Skipped) error
	UnskipMailbox(ctx context.Context, tx graphwarden.Tx, flow, mailbox string) error
	Skipped(ctx context.Context, flow string) ([]graphwarden.Skipped, error)
	UnskipFlow(ctx context.Context, tx graphwarden.Tx, flow string) error
}

// Removals keeps the items that a feed says are gone until somebody has looked.
type Removals interface {
	LeaseRemovals(ctx context.Context, tx graphwarden.Tx, holder string, busy graphwarden.Busy, span time.Duration, limit int) ([]graphwarden.Removal, error)
	DeferRemoval(ctx context.Context, tx graphwarden.Tx, r graphwarden.Removal, until time.Time) error
	// RereadCalendar has the feed of another calendar of a feed's mailbox read from
	// the start.
	RereadCalendar(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, resource string) error
	SettleRemoval(ctx context.Context, tx graphwarden.Tx, r graphwarden.Removal, v graphwarden.Verdict, told []byte) ([]graphwarden.Change, error)
}
