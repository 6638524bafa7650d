package act_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

func TestAnEventIsMadeOnceForAKey(t *testing.T) {
	h := open(t, "")
	first := h.create("k1", "deal-17", plain("Review"))
	again := h.create("k1", "deal-17", plain("Review"))
	if first.ID != again.ID || first.Item != again.Item || first.Item == "" || first.Outcome.ETag == "" {
		t.Errorf("made %s of write %s, then %s of %s", first.Item, first.ID, again.Item, again.ID)
	}
	if at := first.Outcome.EndedAt; at.IsZero() || !at.Equal(again.Outcome.EndedAt) {
		t.Errorf("it ended %v, and afterwards %v", at, again.Outcome.EndedAt)
	}
	got := h.Ask(t, http.MethodGet, h.path("/events/"+first.Item), nil)
	if got["subject"] != "Review" || got["transactionId"] != first.Mark {
		t.Errorf("the event is %v", got)
	}
	if n := h.effects()["create"]; n != 1 {
		t.Errorf("%d events were made", n)
	}
	_, err := h.Create(t.Context(), act.Create{Target: h.to("k1"), Reference: "deal-17", Event: plain("Another")})
	if code(err) != "act.key_reused" {
		t.Errorf("another request with the same key gave %v", err)
	}
}

// TestTheEffectIsLookedForWhenTheAnswerIsLost cuts the connection after each kind of
// write has taken effect.
func TestTheEffectIsLookedForWhenTheAnswerIsLost(t *testing.T) {
	h := open(t, "")
	h.sky("POST /users/*/events", "after", 1)
	made := h.create("k1", "", plain("Review"))
	h.sky("PATCH /users/*/events/*", "after", 1)
	changed, err := h.Update(t.Context(), act.Update{Target: h.to("k2"), ID: made.Item, Change: json.RawMessage(`{"subject":"Second review"}`)})
	if err != nil || changed.Outcome.State != graphwarden.IntentDone || !changed.Outcome.Looked || !made.Outcome.Looked {
		t.Fatalf("changing gave %+v, %v", changed.Outcome, err)
	}
	h.sky("DELETE /users/*/events/*", "after", 1)
	deleted, err := h.Delete(t.Context(), act.Delete{Target: h.to("k3"), ID: made.Item})
	if err != nil || deleted.Outcome.State != graphwarden.IntentDone || !deleted.Outcome.Looked {
		t.Fatalf("deleting gave %+v, %v", deleted.Outcome, err)
	}
	if got := fmt.Sprint(h.effects()); got != "map[create:1 delete:1 update:1]" {
		t.Errorf("the effects are %s", got)
	}
}

func TestAWriteThatNeverArrivedIsRepeated(t *testing.T) {
	h := open(t, "")
	h.sky("POST /users/*/events", "before", 1)
	made := h.create("k1", "", plain("Review"))
	if made.Outcome.Looked || h.effects()["create"] != 1 {
		t.Errorf("made %+v, effects %v", made.Outcome, h.effects())
	}
}

func TestAConflictIsSettledAsTheFlowSays(t *testing.T) {
	for _, test := range []struct {
		policy  flow.Conflicts
		state   graphwarden.IntentState
		code    string
		subject string
		side    string
	}{
		{"", graphwarden.IntentRefused, "act.conflict", "In Outlook", "app"},
		{flow.RefuseConflicts, graphwarden.IntentRefused, "act.conflict", "In Outlook", "app"},
		{flow.MicrosoftWins, graphwarden.IntentLost, "<nil>", "In Outlook", "app"},
		{flow.AppWins, graphwarden.IntentDone, "<nil>", "By the app", "microsoft"},
	} {
		t.Run(string(test.policy), func(t *testing.T) {
			h := open(t, test.policy)
			made := h.create("k1", "", plain("Review"))
			h.Ask(t, http.MethodPatch, h.path("/events/"+made.Item), map[string]any{"subject": "In Outlook"})
			in, err := h.Update(t.Context(), act.Update{Target: h.to("k2"), ID: made.Item, Version: made.Outcome.ETag, Change: json.RawMessage(`{"subject":"By the app"}`)})
			if in.Outcome.State != test.state || code(err) != test.code {
				t.Fatalf("gave %+v, %v", in.Outcome, err)
			}
			if got := h.Ask(t, http.MethodGet, h.path("/events/"+made.Item), nil); got["subject"] != test.subject {
				t.Errorf("the event is %v", got["subject"])
			}
			loser, kept, err := h.Loser(t.Context(), in)
			lost := map[string]string{"app": "By the app", "microsoft": "In Outlook"}[test.side]
			var body struct{ Subject string }
			if err != nil || !kept || loser.Side != test.side || json.Unmarshal(loser.Body, &body) != nil || body.Subject != lost {
				t.Errorf("the version that lost is %+v, %v", loser, err)
			}
			if text := string(loser.Body); strings.Contains(text, "Graphwarden") || test.side == "app" && text != `{"subject":"By the app"}` {
				t.Errorf("of the version that lost is shown %s", text)
			}
			again, err := h.Write(t.Context(), "crm", in.ID)
			if at := in.Outcome.EndedAt; err != nil || at.IsZero() || !at.Equal(again.Outcome.EndedAt) {
				t.Errorf("it ended %v, and afterwards %v, %v", at, again.Outcome.EndedAt, err)
			}
		})
	}
}
