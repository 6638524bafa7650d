package act_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

// TestAQuestionForATimeSaysWhatIsWrongWithIt: an end before the start is told apart from a
// time that is too long.
func TestAQuestionForATimeSaysWhatIsWrongWithIt(t *testing.T) {
	h := open(t, "")
	at := h.to("")
	for end, says := range map[string]string{"2027-03-01T08:00:00": "later than the start", "2027-02-28T08:00:00": "later than the start", "2027-05-02T08:00:01": "less at once"} {
		_, err := h.Schedule(t.Context(), act.Schedule{App: at.App, Tenant: at.Tenant, People: []string{at.Mailbox},
			Start: json.RawMessage(`{"dateTime":"2027-03-01T08:00:00","timeZone":"UTC"}`), End: json.RawMessage(`{"dateTime":"` + end + `","timeZone":"UTC"}`)})
		var no *graphwarden.Refusal
		if !errors.As(err, &no) || no.Code != "act.times" || no.Field != "end" || !strings.Contains(no.Do, says) {
			t.Errorf("until %s: %v", end, err)
		}
	}
}

// TestWhoseMailboxIsMissingIsInvited: where the flows are for people who sign in, the remedy is
// a sign-in, and else a mailbox in the configuration.
func TestWhoseMailboxIsMissingIsInvited(t *testing.T) {
	h := open(t, "")
	people := h.flow
	people.People = true
	for says, flows := range map[string]roster{"sign in": {people}, "mailboxes or groups": {people, h.flow}} {
		config := h.config
		config.Roster = flows
		to := h.to("")
		to.Mailbox = "stranger@contoso.example"
		_, err := act.New(config).Create(t.Context(), act.Create{Target: to, Event: plain("Review")})
		var no *graphwarden.Refusal
		if !errors.As(err, &no) || no.Code != "act.mailbox" || !strings.Contains(no.Do, says) {
			t.Errorf("%d flows: %v", len(flows), err)
		}
	}
}

// TestACalendarOfAnotherMailboxIsNotThere: who names it is told what can be wrong with the id.
func TestACalendarOfAnotherMailboxIsNotThere(t *testing.T) {
	h := open(t, "")
	calendars := h.Ask(t, http.MethodGet, "/v1.0/users/"+h.flow.Mailboxes[1].ID+"/calendars", nil)["value"].([]any)
	_, err := h.Create(t.Context(), act.Create{Target: h.to(""), Calendar: calendars[0].(map[string]any)["id"].(string), Event: plain("Review")})
	var no *graphwarden.Refusal
	if !errors.As(err, &no) || no.Code != "graph.item_unknown" || no.Field != "calendar" || !strings.Contains(no.Do, "another mailbox") {
		t.Errorf("it is told %v", err)
	}
}

// TestAPresenceFlowAsksForItselfOnly: it may ask when people are busy to tell who is
// available; the app may not have it asked.
func TestAPresenceFlowAsksForItselfOnly(t *testing.T) {
	h := openFor(t, "everything", flow.Presence(flow.PresenceWants{Schedule: true}), "", nil)
	at := h.to("")
	_, err := h.Schedule(t.Context(), act.Schedule{App: at.App, Tenant: at.Tenant, People: []string{at.Mailbox},
		Start: json.RawMessage(`{"dateTime":"2027-03-01T00:00:00","timeZone":"UTC"}`), End: json.RawMessage(`{"dateTime":"2027-03-02T00:00:00","timeZone":"UTC"}`)})
	if code(err) != "act.no_flow" {
		t.Errorf("it was asked: %v", err)
	}
}
