package deliver

import (
	"context"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Store runs a closure in one transaction, on disk when Update returns nil.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
}

// Sinks keeps the sinks and their places in the sequence of changes.
type Sinks interface {
	EnsureSink(ctx context.Context, tx graphwarden.Tx, sink graphwarden.Sink) error
	DisableSink(ctx context.Context, tx graphwarden.Tx, sink, reason string) error
	// FreshDeliveries gives what comes after the sink's cursor, in order. What waits
	// behind a failure of its item is kept and left out. upTo is 0 when nothing is
	// new.
	FreshDeliveries(ctx context.Context, tx graphwarden.Tx, sink string, limit int) (fresh []graphwarden.Delivery, upTo int64, err error)
	// AdvanceSink moves the cursor; what failed is kept to be tried again.
	AdvanceSink(ctx context.Context, tx graphwarden.Tx, sink string, upTo int64, failed []graphwarden.Delivery) error
}

// Failed keeps the deliveries that failed.
type Failed interface {
	// DueDeliveries gives what is to be tried again now, at most one for each item.
	DueDeliveries(ctx context.Context, sink string, limit int) ([]graphwarden.Delivery, error)
	Acknowledge(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error
	Postpone(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error
	NextDelivery(ctx context.Context, sink string) (time.Time, bool, error)
	// HurryDeliveries makes all of a sink due now.
	HurryDeliveries(ctx context.Context, tx graphwarden.Tx, sink string) error
}

// Doer sends a request; it follows no redirect.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}
