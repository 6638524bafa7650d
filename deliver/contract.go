package deliver

import (
	"context"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Store runs a closure in one transaction, on disk when Update returns nil, and
// keeps duties.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	Hold(ctx context.Context, tx graphwarden.Tx, name, holder string, span time.Duration) (bool, error)
	LetGo(ctx context.Context, tx graphwarden.Tx, name, holder string) error
	Freed() <-chan struct{}
}

// Books keep where every sink stands.
type Books interface {
	Sinks
	Sequence
	Failed
	Outcomes
	Replays
}

// Sinks keeps the sinks.
type Sinks interface {
	EnsureSink(ctx context.Context, tx graphwarden.Tx, sink graphwarden.Sink) error
	RetireSinks(ctx context.Context, tx graphwarden.Tx, named []string) error
	DisableSink(ctx context.Context, tx graphwarden.Tx, sink, reason string) error
	// Hurries counts how often somebody asked for what failed to be tried at once.
	Hurries(ctx context.Context, sink string) (int64, error)
	NoteSink(ctx context.Context, tx graphwarden.Tx, sink string, taken, refused int, reason string) error
}

// Sequence is the changes, and each sink's place in them.
type Sequence interface {
	// FreshDeliveries gives what comes after the sink's cursor, in order; apart what
	// waits behind a failure of its item. upTo is 0 when nothing is new.
	FreshDeliveries(ctx context.Context, sink string, limit int) (fresh, waiting []graphwarden.Delivery, upTo int64, err error)
	// AdvanceSink moves the cursor; what failed and what waits is kept.
	AdvanceSink(ctx context.Context, tx graphwarden.Tx, sink string, upTo int64, kept []graphwarden.Delivery) error
	// PutItems brings a table in line with changes.
	PutItems(ctx context.Context, tx graphwarden.Tx, sink string, items []graphwarden.CalendarItem) error
}

// Failed are the deliveries that failed.
type Failed interface {
	// DueDeliveries gives what is to be tried again now, at most one for each item.
	DueDeliveries(ctx context.Context, sink string, limit int) ([]graphwarden.Delivery, error)
	NextDelivery(ctx context.Context, sink string) (time.Time, bool, error)
	// HurryDeliveries makes all of a sink due now.
	HurryDeliveries(ctx context.Context, tx graphwarden.Tx, sink string) error
}

// Outcomes keeps what came of deliveries that had failed before.
type Outcomes interface {
	Acknowledge(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error
	Postpone(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error
	// Bury makes a dead letter of a delivery.
	Bury(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error
	// RestSink keeps until when a receiver is left alone, for those who look.
	RestSink(ctx context.Context, tx graphwarden.Tx, sink string, until time.Time) error
	NoteAttempts(ctx context.Context, tx graphwarden.Tx, list []graphwarden.Attempt) error
}

// Replays keeps the replays and how far each has come.
type Replays interface {
	NextReplay(ctx context.Context, sink string) (graphwarden.Replay, bool, error)
	ReplayDeliveries(ctx context.Context, r graphwarden.Replay, limit int) (told, waiting []graphwarden.Delivery, after graphwarden.Replay, err error)
	AdvanceReplay(ctx context.Context, tx graphwarden.Tx, after graphwarden.Replay, told, failed, waiting []graphwarden.Delivery) error
	EndReplay(ctx context.Context, tx graphwarden.Tx, id int64) error
}

// Origins says of changes what they have to do with the writes of their flow, in the
// same order.
type Origins interface {
	Origins(ctx context.Context, flow string, list []graphwarden.Delivery) ([]graphwarden.Origin, error)
}

// Doer sends a request; it follows no redirect.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}
