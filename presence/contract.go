package presence

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
}

// Store runs a closure in one transaction, on disk when Update returns nil.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
}

// Calendars are the local copy of calendars, and what changes in it.
type Calendars interface {
	FeedItems(ctx context.Context, flow, mailbox string, each func(feed int64, mailbox, item string, body json.RawMessage) error) error
	FeedSights(ctx context.Context, flow string) ([]graphwarden.FeedSight, error)
	Skipped(ctx context.Context, flow string) ([]graphwarden.Skipped, error)
	ChangesAfter(ctx context.Context, flow string, seq int64, limit int) ([]graphwarden.Change, error)
	LastChange(ctx context.Context) (int64, error)
}

// Book keeps what is told of people.
type Book interface {
	PutPresence(ctx context.Context, tx graphwarden.Tx, list []graphwarden.Told) error
	PresenceAfter(ctx context.Context, seq int64, limit int) ([]graphwarden.Told, error)
}

// Microsoft answers what calendars do not say. It is asked only for flows that
// declare it.
type Microsoft interface {
	// Schedules gives the free and busy times of some people, asked for through the
	// mailbox of one.
	Schedules(ctx context.Context, f flow.Flow, through graphwarden.Mailbox, people []graphwarden.Mailbox, from, to time.Time) ([]graph.Schedule, error)
	Settings(ctx context.Context, f flow.Flow, m graphwarden.Mailbox) (graph.Settings, error)
	// Presences gives what Teams knows of some people.
	Presences(ctx context.Context, f flow.Flow, people []graphwarden.Mailbox) ([]graph.Presence, error)
}

// Plan is what the configuration says of a presence flow.
type Plan struct {
	Flow     string
	Zone     string // of mailboxes that do not say theirs; "" is none
	Subjects bool   // tell what items are about that are not private
	Wants    flow.PresenceWants
	// Permissions are those by which each source is read.
	Permissions map[Source]string
}
