package act_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
)

// on is a moment of a day in March 2027 in Berlin.
func on(day, hour, minute int) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"dateTime":"2027-03-%02dT%02d:%02d:00","timeZone":"Europe/Berlin"}`, day, hour, minute))
}

// TestMeetingTimesAreRankedAsMicrosoftDocuments: who is free first, then by time; the
// organizer must be free; and no time is suggested that is too unsure.
func TestMeetingTimesAreRankedAsMicrosoftDocuments(t *testing.T) {
	h := open(t, "")
	for _, m := range h.flow.Mailboxes { // nothing else stands there
		day := h.request(t, http.MethodGet, "/v1.0/users/"+m.ID+"/calendarView?startDateTime=2027-03-02T00:00:00Z&endDateTime=2027-03-03T00:00:00Z", nil)
		var list struct{ Value []struct{ ID string } }
		if err := json.Unmarshal(day.Body.Bytes(), &list); err != nil {
			t.Fatal(err)
		}
		for _, e := range list.Value {
			h.request(t, http.MethodDelete, "/v1.0/users/"+m.ID+"/events/"+e.ID, nil)
		}
	}
	busy := func(mailbox, from, to int, as string) {
		w := h.request(t, http.MethodPost, "/v1.0/users/"+h.flow.Mailboxes[mailbox].ID+"/events", doc{"subject": "Taken", "showAs": as, "start": on(2, from, 0), "end": on(2, to, 0)})
		if w.Code != http.StatusCreated {
			t.Fatal(w.Body)
		}
	}
	busy(0, 9, 10, "busy")
	busy(0, 13, 14, "workingElsewhere")
	busy(1, 10, 11, "oof")
	busy(1, 11, 12, "tentative")
	for _, c := range []struct {
		name string
		ask  func(*act.Meet)
		want string
	}{
		{"all are free, or work elsewhere", func(m *act.Meet) { m.Hours = "unrestricted" }, "08:00 100, 12:00 100, 12:30 100, 13:00 100, 13:30 100, 14:00 100"},
		{"less sure is enough", func(m *act.Meet) { m.Hours, m.Least = "unrestricted", new(int) },
			"08:00 100, 12:00 100, 12:30 100, 13:00 100, 13:30 100, 14:00 100, 11:00 49, 11:30 49, 10:00 0, 10:30 0"},
		{"the organizer need not come", func(m *act.Meet) { m.Hours, m.Optional = "unrestricted", true },
			"08:00 100, 08:30 100, 09:00 100, 12:00 100, 12:30 100, 13:00 100, 13:30 100, 14:00 100"},
		{"others come, too", func(m *act.Meet) { m.Hours, m.Others = "unrestricted", 1 },
			"08:00 74.5, 12:00 74.5, 12:30 74.5, 13:00 74.5, 13:30 74.5, 14:00 74.5"},
		{"only the best", func(m *act.Meet) { m.Hours, m.Most = "unrestricted", 2 }, "08:00 100, 12:00 100"},
		{"shorter", func(m *act.Meet) { m.Hours, m.Minutes, m.Most = "unrestricted", 20, 2 }, "08:00 100, 08:30 100"},
		{"from an odd minute on", func(m *act.Meet) { m.Hours, m.Start, m.Most = "unrestricted", on(2, 8, 40), 1 }, "12:00 100"},
		{"nobody but the organizer", func(m *act.Meet) { m.Hours, m.People, m.Most = "unrestricted", nil, 2 }, "08:00 100, 10:00 100"},
		{"the organizer, named twice", func(m *act.Meet) { m.Hours, m.People, m.Most = "unrestricted", []string{h.flow.Mailboxes[0].ID}, 2 }, "08:00 100, 10:00 100"},
		{"the guest is away", func(m *act.Meet) { m.Hours, m.Start, m.End = "unrestricted", on(2, 10, 0), on(2, 11, 0) }, "attendeesUnavailable"},
		{"the guest is away, and nothing is known of another", func(m *act.Meet) {
			m.Hours, m.Start, m.End, m.Others = "unrestricted", on(2, 10, 0), on(2, 11, 0), 1
		}, "attendeesUnavailableOrUnknown"},
		{"the organizer is busy", func(m *act.Meet) { m.Hours, m.Start, m.End = "unrestricted", on(2, 9, 0), on(2, 10, 0) }, "organizerUnavailable"},
		{"at the weekend nobody works", func(m *act.Meet) { m.Start, m.End = on(6, 0, 0), on(7, 23, 0) }, "unknown"},
		{"at the weekend there is time", func(m *act.Meet) { m.Hours, m.Start, m.End, m.Most = "personal", on(6, 0, 0), on(7, 23, 0), 500 }, "act.schedule"},
		{"it is past", func(m *act.Meet) {
			m.Hours, m.Start, m.End = "unrestricted", json.RawMessage(`{"dateTime":"2024-03-02T08:00:00","timeZone":"UTC"}`), json.RawMessage(`{"dateTime":"2024-03-02T18:00:00","timeZone":"UTC"}`)
		}, "act.times end"},
		{"it is longer than the time", func(m *act.Meet) { m.Start, m.End = on(2, 9, 0), on(2, 9, 45) }, "act.times duration_minutes"},
		{"no half hour begins in the time", func(m *act.Meet) { m.Start, m.End, m.Minutes = on(2, 9, 5), on(2, 9, 25), 15 }, "act.times duration_minutes"},
		{"somebody whom the flow does not name", func(m *act.Meet) { m.People = append(m.People, "x@contoso.example") }, "act.mailbox people[1]"},
		{"an organizer whom it does not name", func(m *act.Meet) { m.Mailbox = "x@contoso.example" }, "act.mailbox mailbox"},
		{"too many", func(m *act.Meet) { m.People = slices.Repeat(m.People, 20) }, "act.schedule people"},
		{"no such hours", func(m *act.Meet) { m.Hours = "night" }, "act.schedule hours"},
		{"longer than a day", func(m *act.Meet) { m.Minutes = 1441 }, "act.schedule duration_minutes"},
		{"surer than sure", func(m *act.Meet) { n := 101; m.Least = &n }, "act.schedule least_percent"},
	} {
		m := act.Meet{Target: h.to(""), People: []string{h.flow.Mailboxes[1].UPN}, Start: on(2, 8, 0), End: on(2, 15, 0), Minutes: 60}
		c.ask(&m)
		found, err := h.Meet(t.Context(), m)
		if got := meetings(found, err); !strings.HasPrefix(got, c.want) || found.List != nil && got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// meetings writes down what was suggested, or why nothing was.
func meetings(found act.Meetings, err error) string {
	var no *graphwarden.Refusal
	if errors.As(err, &no) {
		return no.Code + " " + no.Field
	}
	if len(found.List) == 0 {
		return found.Why
	}
	berlin, _ := time.LoadLocation("Europe/Berlin")
	var all []string
	for _, m := range found.List {
		all = append(all, fmt.Sprintf("%s %v", m.Start.In(berlin).Format("15:04"), m.Confidence))
	}
	return strings.Join(all, ", ")
}
