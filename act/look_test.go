package act_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// look looks for what the app has made and the feed did not show, as the mirror does.
func (l *local) look(t *testing.T) {
	t.Helper()
	var held []graphwarden.Removal
	l.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		held, err = l.rooms.Store.LeaseRemovals(ctx, tx, "one", graphwarden.Busy{}, time.Minute, 10)
		return err
	})
	for _, r := range held {
		seen, err := l.rooms.Graph.Event(t.Context(), l.flow, r.Feed.Mailbox, r.Item)
		if err != nil {
			t.Fatal(err)
		}
		l.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			if seen.There {
				return l.rooms.Store.DeferRemoval(ctx, tx, r, tx.Now())
			}
			_, err := l.rooms.Store.SettleRemoval(ctx, tx, r, graphwarden.Gone, nil)
			return err
		})
	}
}
