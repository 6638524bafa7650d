package act_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
)

// TestAWriteComesAboutSoonAfterAnOutage: after ten minutes without Microsoft a write is
// tried again within an eighth of that, not after as long again. Microsoft says how long
// to wait, so that the gate's own pause, which chance makes longer, is not what is measured.
func TestAWriteComesAboutSoonAfterAnOutage(t *testing.T) {
	h := open(t, "")
	h.Ask(t, http.MethodPost, "/sim/faults", map[string]any{"seed": 1, "rules": []any{map[string]any{"match": "* /users/*/events**", "status": 503, "retryAfter": 1}}})
	began := h.clock.now()
	in, err := h.Create(t.Context(), act.Create{Target: h.to("key"), Event: plain("late")})
	if err != nil || in.Outcome.State != graphwarden.IntentOpen {
		t.Fatalf("creating gave %+v, %v", in.Outcome, err)
	}
	next := func() time.Time {
		at, waits, err := h.config.Due.NextIntent(t.Context())
		if err != nil || !waits {
			t.Fatalf("nothing waits: %v", err)
		}
		return at
	}
	for h.clock.now().Sub(began) < 10*time.Minute {
		h.clock.advance(max(next().Sub(h.clock.now()), 0) + time.Millisecond)
		if _, err := act.New(h.config).Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if rest, age := next().Sub(h.clock.now()), h.clock.now().Sub(began); rest > age/8+time.Second {
		t.Errorf("after %s it rests %s", age, rest)
	}
}
