package act_test

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/internal/rig"
)

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

// TestWhatIsWrongIsRefusedWithItsField puts every wrong value in every place of an
// event with everything in it, and a property that nobody knows into every object.
// What the room lets pass, Microsoft takes.
func TestWhatIsWrongIsRefusedWithItsField(t *testing.T) {
	h := open(t, "")
	wrongThings{root: "event", sample: full, related: related, refused: 1000, taken: 20, rows: func() int { return len(h.rows(0)) },
		write: func(event json.RawMessage) (graphwarden.Intent, error) {
			return h.Create(t.Context(), act.Create{Target: h.to(""), Event: event})
		}}.try(t)
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

// calm is a Microsoft that takes every event.
func calm(w http.ResponseWriter, q *http.Request) {
	status := map[string]int{http.MethodPost: http.StatusCreated, http.MethodPatch: http.StatusOK, http.MethodGet: http.StatusOK, http.MethodDelete: http.StatusNoContent}[q.Method]
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"id":"AAMkAGI2TGuLAAABbmVZAAA=","@odata.etag":"W/\"1\""}`)
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
	a, rig := scripted(f, flow.CalendarWriting(flow.Both), calm)
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
