package act_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

// TestWhatMayHaveHappenedIsNotRepeated: whoever moves a meeting has everybody asked once
// more, and whoever deletes an event takes away what would show that it was changed. Of a
// write whose answer was lost before, nobody can say any more whether it took effect; one
// that Microsoft has only put off did not.
func TestWhatMayHaveHappenedIsNotRepeated(t *testing.T) {
	respond := func(c *cutting, id string) (graphwarden.Intent, error) {
		return c.Respond(c.t.Context(), act.Respond{Target: c.to("k"), ID: id, Answer: "accept"})
	}
	update := func(c *cutting, id string) (graphwarden.Intent, error) {
		return c.Update(c.t.Context(), act.Update{Target: c.to("k"), ID: id, Change: json.RawMessage(`{"subject":"Changed"}`)})
	}
	move := func(c *cutting, id string) {
		subject := c.Ask(c.t, http.MethodGet, c.path("/events/"+id), nil)["subject"].(string)
		organizer := "/v1.0/users/" + c.flow.Mailboxes[1].ID + "/events"
		list := c.Ask(c.t, http.MethodGet, organizer+"?$filter=subject+eq+'"+strings.ReplaceAll(subject, " ", "+")+"'", nil)["value"].([]any)
		c.Ask(c.t, http.MethodPatch, organizer+"/"+list[0].(doc)["id"].(string), doc{
			"start": doc{"dateTime": "2027-05-02T09:00:00", "timeZone": "UTC"}, "end": doc{"dateTime": "2027-05-02T10:00:00", "timeZone": "UTC"}})
	}
	remove := func(c *cutting, id string) { c.request(c.t, http.MethodDelete, c.path("/events/"+id), nil) }
	const accept, patch = "POST /users/*/events/*/accept", "PATCH /users/*/events/*"
	lost, putOff := doc{"cut": "after", "times": 1}, doc{"status": 429, "times": 1}
	for _, test := range []struct {
		name, match string
		write       func(*cutting, string) (graphwarden.Intent, error)
		fate        doc
		meanwhile   func(*cutting, string)
		state       graphwarden.IntentState
		code        string
		effects     int
	}{
		{"an answer, and the meeting is moved", accept, respond, lost, move, graphwarden.IntentUncertain, "act.uncertain", 1},
		{"an answer that was put off, and the meeting is moved", accept, respond, putOff, move, graphwarden.IntentDone, "", 1},
		{"an answer, and the meeting is deleted", accept, respond, lost, remove, graphwarden.IntentUncertain, "act.uncertain", 1},
		{"an answer that was put off, and the meeting is deleted", accept, respond, putOff, remove, graphwarden.IntentRefused, "act.event_unknown", 0},
		{"a change, and the event is deleted", patch, update, lost, remove, graphwarden.IntentUncertain, "act.uncertain", 1},
		{"a change that was put off, and the event is deleted", patch, update, putOff, remove, graphwarden.IntentRefused, "act.event_unknown", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := openCutting(t)
			id := c.victim(t, test.match == accept)
			test.fate["match"] = test.match
			c.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{test.fate}})
			c.deaf, c.sent = 2, false
			in, err := test.write(c, id)
			if err != nil || in.Outcome.State != graphwarden.IntentOpen {
				t.Fatalf("the write that was not answered gave %+v, %v", in.Outcome, err)
			}
			c.deaf = 0
			before := c.all()
			test.meanwhile(c, id)
			others := total(c.all()) - total(before)
			c.clock.advance(10 * time.Minute)
			if _, err := act.New(c.config).Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			in, err = c.Write(t.Context(), "crm", in.ID)
			got := ""
			if in.Outcome.Refusal != nil {
				got = in.Outcome.Refusal.Code
			}
			if err != nil || in.Outcome.State != test.state || got != test.code {
				t.Errorf("it came to %+v, %q, %v", in.Outcome, got, err)
			}
			repeated := total(c.all()) - total(before) - others
			if first := map[bool]int{true: 1}[test.fate["cut"] != nil]; first+repeated != test.effects {
				t.Errorf("it was done %d times, and after it was resumed %d times, want %d", first, repeated, test.effects)
			}
		})
	}
}

// putsOff has a change wait when it is sent for the nth time.
type putsOff struct {
	act.Writer
	nth, sent *int
}

func (p putsOff) UpdateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string, change []byte) (json.RawMessage, error) {
	if *p.sent++; *p.sent == *p.nth {
		return nil, &graphwarden.Later{After: time.Second, Cause: errors.New("busy")}
	}
	return p.Writer.UpdateEvent(ctx, f, m, id, version, change)
}

// TestAWriteThatGoesOverAnotherIsOpenUntilItIsDone: the app's version wins over one that
// came in between, and Microsoft has the app wait before it is written.
func TestAWriteThatGoesOverAnotherIsOpenUntilItIsDone(t *testing.T) {
	h := open(t, flow.AppWins)
	made := h.create("k1", "", plain("Review"))
	second, sent := 2, 0
	config := h.config
	config.Writer = meddles{putsOff{config.Writer, &second, &sent}, &cutting{house: h}, made.Item, new(bool)}
	in, err := act.New(config).Update(t.Context(), act.Update{Target: h.to("k2"), ID: made.Item, Version: made.Outcome.ETag, Change: json.RawMessage(`{"subject":"By the app"}`)})
	if err != nil || in.Outcome.State != graphwarden.IntentOpen || sent != 2 {
		t.Fatalf("after %d times sent it is %q, %v", sent, in.Outcome.State, err)
	}
	h.clock.advance(time.Minute)
	if _, err := act.New(config).Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if in, err = h.Write(t.Context(), "crm", in.ID); err != nil || in.Outcome.State != graphwarden.IntentDone {
		t.Errorf("it came to %s", fmt.Sprint(in.Outcome, err))
	}
}
