package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// follower reads a collection by delta, as a client does.
type follower struct {
	*bench
	link    string
	headers []string
	pages   int
}

// told is what a round told of one object: its properties, and for a relation
// the ids that came (+) and went (-).
type told struct {
	doc     world.Doc
	removed string
	links   []string
}

// round reads to the delta link. The last word on an object counts, and links
// are collected over all pages.
func (f *follower) round() map[string]told {
	f.t.Helper()
	out := map[string]told{}
	for f.pages = 1; ; f.pages++ {
		r := f.Must(200, "app", "GET "+f.link, "", f.headers...)
		list, _ := r.Body["value"].([]any)
		for _, v := range list {
			d, _ := v.(world.Doc)
			n := out[world.Text(d, "id")]
			n.doc = d
			if gone, ok := d["@removed"].(world.Doc); ok {
				n.removed = world.Text(gone, "reason")
			}
			for _, rel := range []string{"members", "owners", "manager"} {
				ends, _ := d[rel+"@delta"].([]any)
				for _, e := range ends {
					end, _ := e.(world.Doc)
					sign := "+"
					if end["@removed"] != nil {
						sign = "-"
					}
					n.links = append(n.links, sign+world.Text(end, "id"))
				}
			}
			out[world.Text(d, "id")] = n
		}
		next, more := r.Body["@odata.nextLink"].(string)
		delta, last := r.Body["@odata.deltaLink"].(string)
		if more == last || f.pages > 50 {
			f.t.Fatalf("page %d of %s has next link %q and delta link %q", f.pages, f.link, next, delta)
		}
		if f.link = next; last {
			f.link = delta
			return out
		}
	}
}

func TestDeltaTellsWhatHappened(t *testing.T) {
	b := start(t)
	f := &follower{bench: b, link: "/users/delta"}
	first := f.round()
	if len(first) != 4 || f.pages != 2 {
		t.Fatalf("%d users on %d pages", len(first), f.pages)
	}
	if d := first[b.IDs["bob"]].doc; d["displayName"] != "Bob" || d["department"] != nil || len(d) != 6 {
		t.Errorf("Bob is %v", d) // default properties that are set, and no others
	}
	if got := f.round(); len(got) != 0 || f.pages != 1 {
		t.Errorf("nothing happened, but %v", got)
	}
	old := f.link
	b.Must(204, "app", "PATCH /users/{bob}", `{"jobTitle":null,"mobilePhone":"1"}`)
	b.Must(204, "app", "DELETE /users/{dan}", "")
	r := b.Must(201, "app", "POST /users", newUser)
	eve := world.Text(r.Body, "id")
	b.Must(204, "ada", "DELETE /users/{cleo}", "")
	b.Must(204, "ada", "DELETE /directory/deletedItems/{cleo}", "")
	b.Must(200, "app", "GET /users/{bob}", "")
	got := f.round()
	if len(got) != 4 || got[b.IDs["dan"]].removed != "changed" || got[b.IDs["cleo"]].removed != "deleted" || got[eve].doc["displayName"] != "Eve" {
		t.Errorf("told %v", got)
	}
	bob := got[b.IDs["bob"]].doc
	if title, there := bob["jobTitle"]; !there || title != nil || bob["mobilePhone"] != "1" || bob["displayName"] != "Bob" {
		t.Errorf("Bob is %v", bob)
	}
	if again := (&follower{bench: b, link: old}).round(); len(again) != 4 {
		t.Errorf("an old delta link told %v", again)
	}
	b.Must(200, "app", "POST /directory/deletedItems/{dan}/restore", "")
	if got := f.round(); len(got) != 1 || got[b.IDs["dan"]].doc["displayName"] != "Dan" || got[b.IDs["dan"]].removed != "" {
		t.Errorf("after the restore: %v", got)
	}
}

func TestDeltaTellsOnlyWhatWasSelected(t *testing.T) {
	b := start(t)
	f := &follower{bench: b, link: "/users/delta?$select=displayName,DEPARTMENT"}
	first := f.round()
	if d := first[b.IDs["bob"]].doc; len(d) != 3 || d["department"] != "Sales" {
		t.Errorf("Bob is %v", d)
	}
	b.Must(204, "app", "PATCH /users/{bob}", `{"jobTitle":"Chief"}`)
	if got := f.round(); len(got) != 0 {
		t.Errorf("an unselected property told %v", got)
	}
	b.Must(204, "app", "PATCH /users/{bob}", `{"department":"Finance"}`)
	f.headers = []string{"Prefer: return=minimal"}
	if d := f.round()[b.IDs["bob"]].doc; len(d) != 2 || d["department"] != "Finance" {
		t.Errorf("minimally, Bob is %v", d)
	}
	m := &follower{bench: b, link: "/users/delta?$select=manager"}
	if got := m.round()[b.IDs["bob"]].links; !slices.Equal(got, []string{"+" + b.IDs["cleo"]}) {
		t.Errorf("Bob's manager is %v", got)
	}
	b.Must(204, "app", "PUT /users/{bob}/manager/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{ada}"}`)
	got := m.round()[b.IDs["bob"]].links
	slices.Sort(got)
	if !slices.Equal(got, []string{"+" + b.IDs["ada"], "-" + b.IDs["cleo"]}) {
		t.Errorf("Bob's manager changed by %v", got)
	}
}

func TestDeltaTellsOfMembers(t *testing.T) {
	b := start(t)
	f := &follower{bench: b, link: "/groups/delta"}
	first := f.round()
	if got := first[b.IDs["office"]].links; len(got) != 2 {
		t.Errorf("the office begins with %v", got)
	}
	b.Must(204, "app", "POST /groups/{office}/members/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{dan}"}`)
	b.Must(204, "app", "DELETE /groups/{office}/members/{bob}/$ref", "")
	b.Must(204, "app", "DELETE /groups/{office}/owners/{bob}/$ref", "")
	got := f.round()
	links := got[b.IDs["office"]].links
	slices.Sort(links)
	if len(got) != 1 || !slices.Equal(links, []string{"+" + b.IDs["dan"], "-" + b.IDs["bob"]}) {
		t.Errorf("told %v", got)
	}
	b.Must(204, "app", "DELETE /users/{dan}", "")
	for _, group := range []string{"office", "sub"} {
		if got := (&follower{bench: b, link: f.link}).round()[b.IDs[group]].links; !slices.Equal(got, []string{"-" + b.IDs["dan"]}) {
			t.Errorf("a deleted user leaves %s by %v", group, got)
		}
	}
	f.round()
	b.Must(204, "app", "DELETE /groups/{office}", "")
	if got := f.round(); got[b.IDs["office"]].removed != "deleted" {
		t.Errorf("told %v", got)
	}
	plain := &follower{bench: b, link: "/groups/delta?$select=displayName"}
	if got := plain.round()[b.IDs["team"]]; len(got.links) != 0 || len(got.doc) != 2 {
		t.Errorf("without members, the team is %v", got)
	}
	b.Must(204, "app", "POST /groups/{team}/owners/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{ada}"}`)
	if got := plain.round(); len(got) != 0 {
		t.Errorf("unselected owners told %v", got)
	}
}

func TestDeltaPagesLoseNothing(t *testing.T) {
	for _, size := range []int{1, 2, 3, 100} {
		t.Run(fmt.Sprint(size, " on a page"), func(t *testing.T) {
			b := start(t)
			f := &follower{bench: b, link: "/users/delta?$select=displayName", headers: []string{fmt.Sprintf("Prefer: odata.maxpagesize=%d", size)}}
			r := b.Must(200, "app", "GET "+f.link, "", f.headers...)
			seen := map[string]bool{}
			for page := 0; ; page++ {
				list, _ := r.Body["value"].([]any)
				if len(list) > size {
					t.Errorf("page %d has %d users", page, len(list))
				}
				for _, v := range list {
					seen[world.Text(v.(world.Doc), "id")] = true
				}
				if page == 0 { // the world does not wait for the reader
					made := b.Must(201, "app", "POST /users", newUser)
					b.IDs["eve"] = world.Text(made.Body, "id")
					b.Must(204, "app", "DELETE /users/{dan}", "")
				}
				if f.link = world.Text(r.Body, "@odata.nextLink"); f.link == "" {
					f.link = world.Text(r.Body, "@odata.deltaLink")
					break
				}
				r = b.Must(200, "app", "GET "+f.link, "", f.headers...)
			}
			for id, n := range f.round() {
				seen[id] = n.removed == ""
			}
			for name, want := range map[string]bool{"ada": true, "bob": true, "cleo": true, "eve": true, "dan": false} {
				if seen[b.IDs[name]] != want {
					t.Errorf("%s is known: %v", name, seen[b.IDs[name]])
				}
			}
		})
	}
}

func TestALargeGroupIsToldOverSeveralPages(t *testing.T) {
	b := start(t)
	const many = 1100
	err := b.World.Update(func(tx *state.Tx) error {
		sub, _ := b.World.Object(tx, b.IDs["sub"])
		for range many {
			b.World.Link(tx, sub, world.Members, b.World.NewUser(tx, world.Doc{}).ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{bench: b, link: "/groups/delta?$select=displayName,members&$filter=id eq '{sub}'"}
	got := f.round()[b.IDs["sub"]].links
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != many+1 || f.pages != 3 {
		t.Errorf("%d members on %d pages", n, f.pages)
	}
}

func TestDeltaOfEveryCollection(t *testing.T) {
	b := start(t)
	for set, want := range map[string]int{"users": 4, "groups": 4, "applications": 1, "servicePrincipals": 3, "directoryRoles": 3, "contacts": 0} {
		if got := (&follower{bench: b, link: "/" + set + "/delta"}).round(); len(got) != want {
			t.Errorf("%s: %d told, want %d", set, len(got), want)
		}
		if got := (&follower{bench: b, link: "/" + set + "/delta?$deltatoken=latest"}).round(); len(got) != 0 {
			t.Errorf("%s: from now on, %d told", set, len(got))
		}
	}
}

func TestDeltaRefuses(t *testing.T) {
	b := start(t)
	f := &follower{bench: b, link: "/users/delta"}
	f.round()
	ids := strings.TrimSuffix(strings.Repeat("id eq '{bob}' or ", 51), " or ")
	for request, status := range map[string]int{
		"GET /users/delta?$deltatoken=made-up":                                 400,
		"GET /users/delta?$skiptoken=made-up":                                  400,
		"GET /users/delta?$skiptoken=" + f.link[strings.Index(f.link, "=")+1:]: 400,
		"GET " + strings.Replace(f.link, "/users/", "/groups/", 1):             400,
		"GET /users/delta?$select=colour":                                      400,
		"GET /users/delta?$select=ownedObjects":                                400,
		"GET /users/delta?$filter=displayName eq 'Bob'":                        400,
		"GET /users/delta?$filter=id eq '{bob}' and id eq '{dan}'":             400,
		"GET /users/delta?$filter=" + ids:                                      400,
		"GET /users/delta?$top=5":                                              400,
		"GET /users/delta?$orderby=displayName":                                400,
		"GET /users/delta?$expand=manager":                                     400,
	} {
		if r := b.Ask("app", request, ""); r.Status != status {
			t.Errorf("%s: %d %s", request, r.Status, r.Text)
		}
	}
	if r := b.Ask("app:Group.Read.All", "GET /users/delta", ""); r.Status != 403 {
		t.Errorf("without permission: %d", r.Status)
	}
	if got := (&follower{bench: b, link: "/users/delta?$filter=id eq '{bob}' or id eq '{dan}'"}).round(); len(got) != 2 {
		t.Errorf("filtered by two ids: %v", got)
	}
	b.World.Clock().Advance(7*24*time.Hour + time.Second)
	r := b.Must(410, "app", "GET "+f.link, "")
	at := r.Header.Get("Location")
	if !strings.HasSuffix(at, "/v1.0/users/delta?$deltatoken=") {
		t.Fatalf("the way out is %q", at)
	}
	if got := (&follower{bench: b, link: at}).round(); len(got) != 4 {
		t.Errorf("starting again tells %v", got)
	}
}
