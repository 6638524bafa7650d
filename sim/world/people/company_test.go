package people_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/people"
)

func around() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

func company(users int) *people.Company {
	return people.Generate(people.Options{Seed: 1, Users: users, Domain: "contoso.example", Around: around()})
}

// written is all that a company says, meetings included.
func written(t *testing.T, c *people.Company) string {
	t.Helper()
	var meetings []people.Meeting
	for m := range c.Meetings() {
		meetings = append(meetings, m)
	}
	raw, err := json.Marshal([]any{c.Users, c.Managers, c.Shared, c.Rooms, c.Groups, c.Calendars, meetings})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestTheSameSeedMakesTheSameCompany(t *testing.T) {
	one := written(t, company(25))
	if again := written(t, company(25)); one != again {
		t.Error("made twice, the companies differ")
	}
	other := people.Generate(people.Options{Seed: 2, Users: 25, Domain: "contoso.example", Around: around()})
	if one == written(t, other) {
		t.Error("another seed makes the same company")
	}
}

func TestALargerCompanyBeginsWithTheSmallerOne(t *testing.T) {
	small, large := company(25), company(300)
	for i, user := range small.Users {
		if fmt.Sprint(user) != fmt.Sprint(large.Users[i]) {
			t.Fatalf("user %d is %v, and in the larger company %v", i, user, large.Users[i])
		}
	}
}

// accounts are the documents that have a mail nickname.
func accounts(c *people.Company) []people.Doc {
	var list []people.Doc
	list = append(append(list, c.Users...), c.Shared...)
	for _, room := range c.Rooms {
		list = append(list, room.Account)
	}
	for _, group := range c.Groups {
		list = append(list, group.Doc)
	}
	return list
}

func TestPeopleHaveDistinctAddressesThatMailCanCarry(t *testing.T) {
	plain := regexp.MustCompile(`^[a-z0-9.-]+$`)
	guid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[any]bool{}
	foreign := 0
	for _, a := range accounts(company(3000)) {
		nick := a["mailNickname"].(string)
		if !plain.MatchString(nick) {
			t.Errorf("%v has the nickname %q", a["displayName"], nick)
		}
		if mail := a["mail"]; mail != nil && mail != nick+"@contoso.example" {
			t.Errorf("%v has the mail address %v", a["displayName"], mail)
		}
		if !guid.MatchString(a["id"].(string)) {
			t.Errorf("%v has the id %v", a["displayName"], a["id"])
		}
		if seen[a["id"]] || seen[nick] {
			t.Errorf("%v shares its id or nickname", a["displayName"])
		}
		seen[a["id"]], seen[nick] = true, true
		if strings.ContainsFunc(a["displayName"].(string), func(r rune) bool { return r > 127 }) {
			foreign++
		}
	}
	if foreign < 300 {
		t.Errorf("only %d names have letters beyond ASCII", foreign)
	}
}

func TestManagersMakeATree(t *testing.T) {
	for _, users := range []int{1, 2, 3, 25, 1000} {
		t.Run(fmt.Sprint(users), func(t *testing.T) {
			c := company(users)
			known, reports, without := map[string]bool{"": true}, map[string]int{}, 0
			for _, u := range c.Users {
				known[u["id"].(string)] = true
			}
			for _, u := range c.Users {
				id := u["id"].(string)
				if c.Managers[id] == "" {
					without++
				}
				reports[c.Managers[id]]++
				for steps := 0; id != ""; steps++ {
					if id = c.Managers[id]; !known[id] || steps == 20 {
						t.Fatalf("%v is led by nobody or in a circle", u["displayName"])
					}
				}
			}
			if without != 1 {
				t.Errorf("%d have no manager, want 1", without)
			}
			admin := c.Users[0]["id"].(string)
			if users >= 25 && (c.Managers[admin] == "" || reports[admin] == 0) {
				t.Errorf("the administrator has manager %q and %d reports", c.Managers[admin], reports[admin])
			}
		})
	}
}

func TestGroupsOfEveryKindHoldPeopleOfTheCompany(t *testing.T) {
	c := company(25)
	person, group := map[string]bool{}, map[string]bool{}
	for _, u := range c.Users {
		person[u["id"].(string)] = true
	}
	for _, g := range c.Groups {
		group[g.Doc["id"].(string)] = true
	}
	kinds, nested := map[string]bool{}, false
	for _, g := range c.Groups {
		kinds[fmt.Sprint(g.Doc["groupTypes"], g.Doc["mailEnabled"], g.Doc["securityEnabled"])] = true
		for _, id := range append(g.Owners[:len(g.Owners):len(g.Owners)], g.Members...) {
			nested = nested || group[id]
			if !person[id] && !group[id] {
				t.Errorf("%v holds %s, who is nobody", g.Doc["displayName"], id)
			}
		}
	}
	for _, kind := range []string{"[Unified] true false", "[] false true", "[] true true", "[] true false"} {
		if !kinds[kind] {
			t.Errorf("no group of the kind %s", kind)
		}
	}
	if !nested {
		t.Error("no group holds a group")
	}
}

func TestTelephoneNumbersAreFictitious(t *testing.T) {
	fiction := regexp.MustCompile(`^\+(44 20 7946 0|44 7700 900|49 30 23125 |49 171 39200|1 \d{3} 555 01|` +
		`33 1 99 00 |33 6 39 98 |46 8 465 004 |46 70 174 06 |61 2 5550 |61 491 570 1)`)
	for _, u := range company(200).Users {
		for _, number := range []any{u["businessPhones"].([]any)[0], u["mobilePhone"]} {
			if !fiction.MatchString(number.(string)) {
				t.Errorf("%v has the number %v", u["displayName"], number)
			}
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, users := range []int{25, 5000} {
		b.Run(fmt.Sprint(users), func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = 0
				for range company(users).Meetings() {
					n++
				}
			}
			b.ReportMetric(float64(n), "meetings")
		})
	}
}
