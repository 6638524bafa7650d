package people_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/people"
)

// plain tells where a document holds what JSON does not come back with.
func plain(value any) string {
	switch v := value.(type) {
	case nil, string, bool, float64:
		return ""
	case people.Doc:
		for member, inner := range v {
			if where := plain(inner); where != "" {
				return member + "." + where
			}
		}
		return ""
	case []any:
		for i, inner := range v {
			if where := plain(inner); where != "" {
				return fmt.Sprint(i, ".", where)
			}
		}
		return ""
	}
	return fmt.Sprintf("%T", value)
}

func TestDocumentsHoldWhatJSONComesBackWith(t *testing.T) {
	c := company(25)
	docs := accounts(c)
	for _, room := range c.Rooms {
		docs = append(docs, room.Place)
	}
	for m := range c.Meetings() {
		docs = append(docs, m.Event)
		docs = append(docs, m.Attachments...)
		for _, e := range m.Exceptions {
			docs = append(docs, e.Event)
		}
	}
	for _, doc := range docs {
		if where := plain(doc); where != "" {
			t.Fatalf("%v holds %s", doc["displayName"], where)
		}
	}
}

func TestRoomsAndSharedMailboxesCannotSignIn(t *testing.T) {
	c := company(25)
	if len(c.Rooms) < 7 || len(c.Shared) == 0 {
		t.Fatalf("%d rooms and %d shared mailboxes", len(c.Rooms), len(c.Shared))
	}
	for _, room := range c.Rooms {
		if room.Account["accountEnabled"] != false || room.Account["mail"] != room.Place["emailAddress"] || room.Account["id"] == room.Place["id"] {
			t.Errorf("the room %v has the account %v", room.Place["displayName"], room.Account)
		}
	}
	for _, shared := range c.Shared {
		if shared["accountEnabled"] != false {
			t.Errorf("%v can sign in", shared["displayName"])
		}
	}
	for _, user := range c.Users {
		if user["accountEnabled"] != true {
			t.Errorf("%v cannot sign in", user["displayName"])
		}
	}
}

func TestPeopleWorkInSeveralZonesAndDepartments(t *testing.T) {
	zones, departments, countries := map[any]int{}, map[any]int{}, map[any]bool{}
	for _, user := range company(500).Users {
		settings := user["mailboxSettings"].(people.Doc)
		zones[settings["timeZone"]]++
		departments[user["department"]]++
		countries[user["usageLocation"]] = true
		if hours := settings["workingHours"].(people.Doc)["timeZone"].(people.Doc)["name"]; hours != settings["timeZone"] {
			t.Errorf("%v works by the clock of %v, and is in %v", user["displayName"], hours, settings["timeZone"])
		}
	}
	if len(zones) < 5 || len(departments) != 8 || len(countries) < 5 {
		t.Errorf("zones %v, departments %v, countries %v", zones, departments, countries)
	}
}

func TestEveryDepartmentHasOneHead(t *testing.T) {
	c := company(500)
	heads := map[any]int{}
	for _, user := range c.Users {
		if title := user["jobTitle"].(string); strings.Contains(title, "Director") || title == "General Counsel" {
			heads[user["department"]]++
			if manager := c.Managers[user["id"].(string)]; manager != c.Users[1]["id"] {
				t.Errorf("%s is led by %s, not by the chief", title, manager)
			}
		}
	}
	for department, n := range heads {
		if n != 1 {
			t.Errorf("%v has %d heads", department, n)
		}
	}
	if len(heads) < 7 { // the chief's own department has none but the chief
		t.Errorf("heads: %v", heads)
	}
}

func TestACompanyOfOneHasMeetings(t *testing.T) {
	n := 0
	for m := range company(1).Meetings() {
		n++
		if len(m.Event["attendees"].([]any)) > 3 {
			t.Errorf("%v has the attendees %v", m.Event["subject"], m.Event["attendees"])
		}
	}
	if n == 0 {
		t.Error("no meetings")
	}
}

func TestNothingAskedForIsStillACompany(t *testing.T) {
	c := people.Generate(people.Options{})
	if len(c.Users) != 1 || c.Users[0]["companyName"] != "Contoso" {
		t.Errorf("made %v", c.Users)
	}
}

func TestAReaderMayStopAfterAnyMeeting(t *testing.T) {
	c := company(3)
	for stop := range 60 {
		n := 0
		for range c.Meetings() {
			if n++; n > stop {
				break
			}
		}
	}
}
