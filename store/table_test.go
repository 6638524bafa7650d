package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestATableTakesChangesInAnyOrderAndKeepsTheLatest runs on both engines.
func TestATableTakesChangesInAnyOrderAndKeepsTheLatest(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("a", "2"), event("b", "1"))
	fresh, _ := h.fresh(t, 10)
	yes := true
	row := func(d graphwarden.Delivery, subject string, gone bool) graphwarden.CalendarItem {
		return graphwarden.CalendarItem{Delivery: d, Subject: subject, Gone: gone, AllDay: &yes, Start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Body: d.Change.Body}
	}
	put := func(rows ...graphwarden.CalendarItem) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.PutItems(ctx, tx, crm, rows) })
	}
	put(row(fresh[0], "one", false), row(fresh[1], "two", false), row(fresh[2], "", false))
	put(row(fresh[0], "one", false)) // told again
	put(row(fresh[0], "", true))     // an old deletion told again
	put(row(fresh[2], "", true))
	// A sink whose table is put away loses its rows and begins anew.
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.RetireSinks(ctx, tx, []string{"another"}) })
	if all, err := h.SinkStates(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("put away: %+v, %v", all, err)
	}
}
