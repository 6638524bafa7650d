package act_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// pass lets time go by at the gateway and at Microsoft.
func (h *house) pass(t *testing.T, d time.Duration) {
	t.Helper()
	d = max(d, time.Second)
	h.clock.advance(d)
	h.Ask(t, http.MethodPost, "/sim/clock", map[string]any{"advance": d.String()})
	h.waits++
}

// outcome waits for what becomes of a write that Microsoft's limits, as the gate
// keeps them, let happen later.
func (h *house) outcome(t *testing.T, in graphwarden.Intent) graphwarden.Intent {
	t.Helper()
	for tries := 0; in.Outcome.State == graphwarden.IntentOpen; tries++ {
		due, waits, err := h.rooms.Store.NextIntent(t.Context())
		if err != nil || !waits || tries == 1000 {
			t.Fatalf("the write %s is open, and due %v, %v, %v", in.ID, due, waits, err)
		}
		h.pass(t, due.Sub(h.clock.now()))
		if _, err := h.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		if in, err = h.Write(t.Context(), "crm", in.ID); err != nil {
			t.Fatal(err)
		}
	}
	return in
}

// outlook does something in Outlook's place, and waits when it is told to.
func (h *house) outlook(t *testing.T, method, path string, body any) int {
	t.Helper()
	for {
		w := h.request(t, method, path, body)
		if w.Code != http.StatusTooManyRequests {
			return w.Code
		}
		after, err := strconv.Atoi(w.Header().Get("Retry-After"))
		if err != nil {
			t.Fatalf("%s %s answered 429 and %q", method, path, w.Header())
		}
		h.pass(t, time.Duration(after)*time.Second)
	}
}
