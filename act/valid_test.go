package act_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/policy"
)

// wrongs are values of every kind, most of which no property can have.
func wrongs() []any {
	return []any{nil, true, -1.0, 0.5, 1e30, "", "x", "\x00", "a\u0085b", strings.Repeat("é", 70_000), "2027-13-45T00:00:00", []any{}, []any{1.0}, []any{nil}, []any{"x", "x"},
		doc{}, doc{"x": 1.0}, doc{"dateTime": "2027-03-01T09:00:00", "timeZone": "Mars/Olympus"}, doc{"dateTime": "2027-03-01T09:00:00Z", "timeZone": "UTC"},
		doc{"contentType": "rtf", "content": "x"}, doc{"emailAddress": doc{"address": "no address"}}, []any{doc{"emailAddress": doc{"address": "a@@b"}}},
		doc{"pattern": doc{"type": "hourly", "interval": 1.0}, "range": doc{"type": "noEnd", "startDate": "2027-03-01"}}, deep(40)}
}

func deep(n int) any {
	var v any = "x"
	for range n {
		v = []any{v}
	}
	return v
}

// full is an event with every property that can be written.
func full() doc {
	return doc{
		"subject": "Review", "body": doc{"contentType": "html", "content": "<p>x</p>"},
		"start": doc{"dateTime": "2027-03-01T09:00:00", "timeZone": "Europe/Berlin"}, "end": doc{"dateTime": "2027-03-01T10:00:00", "timeZone": "Europe/Berlin"},
		"isAllDay": false, "location": doc{"displayName": "Room", "locationType": "default", "locationUri": "https://x.example", "address": doc{"city": "Bonn"}, "coordinates": doc{"latitude": 1.5, "longitude": 2.5}},
		"locations": []any{doc{"displayName": "Room"}}, "attendees": []any{doc{"emailAddress": doc{"address": "a@b.example", "name": "A"}, "type": "required"}},
		"hideAttendees": false, "responseRequested": true, "allowNewTimeProposals": true, "importance": "high", "sensitivity": "normal", "showAs": "busy",
		"categories": []any{"Red"}, "isReminderOn": true, "reminderMinutesBeforeStart": 15.0, "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
		"recurrence": doc{"pattern": doc{"type": "weekly", "interval": 1.0, "daysOfWeek": []any{"monday"}, "firstDayOfWeek": "monday", "index": "first", "month": 0.0, "dayOfMonth": 0.0},
			"range": doc{"type": "numbered", "startDate": "2027-03-01", "numberOfOccurrences": 5.0, "endDate": "0001-01-01", "recurrenceTimeZone": "W. Europe Standard Time"}},
		"singleValueExtendedProperties": []any{doc{"id": "String {11111111-2222-3333-4444-555555555555} Name Colour", "value": "red"}},
		"multiValueExtendedProperties":  []any{doc{"id": "StringArray {11111111-2222-3333-4444-555555555555} Name Tags", "value": []any{"a", "b"}}},
	}
}

// places gives a way to put something in place of every value of an object, however
// deep, and where that is.
func places(at string, v any, put func(any)) map[string]func(any) {
	out := map[string]func(any){at: put}
	switch v := v.(type) {
	case doc:
		for name := range v {
			maps.Copy(out, places(at+"."+name, v[name], func(x any) { v[name] = x }))
		}
	case []any:
		for i := range v {
			maps.Copy(out, places(fmt.Sprintf("%s[%d]", at, i), v[i], func(x any) { v[i] = x }))
		}
	}
	return out
}

// TestWhatIsWrongIsRefusedWithItsField puts every wrong value in every place of an
// event with everything in it, and a property that nobody knows into every object.
// What the room lets pass, Microsoft takes.
func TestWhatIsWrongIsRefusedWithItsField(t *testing.T) {
	h := open(t, "")
	sample := full()
	all := slices.Sorted(maps.Keys(places("event", sample, func(any) {})))
	refused, taken := 0, 0
	for _, at := range all {
		for i, value := range wrongs() {
			if at == "event" {
				continue // that is not an object: the fuzzer's
			}
			event := full()
			places("event", event, func(any) {})[at](value)
			before := len(h.rows(0))
			in, err := h.Create(t.Context(), act.Create{Target: h.to(""), Event: write(t, event)})
			var r *graphwarden.Refusal
			switch {
			case err == nil && in.Outcome.State == graphwarden.IntentDone:
				taken++
				continue
			case !errors.As(err, &r) || !strings.HasPrefix(r.Code, "act.") || r.Do == "" || r.Kind != graphwarden.Invalid:
				t.Errorf("%s with %.60v (%d) gave %+v, %v", at, value, i, in.Outcome.State, err)
				continue
			case len(h.rows(0)) != before:
				t.Errorf("%s with %.60v was refused, and something reached Microsoft", at, value)
			case !related(r.Field, at):
				t.Errorf("%s with %.60v is refused for %s: %s", at, value, r.Field, r.Say)
			case len(r.Say) > 600 || strings.Contains(r.Say, strings.Repeat("é", 200)):
				t.Errorf("%s: the refusal says too much", at)
			}
			refused++
		}
	}
	if refused < 1000 || taken < 20 {
		t.Errorf("%d were refused and %d taken", refused, taken)
	}
	t.Logf("%d wrong values in %d places were refused, %d that are right were taken", refused, len(all), taken)
}

// related says whether a field that is named has to do with the place: it is above or
// below it, or goes together with it.
func related(field, at string) bool {
	top := func(s string) string {
		parts := strings.SplitN(strings.ReplaceAll(s, "[", ".["), ".", 3)
		return parts[min(1, len(parts)-1)]
	}
	if strings.HasPrefix(field, at) || strings.HasPrefix(at, field) {
		return true
	}
	return top(field) == top(at) || slices.Contains([]string{"start", "end", "isAllDay", "recurrence"}, top(field)) && slices.Contains([]string{"start", "end", "isAllDay", "recurrence"}, top(at))
}

// TestOwnPropertiesAreNotForApps has an app try what only Graphwarden writes, and what
// Graph documents as read-only.
func TestOwnPropertiesAreNotForApps(t *testing.T) {
	h := open(t, "")
	for name, value := range map[string]any{
		"id": "AAMk", "transactionId": "x", "changeKey": "x", "organizer": doc{}, "isCancelled": true, "seriesMasterId": "x", "type": "occurrence", "webLink": "x",
		"@odata.etag": "x", "attachments": []any{}, "extensions": []any{}, "Subject": "x", "calendar": doc{}, "onlineMeeting": doc{}, "responseStatus": doc{}, "iCalUId": "x",
	} {
		event := full()
		event[name] = value
		if _, err := h.Create(t.Context(), act.Create{Target: h.to(""), Event: write(t, event)}); !slices.Contains([]string{"act.property", "act.json"}, code(err)) {
			t.Errorf("%s gave %v", name, err)
		}
	}
	for _, id := range []string{act.Mark, act.Reference, strings.ToUpper(act.Mark)} {
		event := full()
		event["singleValueExtendedProperties"] = []any{doc{"id": id, "value": "x"}}
		if _, err := h.Create(t.Context(), act.Create{Target: h.to(""), Event: write(t, event)}); code(err) != "act.value" {
			t.Errorf("the property %s gave %v", id, err)
		}
	}
}

// scripted is the room over a Microsoft that takes everything and remembers it.
func scripted(t testing.TB) (*act.Act, *rig.Rig) {
	t.Helper()
	r := rig.New(t, nil)
	r.Flow.Kind = flow.CalendarWriting(flow.Both)
	p, err := policy.New(r.Flows())
	if err != nil {
		t.Fatal(err)
	}
	r.Policy.Replace(p)
	r.Microsoft.Answer(func(w http.ResponseWriter, q *http.Request) {
		status := map[string]int{http.MethodPost: http.StatusCreated, http.MethodPatch: http.StatusOK, http.MethodGet: http.StatusOK, http.MethodDelete: http.StatusNoContent}[q.Method]
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"id":"AAMkAGI2TGuLAAABbmVZAAA=","@odata.etag":"W/\"1\""}`)
	})
	g := graph.New(gate.New(r.Config(t, r.Net.Client())).With(rig.Lender{}))
	return act.New(act.Config{Roster: roster{r.Flow}, Writer: g, Reader: g, Store: r.Store, Intents: r.Store, Due: r.Store, Shelf: r.Store,
		Log: rig.Log(), Now: time.Now, Holder: "one"}), r
}

// FuzzNothingInvalidReachesMicrosoft sends anything as an event, a change, a key, a
// reference, a version, an id. What is refused names a code of the room's and sends
// nothing; what is sent is one object of known properties, with the room's mark.
func FuzzNothingInvalidReachesMicrosoft(f *testing.F) {
	f.Add(string(plain("x")), "key", "ref", `W/"1"`, "AAMkAGI2TGuLAAABbmVZAAA=")
	f.Add(`{"subject":"x","Subject":"y"}`, "", "", "", "AAMk/../x")
	f.Add(`{"start":{"dateTime":"2027-03-28T02:30:00","timeZone":"Europe/Berlin"},"end":{"dateTime":"2027-03-28T03:00","timeZone":"Europe/Berlin"}}`, "k", "r", "*", "x")
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		raw, _ := json.Marshal(randomEvent(r, []string{"a@b.example", "room@b.example"}))
		f.Add(string(raw), "k", "r", "", "AAMkAGI2TGuLAAABbmVZAAA=")
	}
	a, rig := scripted(f)
	known := full()
	f.Fuzz(func(t *testing.T, event, key, reference, version, id string) {
		before := len(rig.Microsoft.Requests())
		to := act.Target{App: "crm", Tenant: "contoso", Mailbox: "alice@contoso.com", Key: key}
		_, err := a.Create(t.Context(), act.Create{Target: to, Reference: reference, Event: json.RawMessage(event)})
		check(t, rig, before, known, err)
		before = len(rig.Microsoft.Requests())
		to.Key = ""
		_, err = a.Update(t.Context(), act.Update{Target: to, ID: id, Version: version, Reference: reference, Change: json.RawMessage(event)})
		check(t, rig, before, known, err)
	})
}

func check(t *testing.T, r *rig.Rig, before int, known doc, err error) {
	t.Helper()
	came := r.Microsoft.Requests()[before:]
	var no *graphwarden.Refusal
	if err != nil {
		if !errors.As(err, &no) || !strings.HasPrefix(no.Code, "act.") || no.Do == "" || no.Say == "" {
			t.Fatalf("refused with %v", err)
		}
		writes := slices.ContainsFunc(came, func(q *http.Request) bool { return q.Method != http.MethodGet })
		if writes || no.Kind == graphwarden.Invalid && len(came) > 0 {
			t.Fatalf("it was refused, and %d requests were sent", len(came))
		}
		return
	}
	for _, q := range came {
		if q.Method == http.MethodGet {
			continue
		}
		raw, _ := io.ReadAll(q.Body)
		var sent doc
		if json.Unmarshal(raw, &sent) != nil {
			t.Fatalf("sent %q", raw)
		}
		for name := range sent {
			if _, ok := known[name]; !ok && name != "transactionId" {
				t.Fatalf("sent the property %q", name)
			}
		}
		if !strings.Contains(string(raw), act.Mark[:20]) {
			t.Fatalf("sent without a mark: %s", raw)
		}
	}
}
