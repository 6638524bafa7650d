package act_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
)

// course is a series of five Mondays that the app made, with a guest.
func (h *house) course(t *testing.T, key string) string {
	t.Helper()
	return h.create(key, "course-1", write(t, doc{"subject": "Course",
		"start":      doc{"dateTime": "2027-03-01T09:00:00", "timeZone": "Europe/Berlin"},
		"end":        doc{"dateTime": "2027-03-01T10:00:00", "timeZone": "Europe/Berlin"},
		"attendees":  []any{doc{"emailAddress": doc{"address": h.flow.Mailboxes[1].UPN}}},
		"recurrence": doc{"pattern": doc{"type": "weekly", "interval": 1, "daysOfWeek": []any{"monday"}}, "range": doc{"type": "numbered", "startDate": "2027-03-01", "numberOfOccurrences": 5}}})).Item
}

// days are the occurrences of a series as the room gives them: day, subject, kind.
func (h *house) days(t *testing.T, series string) (ids, days []string) {
	t.Helper()
	list, err := h.Instances(t.Context(), h.to(""), series, graphwarden.Window{Start: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range list {
		var e struct {
			ID, Subject, Type string
			Start             struct{ DateTime string }
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, e.ID)
		days = append(days, strings.Join([]string{e.Start.DateTime[5:13], e.Subject, e.Type}, " "))
	}
	return ids, days
}

// TestSingleOccurrencesAreWrittenByTheirIds changes, moves, deletes and cancels single
// days of a series; the others, and what was changed before, stay as they were.
func TestSingleOccurrencesAreWrittenByTheirIds(t *testing.T) {
	h := open(t, "")
	series := h.course(t, "k")
	ids, days := h.days(t, series)
	want := []string{"03-01T08 Course occurrence", "03-08T08 Course occurrence", "03-15T08 Course occurrence", "03-22T08 Course occurrence", "03-29T07 Course occurrence"}
	if !slices.Equal(days, want) {
		t.Fatalf("the series is\n%q", days)
	}
	do := func(in graphwarden.Intent, err error) {
		t.Helper()
		if err != nil || in.Outcome.State != graphwarden.IntentDone {
			t.Fatalf("%s gave %+v, %v", in.Kind, in.Outcome, err)
		}
		if _, days = h.days(t, series); !slices.Equal(days, want) {
			t.Errorf("after %s the series is\n%q, want\n%q", in.Kind, days, want)
		}
	}
	want[1] = "03-08T08 With a guest exception"
	do(h.Update(t.Context(), act.Update{Target: h.to("u1"), ID: ids[1], Change: json.RawMessage(`{"subject":"With a guest"}`)}))
	want[2] = "03-16T13 Course exception"
	do(h.Update(t.Context(), act.Update{Target: h.to("u2"), ID: ids[2], Change: json.RawMessage(
		`{"start":{"dateTime":"2027-03-16T14:00:00","timeZone":"Europe/Berlin"},"end":{"dateTime":"2027-03-16T15:00:00","timeZone":"Europe/Berlin"}}`)}))
	want = slices.Delete(want, 3, 4)
	do(h.Delete(t.Context(), act.Delete{Target: h.to("d1"), ID: ids[3]}))
	want = slices.Delete(want, 0, 1)
	do(h.Cancel(t.Context(), act.Cancel{Target: h.to("c1"), ID: ids[0], Comment: "no teacher"}))
	// The series gets another subject: what has its own keeps it.
	want = []string{"03-08T08 With a guest exception", "03-16T13 Advanced course exception", "03-29T07 Advanced course occurrence"}
	do(h.Update(t.Context(), act.Update{Target: h.to("u3"), ID: series, Change: json.RawMessage(`{"subject":"Advanced course"}`)}))
}

// TestTheOrganizerCancelsAWholeSeries: with its exceptions, for those invited, too.
func TestTheOrganizerCancelsAWholeSeries(t *testing.T) {
	for _, lost := range []string{"", "before", "after"} {
		t.Run("answer lost "+lost, func(t *testing.T) {
			h := open(t, "")
			series := h.course(t, "k")
			ids, _ := h.days(t, series)
			if _, err := h.Update(t.Context(), act.Update{Target: h.to("u"), ID: ids[2], Change: json.RawMessage(`{"subject":"Another room"}`)}); err != nil {
				t.Fatal(err)
			}
			if got := h.invitations(t); len(got) != 5 || slices.Contains(got, "cancelled") {
				t.Fatalf("the guest has %q", got)
			}
			if lost != "" {
				h.sky("POST /users/*/events/*/cancel", lost, 1)
			}
			in, err := h.Cancel(t.Context(), act.Cancel{Target: h.to("c"), ID: series, Comment: "too few"})
			if err != nil || in.Outcome.State != graphwarden.IntentDone || in.Outcome.Looked != (lost == "after") {
				t.Fatalf("cancelling gave %+v, %v", in.Outcome, err)
			}
			if got := h.request(t, http.MethodGet, h.path("/events/"+series), nil); got.Code != http.StatusNotFound {
				t.Errorf("the organizer's series is %d", got.Code)
			}
			if got := h.invitations(t); slices.Contains(got, "held") {
				t.Errorf("the guest has %q", got)
			}
		})
	}
}

// TestAGuestCannotCancel: Microsoft refuses it, and so does the room.
func TestAGuestCannotCancel(t *testing.T) {
	h := open(t, "")
	l := &loser{house: h, r: chance(t)}
	l.ready(t)
	in, err := h.Cancel(t.Context(), act.Cancel{Target: h.to("c"), ID: l.invited[0]})
	if in.Outcome.State != graphwarden.IntentRefused || code(err) != "graph.write_refused" {
		t.Errorf("cancelling as a guest gave %+v, %v", in.Outcome, err)
	}
}

// invitations says of each day of the guest's whether it is held or cancelled.
func (h *house) invitations(t *testing.T) (out []string) {
	t.Helper()
	view := h.Ask(t, http.MethodGet, fmt.Sprintf("/v1.0/users/%s/calendarView?startDateTime=2027-02-01T00:00:00Z&endDateTime=2027-06-01T00:00:00Z&$top=500", h.flow.Mailboxes[1].ID), nil)
	for _, e := range view["value"].([]any) {
		subject, _ := e.(doc)["subject"].(string)
		if !strings.Contains(subject, "Course") && !strings.Contains(subject, "Another room") {
			continue // the guest's own
		}
		state := "held"
		if e.(doc)["isCancelled"] == true {
			state = "cancelled"
		}
		out = append(out, state)
	}
	return out
}

// TestAnAnswerGivenTwice: the same answer once more is told apart from the first by its
// time; where that does not show it, the write is uncertain, and never repeated.
func TestAnAnswerGivenTwice(t *testing.T) {
	for _, test := range []struct {
		name    string
		cut     string // of the second answer
		changes bool   // the organizer's meeting changes before anybody looks
		state   graphwarden.IntentState
		effects int
	}{
		{"it arrived, and its time shows it", "after", false, graphwarden.IntentDone, 1},
		{"it never arrived, and nothing changed", "before", false, graphwarden.IntentDone, 1},
		{"it never arrived, and something changed", "before", true, graphwarden.IntentUncertain, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := openCutting(t)
			id := c.victim(t, true)
			if _, err := c.Respond(t.Context(), act.Respond{Target: c.to("first"), ID: id, Answer: "accept"}); err != nil {
				t.Fatal(err)
			}
			c.pass(t, time.Minute)
			before := c.effects()["update"]
			c.sky("POST /users/*/events/*/accept", test.cut, 1)
			c.deaf, c.sent = 2, false
			in, err := c.Respond(t.Context(), act.Respond{Target: c.to("second"), ID: id, Answer: "accept"})
			if err != nil || in.Outcome.State != graphwarden.IntentOpen {
				t.Fatalf("the answer that nobody heard gave %+v, %v", in.Outcome, err)
			}
			if test.changes {
				c.Ask(t, http.MethodPatch, c.path("/events/"+id), doc{"categories": []any{"Red category"}})
				before++
			}
			for range 3 {
				c.clock.advance(10 * time.Minute)
				if _, err := act.New(c.config).Resume(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if in, err = c.Write(t.Context(), "crm", in.ID); err != nil || in.Outcome.State != test.state {
				t.Errorf("it came to %+v, %v", in.Outcome, err)
			}
			if test.state == graphwarden.IntentUncertain && (in.Outcome.Refusal == nil || in.Outcome.Refusal.Code != "act.uncertain") {
				t.Errorf("it is uncertain because of %v", in.Outcome.Refusal)
			}
			if got := c.effects()["update"] - before; got != test.effects {
				t.Errorf("%d effects instead of %d", got, test.effects)
			}
			again, err := c.Respond(t.Context(), act.Respond{Target: c.to("second"), ID: id, Answer: "accept"})
			if err != nil || again.ID != in.ID || again.Outcome.State != test.state {
				t.Errorf("the same key gave %+v, %v", again.Outcome, err)
			}
		})
	}
}
