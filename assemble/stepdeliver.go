package assemble

import (
	"context"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
)

type steppedBooks struct{ deliver.Books }

func (s steppedBooks) EnsureSink(ctx context.Context, tx graphwarden.Tx, sink graphwarden.Sink) error {
	tx.Step("deliver:sink")
	return s.Books.EnsureSink(ctx, tx, sink)
}

func (s steppedBooks) RetireSinks(ctx context.Context, tx graphwarden.Tx, named []string) error {
	tx.Step("deliver:retire")
	return s.Books.RetireSinks(ctx, tx, named)
}

func (s steppedBooks) DisableSink(ctx context.Context, tx graphwarden.Tx, sink, reason string) error {
	tx.Step("deliver:disable")
	return s.Books.DisableSink(ctx, tx, sink, reason)
}

func (s steppedBooks) AdvanceSink(ctx context.Context, tx graphwarden.Tx, sink string, upTo int64, kept []graphwarden.Delivery) error {
	tx.Step("deliver:settle")
	return s.Books.AdvanceSink(ctx, tx, sink, upTo, kept)
}

func (s steppedBooks) Acknowledge(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error {
	tx.Step("deliver:acknowledge")
	return s.Books.Acknowledge(ctx, tx, d)
}

func (s steppedBooks) Postpone(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error {
	tx.Step("deliver:postpone")
	return s.Books.Postpone(ctx, tx, d)
}

func (s steppedBooks) HurryDeliveries(ctx context.Context, tx graphwarden.Tx, sink string) error {
	tx.Step("deliver:hurry")
	return s.Books.HurryDeliveries(ctx, tx, sink)
}

func (s steppedBooks) Bury(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error {
	tx.Step("deliver:bury")
	return s.Books.Bury(ctx, tx, d)
}

func (s steppedBooks) NoteAttempts(ctx context.Context, tx graphwarden.Tx, list []graphwarden.Attempt) error {
	if len(list) > 0 {
		tx.Step("deliver:note")
	}
	return s.Books.NoteAttempts(ctx, tx, list)
}

func (s steppedBooks) PutItems(ctx context.Context, tx graphwarden.Tx, sink string, items []graphwarden.CalendarItem) error {
	tx.Step("deliver:put")
	return s.Books.PutItems(ctx, tx, sink, items)
}

func (s steppedBooks) AdvanceReplay(ctx context.Context, tx graphwarden.Tx, after graphwarden.Replay, told, failed, waiting []graphwarden.Delivery) error {
	tx.Step("deliver:told")
	return s.Books.AdvanceReplay(ctx, tx, after, told, failed, waiting)
}

func (s steppedBooks) EndReplay(ctx context.Context, tx graphwarden.Tx, id int64) error {
	tx.Step("deliver:replayed")
	return s.Books.EndReplay(ctx, tx, id)
}

// steppedShelf names what operators do.
type steppedShelf struct{ deliver.Shelf }

func (s steppedShelf) EnableSink(ctx context.Context, tx graphwarden.Tx, sink string) error {
	tx.Step("deliver:enable")
	return s.Shelf.EnableSink(ctx, tx, sink)
}

func (s steppedShelf) BeginReplay(ctx context.Context, tx graphwarden.Tx, r graphwarden.Replay) (graphwarden.Replay, error) {
	tx.Step("deliver:replay")
	return s.Shelf.BeginReplay(ctx, tx, r)
}
