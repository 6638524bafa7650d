package act_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
)

// TestAnAnswerBehindAnotherIsGivenToo: two answers of the same kind to one invitation, the
// second asked for while the first waits. What the first has made must not pass for the
// effect of the second.
func TestAnAnswerBehindAnotherIsGivenToo(t *testing.T) {
	h := open(t, "")
	l := &loser{house: h, r: chance(t), want: map[string]int{}}
	l.ready(t)
	before := total(h.all())
	h.Ask(t, http.MethodPost, "/sim/faults", map[string]any{"seed": 1, "rules": []any{map[string]any{"match": "POST /users/*/events/*/accept", "status": 503}}})
	var ids []string
	for i := range 2 {
		in, err := h.Respond(t.Context(), act.Respond{Target: h.to(fmt.Sprint("key-", i)), ID: l.invited[0], Answer: "accept", Comment: fmt.Sprint("for the ", i)})
		if err != nil || in.Outcome.State != graphwarden.IntentOpen {
			t.Fatalf("answering gave %+v, %v", in.Outcome, err)
		}
		ids = append(ids, in.ID)
	}
	h.Ask(t, http.MethodPost, "/sim/faults", map[string]any{"seed": 1, "rules": []any{}})
	for range 4 {
		h.clock.advance(10 * time.Minute)
		if _, err := act.New(h.config).Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids {
		if in, err := h.Write(t.Context(), "crm", id); err != nil || in.Outcome.State != graphwarden.IntentDone {
			t.Errorf("the answer %s is %+v, %v", id, in.Outcome, err)
		}
	}
	if n := total(h.all()) - before; n != 2 {
		t.Errorf("two answers had %d effects", n)
	}
}
