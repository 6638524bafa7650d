package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestWaitsOfSeveralProcessesAreContinuedAndForgotten(t *testing.T) {
	h := open(t)
	note := func(list ...graphwarden.Waiting) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.NoteWaiting(ctx, tx, list) })
	}
	now := h.clock.now
	wait := func(since, last time.Time, why graphwarden.Shortage) graphwarden.Waiting {
		return graphwarden.Waiting{App: "crm", Tenant: "contoso", Registration: "contoso/calendar", Mailbox: graphwarden.Mailbox{ID: "m1"}, Why: why, Since: since, Last: last}
	}
	note(wait(now.Add(-time.Minute), now, graphwarden.AskedToWait))
	note(wait(now.Add(-10*time.Second), now.Add(time.Second), graphwarden.ShortOfCalls)) // another process
	list, err := h.Waiting(t.Context(), now)
	if err != nil || len(list) != 1 || !list[0].Since.Equal(now.Add(-time.Minute)) || !list[0].Last.Equal(now.Add(time.Second)) || list[0].Why != graphwarden.ShortOfCalls {
		t.Errorf("it waits: %+v %v", list, err)
	}
	end := func(w graphwarden.Waiting) (left int) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.EndWaiting(ctx, tx, []graphwarden.Waiting{w})
		})
		list, err := h.Waiting(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if end(wait(now, now, graphwarden.AskedToWait)) != 1 {
		t.Error("what another process saw later is over")
	}
	if end(wait(now, now.Add(time.Second), graphwarden.AskedToWait)) != 0 {
		t.Error("what is over lasts")
	}
	note(wait(now, now.Add(time.Second), graphwarden.ShortOfCalls))
	if list, err = h.Waiting(t.Context(), now.Add(graphwarden.WaitingForgets+2*time.Second)); err != nil || len(list) != 0 {
		t.Errorf("it still waits: %+v %v", list, err)
	}
	h.clock.Advance(time.Hour)
	note()
	if list, err = h.Waiting(t.Context(), now); err != nil || len(list) != 0 {
		t.Errorf("it is not forgotten: %+v %v", list, err)
	}
}
