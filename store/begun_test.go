package store_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestAWriteIsBegunByWhoHoldsIt, in the attempt that it was given for, and by nobody who
// has slept over the end of a lease.
func TestAWriteIsBegunByWhoHoldsIt(t *testing.T) {
	h := open(t)
	first, _ := h.put(t, write(h, "a"))
	begin := func(in graphwarden.Intent) (mine bool) {
		t.Helper()
		in.Before = json.RawMessage(`{"unsent":true}`)
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			mine, err = h.BeginIntent(ctx, tx, in)
			return err
		})
		return mine
	}
	if !begin(first) {
		t.Error("who holds it may not begin it")
	}
	h.clock.Advance(2 * time.Minute)
	list := h.leaseIntents(t, "two")
	if len(list) != 1 || !list[0].Abandoned || string(list[0].Before) != `{"unsent":true}` {
		t.Fatalf("leased are %+v", list)
	}
	if begin(first) || !begin(list[0]) {
		t.Error("the lease is over, and who had it may begin it")
	}
	h.clock.Advance(2 * time.Minute)
	again := h.leaseIntents(t, "two")
	if begin(list[0]) || !begin(again[0]) {
		t.Error("the same process has it in another attempt, and the one before may begin it")
	}
	again[0].Outcome = graphwarden.Outcome{State: graphwarden.IntentDone}
	h.endIntent(t, again[0], nil)
	if begin(again[0]) {
		t.Error("it has an outcome")
	}
}
