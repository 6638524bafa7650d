package act_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

// private are private events of the first mailbox at the same time that differ in what
// an app may not know: who organizes them, who is invited, whether they are online,
// what they are about.
func (h *house) private(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	me, other := h.flow.Mailboxes[0], h.flow.Mailboxes[1]
	guest := []doc{{"emailAddress": doc{"address": me.UPN}, "type": "required"}}
	for name, e := range map[string]struct {
		host graphwarden.Mailbox
		more doc
	}{
		"an appointment":     {me, doc{}},
		"an online meeting":  {me, doc{"isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness", "attendees": []doc{{"emailAddress": doc{"address": other.UPN}, "type": "required"}}}},
		"an invitation":      {other, doc{"attendees": guest, "allowNewTimeProposals": false}},
		"one with proposals": {other, doc{"attendees": guest, "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness", "hideAttendees": true}},
	} {
		event := doc{"subject": "Canary of " + name, "sensitivity": "private", "body": doc{"contentType": "html", "content": "<p>Canary</p>"},
			"location": doc{"displayName": "Canary Wharf"}, "start": doc{"dateTime": "2027-03-01T09:00:00", "timeZone": "UTC"}, "end": doc{"dateTime": "2027-03-01T10:00:00", "timeZone": "UTC"}}
		for k, v := range e.more {
			event[k] = v
		}
		made := h.request(t, http.MethodPost, "/v1.0/users/"+e.host.ID+"/events", event)
		if made.Code != http.StatusCreated {
			t.Fatalf("%s: %s", name, made.Body)
		}
		list := h.Ask(t, http.MethodGet, h.path("/events?$top=100"), nil)["value"].([]any)
		for _, one := range list {
			if d := one.(map[string]any); d["subject"] == event["subject"] {
				out[name] = d["id"].(string)
			}
		}
		if out[name] == "" {
			t.Fatalf("%s is not there", name)
		}
	}
	return out
}

// timeOnly is the room's configuration with a flow that is shown the time only.
func (h *house) timeOnly() act.Config {
	f, config := h.flow, h.config
	f.ShowsPrivate = false
	config.Roster = roster{f}
	return config
}

// TestNoWriteTellsWhatAPrivateEventHides has an app that is shown the time only try every
// write on private events. What it is answered is the same for each, whatever they hide,
// and nothing is sent but what is allowed.
func TestNoWriteTellsWhatAPrivateEventHides(t *testing.T) {
	h := open(t, "")
	events := h.private(t)
	a := act.New(h.timeOnly())
	const stale = `W/"AAAAAAAAAAAAAAAAAAAAAA=="`
	type writing func(key, id string) (graphwarden.Intent, error)
	change := func(version, change string) writing {
		return func(key, id string) (graphwarden.Intent, error) {
			return a.Update(t.Context(), act.Update{Target: h.to(key), ID: id, Version: version, Change: json.RawMessage(change)})
		}
	}
	answer := func(r act.Respond) writing {
		return func(key, id string) (graphwarden.Intent, error) {
			r.Target, r.ID = h.to(key), id
			return a.Respond(t.Context(), r)
		}
	}
	writes := map[string]struct {
		do   writing
		want string // "" is done
	}{
		"cancel": {func(key, id string) (graphwarden.Intent, error) {
			return a.Cancel(t.Context(), act.Cancel{Target: h.to(key), ID: id})
		}, "act.private"},
		"cancel a version": {func(key, id string) (graphwarden.Intent, error) {
			return a.Cancel(t.Context(), act.Cancel{Target: h.to(key), ID: id, Version: stale})
		}, "act.private"},
		"accept":           {answer(act.Respond{Answer: "accept"}), "act.private"},
		"accept silently":  {answer(act.Respond{Answer: "accept", Silent: true}), "act.private"},
		"decline":          {answer(act.Respond{Answer: "decline"}), "act.private"},
		"propose":          {answer(act.Respond{Answer: "tentativelyAccept", Proposed: json.RawMessage(`{"start":{"dateTime":"2027-03-02T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2027-03-02T10:00:00","timeZone":"UTC"}}`)}), "act.private"},
		"offline":          {change("", `{"isOnlineMeeting":false}`), "act.online_stays"},
		"open":             {change("", `{"sensitivity":"normal"}`), "act.private"},
		"personal":         {change("", `{"sensitivity":"personal"}`), "act.private"},
		"confidential":     {change("", `{"sensitivity":"confidential"}`), ""},
		"an old version":   {change(stale, `{"subject":"Mine"}`), "act.conflict"},
		"body of old":      {change(stale, `{"body":{"contentType":"text","content":"x"}}`), "act.private"},
		"body beside more": {change("", `{"subject":"Mine","body":{"contentType":"text","content":"x"}}`), "act.private"},
	}
	allowed := "subject start isAllDay location locations importance showAs categories isReminderOn reminderMinutesBeforeStart singleValueExtendedProperties multiValueExtendedProperties"
	for name, value := range full() {
		want := "act.private"
		if strings.Contains(" "+allowed+" ", " "+name+" ") {
			want = ""
		}
		if name == "sensitivity" || name == "end" {
			continue
		}
		one := doc{name: value}
		if name == "start" {
			one["end"] = full()["end"]
		}
		writes[name] = struct {
			do   writing
			want string
		}{change("", string(write(t, one))), want}
	}
	delete(writes, "isAllDay")
	writes["whole day, the last"] = struct {
		do   writing
		want string
	}{change("", `{"isAllDay":true,"start":{"dateTime":"2027-03-01T00:00:00","timeZone":"UTC"},"end":{"dateTime":"2027-03-02T00:00:00","timeZone":"UTC"}}`), ""}
	for _, name := range slices.Sorted(maps.Keys(writes)) {
		w := writes[name]
		said := map[string]string{}
		for of, id := range events {
			in, err := w.do("", id)
			got := fmt.Sprint(in.Outcome.State, in.Outcome.Refusal)
			var no *graphwarden.Refusal
			if errors.As(err, &no) {
				got = fmt.Sprintf("%v %s %s %s %s", no.Kind, no.Code, no.Field, no.Say, no.Do)
			} else if err != nil {
				t.Fatalf("%s of %s: %v", name, of, err)
			}
			if code := code(err); w.want != "" && code != w.want || w.want == "" && in.Outcome.State != graphwarden.IntentDone {
				t.Errorf("%s of %s gave %+v, %v; want %q", name, of, in.Outcome.State, err, w.want)
			}
			if strings.Contains(got, "Canary") {
				t.Errorf("%s of %s: %s", name, of, got)
			}
			said[got] = of
		}
		if len(said) != 1 {
			t.Errorf("%s is answered with %q", name, said)
		}
	}
	for of, id := range events {
		if in, err := a.Delete(t.Context(), act.Delete{Target: h.to(""), ID: id}); err != nil || in.Outcome.State != graphwarden.IntentDone {
			t.Errorf("deleting %s gave %+v, %v", of, in.Outcome, err)
		}
	}
}

// meddled has somebody do something just before a change is sent.
type meddled struct {
	act.Writer
	meddle func()
}

func (m meddled) UpdateEvent(ctx context.Context, f flow.Flow, b graphwarden.Mailbox, id, version string, change []byte) (json.RawMessage, error) {
	m.meddle()
	return m.Writer.UpdateEvent(ctx, f, b, id, version, change)
}

// TestWhatBecomesPrivateMeanwhileIsPrivate: between the reading and the writing.
func TestWhatBecomesPrivateMeanwhileIsPrivate(t *testing.T) {
	h := open(t, "")
	id := h.create("", "", plain("Review")).Item
	config := h.timeOnly()
	config.Writer = meddled{config.Writer, sync.OnceFunc(func() { h.Ask(t, http.MethodPatch, h.path("/events/"+id), doc{"sensitivity": "private"}) })}
	in, err := act.New(config).Update(t.Context(), act.Update{Target: h.to(""), ID: id, Change: json.RawMessage(`{"body":{"contentType":"text","content":"mine"}}`)})
	if code(err) != "act.private" || in.Outcome.State != graphwarden.IntentRefused {
		t.Errorf("it gave %+v, %v", in.Outcome, err)
	}
	if now := h.Ask(t, http.MethodGet, h.path("/events/"+id), nil); strings.Contains(fmt.Sprint(now["body"]), "mine") {
		t.Error("it was changed all the same")
	}
}

// TestMicrosoftsWordsAboutAPrivateEventAreNotPassedOn: nobody knows what they tell.
func TestMicrosoftsWordsAboutAPrivateEventAreNotPassedOn(t *testing.T) {
	h := open(t, "")
	for sensitivity, passed := range map[string]bool{"private": false, "normal": true} {
		series := h.create("", "", json.RawMessage(`{"sensitivity":"`+sensitivity+`","start":{"dateTime":"2027-03-01T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2027-03-01T10:00:00","timeZone":"UTC"},
"recurrence":{"pattern":{"type":"daily","interval":1},"range":{"type":"numbered","startDate":"2027-03-01","numberOfOccurrences":5}}}`)).Item
		dates := h.Ask(t, http.MethodGet, h.path("/events/"+series+"/instances?startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-03-09T00:00:00Z"), nil)["value"].([]any)
		_, err := act.New(h.timeOnly()).Update(t.Context(), act.Update{Target: h.to(""), ID: dates[1].(map[string]any)["id"].(string),
			Change: json.RawMessage(`{"start":{"dateTime":"2027-03-04T09:30:00","timeZone":"UTC"},"end":{"dateTime":"2027-03-04T10:30:00","timeZone":"UTC"}}`)})
		if code(err) != "graph.write_refused" || strings.Contains(err.Error(), "crossing") != passed {
			t.Errorf("%s: %v", sensitivity, err)
		}
	}
}

// TestWhyAnAnswerIsRefusedIsTold: of an event that is not private the app reads Microsoft's
// words, also where it answers a meeting of the mailbox's own.
func TestWhyAnAnswerIsRefusedIsTold(t *testing.T) {
	h := open(t, "")
	in := h.create("", "", plain("Review"))
	_, err := act.New(h.timeOnly()).Respond(t.Context(), act.Respond{Target: h.to(""), ID: in.Item, Answer: "accept"})
	if code(err) != "graph.write_refused" || !strings.Contains(err.Error(), "organizer") {
		t.Errorf("it is told %v", err)
	}
}

// TestWhatWasKeptOfAnEventIsHiddenOnceItIsPrivate: while it is open it is shown once more;
// nobody can say of one that is gone, nor while Microsoft cannot be asked.
func TestWhatWasKeptOfAnEventIsHiddenOnceItIsPrivate(t *testing.T) {
	h := open(t, "")
	a := act.New(h.timeOnly())
	in := h.create("k", "", plain("Review"))
	hides := func(want bool, when string) {
		t.Helper()
		if a.Hides(t.Context(), in) != want {
			t.Errorf("%s it is hidden: %v", when, !want)
		}
	}
	if kept := h.create("k", "", plain("Review")); !kept.Again || in.Again {
		t.Errorf("the first answer is told once more: %v, the second: %v", in.Again, kept.Again)
	}
	hides(false, "while it is open")
	h.Ask(t, http.MethodPatch, h.path("/events/"+in.Item), doc{"sensitivity": "private"})
	hides(true, "when it is private")
	if act.New(h.config).Hides(t.Context(), in) {
		t.Error("it is hidden from an app that is shown private events")
	}
	h.Ask(t, http.MethodPatch, h.path("/events/"+in.Item), doc{"sensitivity": "normal"})
	hides(false, "when it is open again")
	h.Ask(t, http.MethodPost, "/sim/faults", map[string]any{"seed": 1, "rules": []any{map[string]any{"match": "GET /users/*/events/*", "status": 503}}})
	hides(true, "while nobody answers")
	h.Ask(t, http.MethodPost, "/sim/faults", map[string]any{"seed": 1, "rules": []any{}})
	h.request(t, http.MethodDelete, h.path("/events/"+in.Item), nil)
	hides(true, "when it is gone")
}
