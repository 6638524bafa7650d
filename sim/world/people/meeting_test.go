package people_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/people"
	"github.com/graphwarden/graphwarden/sim/world/recur"
)

func when(t *testing.T, stamp any) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05.0000000", stamp.(people.Doc)["dateTime"].(string))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestMeetingsAreOfThePeopleAndOfTheYear(t *testing.T) {
	c := company(60)
	known := map[string]bool{}
	for _, a := range accounts(c) {
		known[fmt.Sprint(a["mail"])] = true
	}
	for m := range c.Meetings() {
		start, end := when(t, m.Event["start"]), when(t, m.Event["end"])
		if !known[m.Organizer] || end.Before(start) {
			t.Fatalf("%s organizes %v from %v to %v", m.Organizer, m.Event["subject"], start, end)
		}
		if start.Before(around().AddDate(0, -8, 0)) || start.After(around().AddDate(1, 2, 0)) {
			t.Errorf("%v is on %v, far from %v", m.Event["subject"], start, around())
		}
		for _, a := range m.Event["attendees"].([]any) {
			address := a.(people.Doc)["emailAddress"].(people.Doc)["address"].(string)
			if inside := strings.HasSuffix(address, "@contoso.example"); inside != known[address] || !strings.HasSuffix(address, ".example") {
				t.Errorf("%v invites %s", m.Event["subject"], address)
			}
		}
	}
}

func TestSeriesAreSuchAsExchangeTakes(t *testing.T) {
	types, series := map[string]bool{}, 0
	for m := range company(60).Meetings() {
		if m.Event["recurrence"] == nil {
			continue
		}
		series++
		start, end := when(t, m.Event["start"]), when(t, m.Event["end"])
		rec, err := recur.Decode(m.Event["recurrence"])
		if err != nil {
			t.Fatal(err)
		}
		types[rec.Pattern.Type] = true
		if err := rec.Validate(start); err != nil {
			t.Errorf("%v: %v", m.Event["subject"], err)
		}
		s, err := recur.NewSeries(start, end, rec)
		if err != nil {
			t.Fatal(err)
		}
		dates := m.Cancelled
		for _, e := range m.Exceptions {
			dates = append(dates, e.Date)
		}
		for _, date := range dates {
			if _, ok := s.On(date); !ok {
				t.Errorf("%v does not take place on %v", m.Event["subject"], date)
			}
		}
	}
	if len(types) != 6 || series < 100 {
		t.Errorf("%d series of the types %v", series, types)
	}
}

func TestGuestsAreInvitedOnceAndNotByThemselves(t *testing.T) {
	for m := range company(60).Meetings() {
		seen := map[any]bool{m.Organizer: true}
		for _, a := range m.Event["attendees"].([]any) {
			guest := a.(people.Doc)
			address := guest["emailAddress"].(people.Doc)["address"]
			if seen[address] && strings.HasSuffix(address.(string), "@contoso.example") {
				t.Errorf("%v of %s invites %v again", m.Event["subject"], m.Organizer, address)
			}
			seen[address] = true
			status := guest["status"].(people.Doc)
			if none := status["response"] == "none"; none != (status["time"] == "0001-01-01T00:00:00Z") {
				t.Errorf("%v answered %v at %v", address, status["response"], status["time"])
			}
		}
	}
}

func TestExceptionsStayBetweenTheirNeighbours(t *testing.T) {
	moved := 0
	for m := range company(60).Meetings() {
		if len(m.Exceptions) == 0 {
			continue
		}
		rec, err := recur.Decode(m.Event["recurrence"])
		if err != nil {
			t.Fatal(err)
		}
		s, err := recur.NewSeries(when(t, m.Event["start"]), when(t, m.Event["end"]), rec)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range m.Exceptions {
			if e.Event["start"] == nil {
				continue
			}
			moved++
			before, after := s.Neighbours(e.Date)
			start, end := when(t, e.Event["start"]), when(t, e.Event["end"])
			if before != nil && start.Before(before.End) || after != nil && end.After(after.Start) {
				t.Errorf("%v is moved across its neighbour, to %v", m.Event["subject"], start)
			}
		}
	}
	if moved < 50 {
		t.Errorf("only %d occurrences are moved", moved)
	}
}

func TestTheFirstTwoHaveMeetingsOfEverySort(t *testing.T) {
	c := company(25)
	for _, user := range c.Users[:2] {
		upn, zone := user["userPrincipalName"].(string), user["mailboxSettings"].(people.Doc)["timeZone"]
		has := map[string]bool{}
		for m := range c.Meetings() {
			e := m.Event
			if m.Organizer != upn {
				has["invitation"] = has["invitation"] || strings.Contains(fmt.Sprint(e["attendees"]), upn)
				continue
			}
			for sort, it := range map[string]bool{
				"exception and cancelled date": len(m.Exceptions) > 0 && len(m.Cancelled) > 0,
				"attachment":                   len(m.Attachments) > 0 && e["hasAttachments"] == true,
				"private":                      e["sensitivity"] == "private",
				"all day":                      e["isAllDay"] == true,
				"absence":                      e["showAs"] == "oof",
				"online":                       e["isOnlineMeeting"] == true,
				"room":                         e["location"].(people.Doc)["locationEmailAddress"] != nil,
				"other calendar":               m.Calendar != "",
				"other zone":                   e["start"].(people.Doc)["timeZone"] != zone,
				"guest from outside":           strings.Contains(fmt.Sprint(e["attendees"]), "@fabrikam.example") || strings.Contains(fmt.Sprint(e["attendees"]), "@adatum.example") || strings.Contains(fmt.Sprint(e["attendees"]), "@northwind.example"),
			} {
				has[sort] = has[sort] || it
			}
		}
		for _, sort := range []string{"invitation", "exception and cancelled date", "attachment", "private", "all day",
			"absence", "online", "room", "other calendar", "other zone", "guest from outside"} {
			if !has[sort] {
				t.Errorf("%s has no meeting of the sort: %s", upn, sort)
			}
		}
	}
}
