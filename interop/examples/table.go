package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The schemes of the table that a company uses.
const (
	delegated   = "DelegatedWork"
	application = "Application"
)

// table is Microsoft's permission table, read for this witness alone.
type table struct {
	opened map[string][]opening // by scheme, method and path
	reach  map[string]int       // how many operations a permission opens
	level  map[string]int       // by scheme and permission
}

// opening is a permission that opens an operation.
type opening struct {
	permission string
	least      bool
	also       []string // permissions needed besides
}

var braces = regexp.MustCompile(`\{[^}]*\}|\(.*\)`)

func key(scheme, method, path string) string {
	return scheme + " " + strings.ToUpper(method) + " " + braces.ReplaceAllString(strings.ToLower(path), "{}")
}

func readTable(path string) (*table, error) {
	in, err := unzip(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var file struct {
		Permissions map[string]struct {
			Authorization string `json:"authorizationType"`
			Schemes       map[string]struct {
				Level int `json:"privilegeLevel"`
			}
			PathSets []struct {
				Schemes []string `json:"schemeKeys"`
				Methods []string
				Paths   map[string]string
			}
		}
	}
	if err := json.NewDecoder(in).Decode(&file); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	t := &table{opened: map[string][]opening{}, reach: map[string]int{}, level: map[string]int{}}
	for name, p := range file.Permissions {
		if p.Authorization != "oAuth2" {
			continue
		}
		for scheme, s := range p.Schemes {
			t.level[scheme+" "+name] = s.Level
		}
		for _, set := range p.PathSets {
			for _, scheme := range set.Schemes {
				for _, method := range set.Methods {
					for path, value := range set.Paths {
						o := read(name, scheme, value)
						k := key(scheme, method, path)
						t.opened[k] = append(t.opened[k], o)
						t.reach[name]++
					}
				}
			}
		}
	}
	return t, nil
}

// read reads the value of a path: "least=A,B;AlsoRequires=C".
func read(name, scheme, value string) opening {
	o := opening{permission: name}
	for part := range strings.SplitSeq(value, ";") {
		what, list, _ := strings.Cut(part, "=")
		switch strings.ToLower(strings.TrimSpace(what)) {
		case "least":
			o.least = slices.Contains(strings.Split(list, ","), scheme)
		case "alsorequires":
			o.also = strings.Split(list, ",")
		}
	}
	return o
}

// opens says whether any permission of the scheme opens an operation.
func (t *table) opens(scheme, method, path string) bool {
	return len(t.least(scheme, method, path, true)) > 0
}

// least gives the least permissions of a scheme for an operation, nil when there
// are none. Other says that what is touched is not the caller's own.
func (t *table) least(scheme, method, path string, other bool) []string {
	path, _, _ = strings.Cut(path, "?")
	if names, told := t.untabled(scheme, method, path); told {
		return names
	}
	var all []opening
	for _, p := range spellings(path) {
		if all = t.opened[key(scheme, method, p)]; len(all) > 0 {
			break
		}
	}
	var able []opening
	for _, o := range all {
		if !onlyOwn(o.permission) || !other && scheme == delegated {
			able = append(able, o)
		}
	}
	if len(able) == 0 {
		return nil
	}
	best := slices.MinFunc(able, func(a, b opening) int { return slices.Compare(t.rank(scheme, method, a), t.rank(scheme, method, b)) })
	return append([]string{t.offered(scheme, best.permission)}, best.also...)
}

// rank orders permissions, the least first. The table's marks belong to whole
// sets of paths and need breaking of ties; on a method that writes a permission
// that only reads is a mistake of it (SOURCES.md of the facts, "Pitfalls").
func (t *table) rank(scheme, method string, o opening) []int {
	not := func(b bool) int {
		if b {
			return 0
		}
		return 1
	}
	writes := strings.Contains(o.permission, "Write") || !strings.Contains(o.permission, ".Read")
	right := writes
	if method == "GET" {
		right = true
	}
	unlisted := 0 // a permission of another product's marks nothing here
	if strings.HasPrefix(o.permission, "DeviceManagement") {
		unlisted = 1
	}
	return []int{not(right), unlisted, not(o.least), not(!writes), t.level[scheme+" "+o.permission], t.reach[o.permission]}
}

// onlyOwn names permissions that reach nothing but the caller's own.
func onlyOwn(permission string) bool {
	return permission == "User.Read" || permission == "User.ReadWrite" || strings.HasSuffix(permission, ".OwnedBy")
}

// spellings are the ways in which the table may have a path: it lacks most
// segments for counts, casts and references.
func spellings(path string) []string {
	out := []string{path}
	segments := strings.Split(path, "/")
	kept := slices.DeleteFunc(slices.Clone(segments), func(s string) bool {
		l := strings.ToLower(s)
		return strings.HasPrefix(l, "microsoft.graph.") || strings.HasPrefix(l, "graph.")
	})
	plain := strings.TrimSuffix(strings.TrimSuffix(strings.Join(kept, "/"), "/$count"), "/$ref")
	out = append(out, strings.Join(kept, "/"), plain)
	for _, p := range []string{path, plain} { // /me/calendar is /me/calendars/{id}
		out = append(out, strings.Replace(p, "/calendar/", "/calendars/{}/", 1))
	}
	for _, p := range out { // what is missing under /me stands under /users/{id}
		if below, me := strings.CutPrefix(p, "/me/"); me {
			out = append(out, "/users/{}/"+below)
		}
	}
	return out
}

// untabled names the permissions of what the table has not, from the pages of
// these operations.
func (t *table) untabled(scheme, method, path string) (names []string, told bool) {
	path = braces.ReplaceAllString(strings.ToLower(path), "{}")
	for _, u := range []struct{ method, path, permission string }{
		{"POST", "/groups/{}/members/$ref", "GroupMember.ReadWrite.All"},      // group-post-members
		{"DELETE", "/groups/{}/members/{}/$ref", "GroupMember.ReadWrite.All"}, // group-delete-members
		{"POST", "/groups/{}/owners/$ref", "Group.ReadWrite.All"},             // group-post-owners
		{"DELETE", "/groups/{}/owners/{}/$ref", "Group.ReadWrite.All"},        // group-delete-owners
		{"GET", "/subscriptions", "Calendars.ReadBasic"},                      // subscription-list: that of any resource
		{"DELETE", "/subscriptions/{}", "Calendars.ReadBasic"},
		{"DELETE", "/directory/deleteditems/{}", "Application.ReadWrite.All"}, // directory-deleteditems-delete: by type
		{"DELETE", "/directoryobjects/{}", "Group.ReadWrite.All"},             // directoryobject-delete: by type
		{"GET", "/organization", "Organization.Read.All"},                     // organization-get; the table has Intune's alone
		{"GET", "/organization/{}", "Organization.Read.All"},
		{"GET", "/users/{}/calendar", "Calendars.ReadBasic"}, // calendar-get
		{"GET", "/me/calendar", "Calendars.ReadBasic"},
		{"GET", "/directory/deleteditems/microsoft.graph.group", "Group.Read.All"}, // directory-deleteditems-list
		{"GET", "/directory/deleteditems/microsoft.graph.user", "User.Read.All"},
		{"GET", "/directory/deleteditems/microsoft.graph.application", "Application.Read.All"},
	} {
		if u.method == method && u.path == path {
			return []string{t.offered(scheme, u.permission)}, true
		}
	}
	// group-post-events, group-delete-event: application not supported; the table
	// has it for the second alone.
	never := scheme == application && strings.HasPrefix(path, "/groups/{}/events")
	return nil, never
}

// offered gives the name under which Graph offers a permission of the table for a
// scheme: to applications Calendars.ReadBasic is offered as Calendars.ReadBasic.All
// (permissions reference).
func (t *table) offered(scheme, permission string) string {
	if scheme == application && permission == "Calendars.ReadBasic" {
		return "Calendars.ReadBasic.All"
	}
	return permission
}
