package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/store"
)

// TestUsesAreCountedOnceOutOfTheLedger: what is refused, closed or done by operators
// is no use, and what is counted is not counted again.
func TestUsesAreCountedOnceOutOfTheLedger(t *testing.T) {
	h := open(t)
	write := func(n int, change func(*graphwarden.Entry)) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			for i := range n {
				e := graphwarden.Entry{Kind: graphwarden.Decided, Call: fmt.Sprint(i), Tenant: "contoso", Flow: "office", Method: "GET", Path: "/v1.0/users/{mailbox}/events/{event}", Allowed: true}
				change(&e)
				if _, err := h.AppendEntry(ctx, tx, e, func(graphwarden.Entry) [32]byte { return [32]byte{} }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	first := h.clock.now.UTC().Truncate(time.Microsecond)
	write(3, func(*graphwarden.Entry) {})
	write(5, func(e *graphwarden.Entry) { e.Allowed = false })
	write(5, func(e *graphwarden.Entry) { e.Kind = graphwarden.Closed })
	write(1, func(e *graphwarden.Entry) { e.Kind, e.Flow = graphwarden.Acted, "" })
	write(1, func(e *graphwarden.Entry) { e.Tenant = "fabrikam" })
	want := graphwarden.Use{Tenant: "contoso", Flow: "office", Method: "GET", Path: "/v1.0/users/{mailbox}/events/{event}", First: first, Last: first, Calls: 3}
	for range 2 {
		if err := h.CountUses(t.Context()); err != nil {
			t.Fatal(err)
		}
		if list, err := h.Uses(t.Context(), "contoso"); err != nil || !slices.Equal(list, []graphwarden.Use{want}) {
			t.Errorf("%+v, %v, want %+v", list, err, want)
		}
	}
	h.clock.now = h.clock.now.Add(time.Hour)
	write(2, func(*graphwarden.Entry) {})
	want.Calls, want.Last = 5, first.Add(time.Hour)
	if err := h.CountUses(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, err := h.Uses(t.Context(), "contoso"); err != nil || !slices.Equal(list, []graphwarden.Use{want}) {
		t.Errorf("%+v, %v, want %+v", list, err, want)
	}
}

// TestACountThatIsCutGoesOn: whether a count came to the disk or not, the next one has
// each use once.
func TestACountThatIsCutGoesOn(t *testing.T) {
	for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
		plan := faulty.NewPlan(t, faulty.Cut{Step: "grants:count", At: at})
		h := open(t, func(o *store.Options) { o.Step = plan.Step })
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := h.AppendEntry(ctx, tx, graphwarden.Entry{Kind: graphwarden.Decided, Call: "1", Tenant: "contoso", Flow: "office", Method: "GET", Path: "/x", Allowed: true}, func(graphwarden.Entry) [32]byte { return [32]byte{} })
			return err
		})
		if err := h.CountUses(t.Context()); !errors.Is(err, faulty.ErrCut) {
			t.Fatalf("%s: %v, want the cut", at, err)
		}
		if err := h.CountUses(t.Context()); err != nil {
			t.Fatal(err)
		}
		if list, err := h.Uses(t.Context(), "contoso"); err != nil || len(list) != 1 || list[0].Calls != 1 {
			t.Errorf("%s: %+v, %v", at, list, err)
		}
	}
}

func TestSeenGrantsAreKeptAsTheyWerePutLast(t *testing.T) {
	h := open(t)
	now := h.clock.now.UTC().Truncate(time.Microsecond)
	put := graphwarden.GrantsSeen{Registration: "contoso/calendar", Tenant: "contoso", TriedAt: now, ReadAt: now, Held: []string{"application/Calendars.Read", "application/Mail.Read"},
		Beyond: []string{"application/Mail.Read"}, Missing: []string{}, Added: []string{"application/Mail.Read"}, Removed: []string{}, ChangedAt: now}
	for _, problem := range []string{"", "The reader may not."} {
		put.Problem = problem
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.PutGrantsSeen(ctx, tx, put) })
		list, err := h.GrantsSeen(t.Context())
		if err != nil || len(list) != 1 || fmt.Sprint(list[0]) != fmt.Sprint(put) {
			t.Errorf("%+v, %v, want %+v", list, err, put)
		}
	}
}
