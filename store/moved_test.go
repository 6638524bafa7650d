package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// moved gives a house whose sink failed to take the change of an event that was
// then moved to another calendar of its mailbox.
func moved(t *testing.T) (h house, failed graphwarden.Delivery, waiting []graphwarden.Delivery, upTo int64) {
	t.Helper()
	h, _ = withSink(t, event("a", "in the first calendar"))
	fresh, upTo := h.fresh(t, 10)
	failed = h.failing(fresh[0], time.Minute)
	h.advance(t, upTo, failed)
	h.ensure(t, calendar("c2"))
	second := h.lease(t, "w")
	if got := told(h.apply(t, &second, "e1", event("a", "in the second"))); len(got) != 1 || got[0] != "2 updated a" {
		t.Fatalf("the move is told as %v", got)
	}
	fresh, waiting, upTo = h.freshAndWaiting(t, 10)
	if len(fresh) != 0 || carried(waiting) != "2 a" {
		t.Fatalf("of a moved item %s goes ahead, and %s waits", carried(fresh), carried(waiting))
	}
	return h, failed, waiting, upTo
}

// TestAReceiversLastWordOfAMovedItemIsTheMove: what failed before the move is not
// told after it.
func TestAReceiversLastWordOfAMovedItemIsTheMove(t *testing.T) {
	h, failed, waiting, upTo := moved(t)
	h.advance(t, upTo, waiting...)
	if got := carried(h.due(t)); got != "" {
		t.Errorf("%s is due before its time", got)
	}
	h.clock.Advance(2 * time.Minute)
	if got := carried(h.due(t)); got != "1 a" {
		t.Fatalf("%s is due, want what came before the move", got)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Acknowledge(ctx, tx, failed) })
	if got := carried(h.due(t)); got != "2 a" {
		t.Errorf("%s is due, want the move", got)
	}
}

// TestATableHasAMovedItemOnce, where it is now.
func TestATableHasAMovedItemOnce(t *testing.T) {
	fileOnly(t) // the statements are the same; here the file can be read
	h, _ := withSink(t, event("a", "in the first calendar"))
	put := func(list ...graphwarden.Delivery) {
		for _, d := range list {
			h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
				return h.PutItems(ctx, tx, crm, []graphwarden.CalendarItem{{Delivery: d}})
			})
		}
	}
	before, upTo := h.fresh(t, 10)
	h.advance(t, upTo)
	put(before...)
	h.ensure(t, calendar("c2"))
	second := h.lease(t, "w")
	h.apply(t, &second, "e1", event("a", "in the second"))
	after, _ := h.fresh(t, 10)
	put(after...)
	put(before...) // a replay
	rows, err := raw(t, h.path).QueryContext(t.Context(), `SELECT calendar_id FROM calendar_items`)
	if got := lines(t, rows, err); got != "c2;\n\n" {
		t.Errorf("the table has the event in %q", got)
	}
}
