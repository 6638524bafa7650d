package assemble_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/presence"
)

// board has the journey's gateway tell presence, too, of the first three people.
func (j *journey) board(settings string) {
	j.changed = func() {
		for _, a := range j.ready.Apps {
			if a.Name == "presence" {
				j.replace("    registrations:\n", fmt.Sprintf("    registrations:\n      presence: {client_id: %s, secret_file: presence.secret}\n", a.ClientID))
				if err := os.WriteFile(filepath.Join(j.folder, "presence.secret"), []byte(a.ClientSecret), 0o600); err != nil {
					j.Fatal(err)
				}
			}
		}
		j.replace("flows:\n", fmt.Sprintf("flows:\n  board:\n    app: switchboard\n    kind: presence\n    tenant: contoso\n    registration: presence\n    mailboxes: [%s, %s, %s]\n    presence: {%s}\n",
			j.ready.Users[0].UserPrincipalName, j.ready.Users[1].UserPrincipalName, j.ready.Users[2].UserPrincipalName, settings))
	}
}

// tells waits until the board says something of somebody, and gives it.
func (j *journey) tells(person int, what string, holds func(presence.Presence) bool) presence.Presence {
	j.Helper()
	var last presence.Presence
	for late := time.Now().Add(2 * time.Hour); time.Now().Before(late); {
		s, err := j.gateway.Board.Stream(j.Context(), []string{"board", "office"}, nil, "")
		if err != nil {
			j.Fatal(err)
		}
		news := s.News()
		defer s.Close()
		list, err := j.gateway.Board.People(j.Context(), []string{"board", "office"}, []string{j.ready.Users[person].ID})
		if err == nil && len(list) == 1 {
			if last = list[0]; holds(last) {
				return last
			}
		}
		select {
		case <-news:
		case <-time.After(time.Minute):
		}
	}
	j.Fatalf("person %d never was %s, but %+v", person, what, last)
	return last
}

func is(s presence.State) func(presence.Presence) bool {
	return func(p presence.Presence) bool { return p.State == s }
}

// free takes everything off somebody's calendar that is on it now and for a while.
func (j *journey) free(person int) {
	j.Helper()
	now := time.Now().UTC()
	q := url.Values{"startDateTime": {now.AddDate(0, 0, -2).Format(time.RFC3339)}, "endDateTime": {now.AddDate(0, 0, 12).Format(time.RFC3339)}, "$top": {"500"}}
	for _, e := range pages[wire](j, "/v1.0/users/"+j.ready.Users[person].ID+"/calendarView?"+q.Encode()) {
		j.outlook(http.MethodDelete, "/v1.0/users/"+j.ready.Users[person].ID+"/events/"+url.PathEscape(e.ID), nil)
	}
}

// busy makes an event from now on, by minutes.
func (j *journey) busy(person, from, to int, more map[string]any) string {
	j.Helper()
	at := func(minutes int) map[string]any {
		return map[string]any{"dateTime": time.Now().UTC().Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
	}
	body := map[string]any{"subject": "a secret subject", "start": at(from), "end": at(to), "showAs": "busy"}
	for k, v := range more {
		body[k] = v
	}
	return j.outlook(http.MethodPost, "/v1.0/users/"+j.ready.Users[person].ID+"/events", body)["id"].(string)
}

func TestASwitchboardIsToldWhatPeopleDoInOutlook(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, _ *copied) {
		for person := range 3 {
			j.free(person)
		}
		j.board("zone: Europe/Berlin")
		j.run("5m")
		j.tells(0, "available", is(presence.Available))
		id := j.busy(0, -10, 30, map[string]any{"sensitivity": "private"})
		p := j.tells(0, "busy", is(presence.Busy))
		if p.Class != presence.Private || p.Permission != "Calendars.Read" || p.Source != presence.FromCalendar || p.Next == nil || p.Next.State != presence.Available {
			t.Errorf("is %+v", p)
		}
		began := time.Now()
		j.tells(0, "available by itself", is(presence.Available))
		if d := time.Since(began); d < 29*time.Minute || d > 31*time.Minute {
			t.Errorf("the meeting ended after %s", d)
		}
		j.busy(0, -5, 30, nil)
		j.tells(0, "busy again", is(presence.Busy))
		j.outlook(http.MethodDelete, "/v1.0/users/"+j.ready.Users[0].ID+"/events/"+url.PathEscape(id), nil)
		j.free(0)
		j.tells(0, "available once it is deleted", is(presence.Available))
		weekly := j.busy(1, -10, 20, map[string]any{"showAs": "tentative", "recurrence": map[string]any{
			"pattern": map[string]any{"type": "daily", "interval": 1},
			"range":   map[string]any{"type": "noEnd", "startDate": time.Now().UTC().Add(-10 * time.Minute).Format(time.DateOnly)}}})
		j.tells(1, "tentative by a series", is(presence.Tentative))
		j.outlook(http.MethodPatch, "/v1.0/users/"+j.ready.Users[1].ID+"/events/"+url.PathEscape(weekly), map[string]any{"showAs": "oof"})
		j.tells(1, "out of office by a change of the series", is(presence.OutOfOffice))
		for _, e := range entriesOf(j, "board") {
			if e.Method != http.MethodGet && e.Path != "/v1.0/subscriptions" {
				t.Errorf("the flow did %s %s", e.Method, e.Path)
			}
		}
	})
}

// entriesOf gives the ledger's decisions about a flow.
func entriesOf(j *journey, flow string) (list []graphwarden.Entry) {
	j.Helper()
	err := j.gateway.Store.EntriesAfter(j.Context(), 0, 100_000, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Flow == flow && e.Kind == graphwarden.Decided {
			list = append(list, e)
		}
		return nil
	})
	if err != nil || len(list) == 0 {
		j.Fatal(len(list), err)
	}
	return list
}

func TestWhatAFlowDeclaresIsAskedFor(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, _ *copied) {
		for person := range 3 {
			j.free(person)
		}
		j.board("teams: true, settings: true, schedule: true")
		away := j.ready.Users[2]
		j.busy(2, -10, 240, map[string]any{"showAs": "oof"})
		j.steer("/sim/faults", map[string]any{"rules": []any{map[string]any{"match": "GET /users/" + away.ID + "/calendars*", "status": 403}}})
		j.run("5m")
		p := j.tells(2, "out of office by the schedule", is(presence.OutOfOffice))
		if p.Source != presence.FromSchedule || p.Permission != "Calendars.Read" {
			t.Errorf("is %+v", p)
		}
		j.steer("/sim/presence", map[string]any{"user": j.ready.Users[0].ID, "availability": "Busy", "activity": "InACall"})
		p = j.tells(0, "in a call", func(p presence.Presence) bool { return p.Call.Is == "yes" })
		if p.State != presence.Busy || p.Source != presence.FromTeams || p.Permission != "Presence.Read.All" || !p.Until.IsZero() {
			t.Errorf("is %+v", p)
		}
		p = j.tells(0, "known by settings", func(p presence.Presence) bool { return p.AutomaticReplies.Is == "off" })
		if p.AutomaticReplies.Permission != "MailboxSettings.Read" || p.Zone == "" {
			t.Errorf("is %+v", p)
		}
		j.outlook(http.MethodPatch, "/v1.0/users/"+j.ready.Users[0].ID+"/mailboxSettings", map[string]any{"automaticRepliesSetting": map[string]any{"status": "alwaysEnabled", "internalReplyMessage": "gone fishing"}})
		p = j.tells(0, "replying by itself", func(p presence.Presence) bool { return p.AutomaticReplies.Is == "on" })
		if text := fmt.Sprintf("%+v", p); strings.Contains(text, "fishing") {
			t.Errorf("is %s", text)
		}
		synctest.Wait()
	})
}

// steer tells the simulator something.
func (j *journey) steer(path string, body any) {
	j.Helper()
	j.outlook(http.MethodPost, path, body)
}
