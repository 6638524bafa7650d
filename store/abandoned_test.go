package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestAWriteOfADeadProcessIsKnownToBeLeft: whoever takes over what a dead process held
// must know that the write may have taken effect; one that was put off has not been sent.
func TestAWriteOfADeadProcessIsKnownToBeLeft(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, h *house){
		"freed": func(t *testing.T, h *house) {
			h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Free(ctx, tx, "one") })
		},
		"opened anew": func(t *testing.T, h *house) {
			if onServer() {
				t.Skip("others may be at it")
			}
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			h.Store = reopen(t, *h)
		},
		"run out": func(_ *testing.T, h *house) { h.clock.Advance(2 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			held, putOff := write(h, "a"), write(h, "b")
			held.Item, putOff.Item = "event-a", "event-b"
			h.put(t, held)
			kept, _ := h.put(t, putOff)
			h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.DeferIntent(ctx, tx, kept, tx.Now()) })
			leave(t, &h)
			got := map[string]bool{}
			for _, in := range h.leaseIntents(t, "two") {
				got[in.ID] = in.Abandoned
			}
			if len(got) != 2 || !got["wrt_a"] || got["wrt_b"] {
				t.Errorf("leased, and whether they were left: %v", got)
			}
		})
	}
}
