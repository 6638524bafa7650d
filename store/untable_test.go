package store_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// tabled puts what the sink has not been told into its table, and gives which items
// are there then.
func (h house) tabled(t *testing.T) string {
	t.Helper()
	fresh, upTo := h.fresh(t, 10)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, d := range fresh {
			row := graphwarden.CalendarItem{Delivery: d, Gone: d.Change.Kind == graphwarden.Deleted}
			if err := h.PutItems(ctx, tx, crm, []graphwarden.CalendarItem{row}); err != nil {
				return err
			}
		}
		return h.AdvanceSink(ctx, tx, crm, upTo, nil)
	})
	rows, err := raw(t, h.path).QueryContext(t.Context(), `SELECT item_id FROM calendar_items ORDER BY item_id`)
	return strings.ReplaceAll(strings.TrimSpace(lines(t, rows, err)), "\n", "")
}

// TestATableHasNothingThatLeftTheWindow: nobody hears any more of an event that was
// moved out of it, or that time has carried out, so it may be deleted unseen.
func TestATableHasNothingThatLeftTheWindow(t *testing.T) {
	fileOnly(t) // the statements are the same; here the file can be read
	for _, told := range []string{"", `{"far":1}`} {
		h, feed := withSink(t, event("a", "moved"), event("b", "past"), event("c", "now"))
		if got := h.tabled(t); got != "a;b;c;" {
			t.Fatalf("the table has %q", got)
		}
		feed.Doubted = true
		h.apply(t, feed, "d2", removed("a"))
		h.settle(t, h.held(t)[0], graphwarden.Left, told)
		if got := h.tabled(t); got != "b;c;" {
			t.Errorf("told %q of an event that was moved out of the window, the table has %q", told, got)
		}
		h.finish(t, *feed, nil)
		later := calendar("c1")
		later.Window.Start, later.Window.End = later.Window.Start.AddDate(0, 1, 0), later.Window.End.AddDate(0, 1, 0)
		h.ensure(t, later)
		again := h.lease(t, "w")
		h.apply(t, &again, "e1", event("c", "now"))
		h.finish(t, again, func(body json.RawMessage) bool { return strings.Contains(string(body), "past") })
		if got := h.tabled(t); got != "c;" {
			t.Errorf("with its window moved, the table has %q", got)
		}
	}
}
