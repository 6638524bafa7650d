package edm_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/odata"
)

// resolve parses a raw path and walks it through the schema.
func resolve(t *testing.T, raw string) (edm.Target, error) {
	t.Helper()
	path, err := odata.ParsePath(raw)
	if err != nil {
		t.Fatal(err)
	}
	segments := make([]edm.Segment, len(path))
	for i, s := range path {
		segments[i] = edm.Segment{Text: s.Text, Key: s.Kind == odata.Key, Call: s.Call}
		for _, a := range s.Args {
			segments[i].Args = append(segments[i].Args, a.Name)
		}
	}
	return edm.Load().Resolve(segments)
}

func TestResolve(t *testing.T) {
	one := func(name string) edm.Ref { return edm.Ref{Type: edm.Namespace + name} }
	many := func(name string) edm.Ref { return edm.Ref{Type: edm.Namespace + name, Collection: true} }
	situations := []struct {
		name, path, template string
		role                 edm.Role
		ref                  edm.Ref
	}{
		{"an entity set", "/Users", "/users", edm.RoleRoot, many("user")},
		{"an entity", "/users/a@b.c", "/users/{id}", edm.RoleKey, one("user")},
		{"a singleton", "/ME", "/me", edm.RoleRoot, one("user")},
		{"an alternate key", "/users(userprincipalname='a@b.c')/Events", "/users(userPrincipalName={value})/events", edm.RoleNav, many("event")},
		{"a key that is spelt like a name", "/users/x/mailFolders/inbox/messages", "/users/{id}/mailFolders/{id}/messages", edm.RoleNav, many("message")},
		{"a function of a collection before a key", "/users/delta", "/users/delta", edm.RoleOperation, many("user")},
		{"a key that is spelt like a function", "/users('delta')", "/users/{id}", edm.RoleKey, one("user")},
		{"a function of a navigation", "/users/x/calendarView/delta()", "/users/{id}/calendarView/delta", edm.RoleOperation, many("event")},
		{"a function with arguments", "/me/reminderView(startDateTime='a',endDateTime='b')", "/me/reminderView(StartDateTime={value},EndDateTime={value})", edm.RoleOperation, many("reminder")},
		{"a qualified action", "/me/microsoft.graph.sendMail", "/me/sendMail", edm.RoleOperation, edm.Ref{}},
		{"an action on a navigation", "/me/calendar/getSchedule", "/me/calendar/getSchedule", edm.RoleOperation, many("scheduleInformation")},
		{"a path that goes on after a function", "/me/events/x/instances/delta", "/me/events/{id}/instances/delta", edm.RoleOperation, many("event")},
		{"a path that goes on behind a function's result", "/sites/root/getByPath(path='x')/lists", "/sites/{id}/getByPath(path={value})/lists", edm.RoleNav, many("list")},
		{"a cast of a collection", "/groups/g/members/graph.user", "/groups/{id}/members/microsoft.graph.user", edm.RoleCast, many("user")},
		{"a cast of an entity", "/groups/g/members/u/microsoft.graph.user/manager", "/groups/{id}/members/{id}/microsoft.graph.user/manager", edm.RoleNav, one("directoryObject")},
		{"a count", "/groups/g/members/$count", "/groups/{id}/members/$count", edm.RoleCount, edm.Ref{Type: "Edm.Int32"}},
		{"references", "/groups/g/members/$ref", "/groups/{id}/members/$ref", edm.RoleRef, many("directoryObject")},
		{"one reference", "/groups/g/members/u/$ref", "/groups/{id}/members/{id}/$ref", edm.RoleRef, one("directoryObject")},
		{"the bytes of a stream", "/me/photo/$value", "/me/photo/$value", edm.RoleValue, edm.Ref{Type: "Edm.Stream"}},
		{"a structural property", "/me/mailboxSettings/timeZone", "/me/mailboxSettings/timeZone", edm.RoleProperty, edm.Ref{Type: "Edm.String"}},
		{"a batch", "/$batch", "/$batch", edm.RoleBatch, edm.Ref{}},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			got, err := resolve(t, s.path)
			if err != nil {
				t.Fatal(err)
			}
			last := got.Last()
			if got.Template() != s.template || last.Role != s.role || last.Ref != s.ref {
				t.Errorf("%s, role %d, %v; want %s, role %d, %v", got.Template(), last.Role, last.Ref, s.template, s.role, s.ref)
			}
			if called := last.Role == edm.RoleOperation; called != (got.Op != nil) {
				t.Errorf("operation %v", got.Op)
			}
		})
	}
}

func TestPathsThatLeadNowhere(t *testing.T) {
	for name, s := range map[string]struct{ path, segment string }{
		"nothing":                               {"/", ""},
		"an unknown root":                       {"/beta/users", "beta"},
		"an unknown property":                   {"/me/frobs", "frobs"},
		"a key of a single entity":              {"/me('x')", "x"},
		"a key of a complex value":              {"/me/businessPhones('1')", "1"},
		"something after an action":             {"/me/sendMail/x", "x"},
		"something after a count":               {"/users/$count/x", "x"},
		"something after a batch":               {"/$batch/x", "x"},
		"a batch further down":                  {"/me/$batch", "$batch"},
		"a count of one":                        {"/me/$count", "$count"},
		"the bytes of many":                     {"/users/$value", "$value"},
		"a reference to a root":                 {"/users/x/$ref", "$ref"},
		"a cast to something else":              {"/groups/g/members/microsoft.graph.event", "microsoft.graph.event"},
		"a property of a derived type, uncast":  {"/groups/g/members/u/manager", "manager"},
		"an alternate key that is none":         {"/users(displayName='x')", "users"},
		"an alternate key of a single entity":   {"/me(userPrincipalName='x')", "me"},
		"arguments of an action":                {"/me/sendMail(a='x')", "sendMail"},
		"a function without one of its values":  {"/me/reminderView(startDateTime='x')", "reminderView"},
		"a property of a collection":            {"/me/events/x/attendees/type", "type"},
		"an action of an entity on its set":     {"/me/events/accept/x", "x"},
		"a delta that Graph v1.0 does not have": {"/me/events/x/delta", "delta"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := resolve(t, s.path)
			var nowhere *edm.PathError
			if !errors.As(err, &nowhere) {
				t.Fatalf("Resolve = %+v, %v, want a *PathError", got, err)
			}
			if nowhere.Segment != s.segment || !strings.Contains(err.Error(), "Resource not found for the segment '"+s.segment+"'.") {
				t.Errorf("%v", err)
			}
		})
	}
}

// example is a documented request.
type example struct {
	ID      string
	Request struct {
		Method, URL  string
		PathInSchema bool   `json:"path_in_schema"`
		PathType     string `json:"path_type"`
		Body         any
	}
}

// examples reads the documented requests, which lie beside the repository where
// the project is developed.
func examples(t *testing.T) []example {
	t.Helper()
	f, err := os.Open("../../shared/graph/examples.jsonl.gz")
	if os.IsNotExist(err) {
		t.Skip("the documented examples are not there: expected in ../shared/graph beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []example
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	if err := lines.Err(); err != nil || len(out) < 300 {
		t.Fatalf("%d examples, %v", len(out), err)
	}
	return out
}

// TestDocumentedPathsResolve holds the schema and the path grammar against the
// paths of Microsoft's documentation, each with the type that it addresses.
func TestDocumentedPathsResolve(t *testing.T) {
	for _, e := range examples(t) {
		path, _, _ := strings.Cut(e.Request.URL, "?")
		// A thumbnail's size is no navigation but an open property.
		if !e.Request.PathInSchema || strings.Contains(path, "{size}") {
			continue
		}
		got, err := resolve(t, path)
		if err != nil {
			t.Errorf("%s: %s: %v", e.ID, path, err)
			continue
		}
		want := strings.TrimSuffix(strings.TrimPrefix(e.Request.PathType, "Collection("), ")")
		if strings.HasPrefix(want, edm.Namespace) && got.Last().Ref.Type != want {
			t.Errorf("%s: %s addresses %s, want %s", e.ID, path, got.Last().Ref.Type, want)
		}
	}
}

// TestCasingsOfAPathAgree spells the names of documented paths in random
// capitals: they address the same.
func TestCasingsOfAPathAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, e := range examples(t) {
		path, _, _ := strings.Cut(e.Request.URL, "?")
		if !e.Request.PathInSchema || strings.ContainsAny(path, "(:") || strings.Contains(path, "{size}") {
			continue // what is refused, and arguments, are other tests' matter
		}
		want, err := resolve(t, path)
		if err != nil {
			t.Fatal(err)
		}
		segments := strings.Split(path, "/")
		for i, s := range segments {
			if !strings.HasPrefix(s, "{") && i <= len(want.Steps) && i > 0 && want.Steps[i-1].Role != edm.RoleKey {
				segments[i] = scramble(random, s)
			}
		}
		scrambled := strings.Join(segments, "/")
		got, err := resolve(t, scrambled)
		if err != nil || got.Template() != want.Template() {
			t.Errorf("%s is %s, %v, want %s", scrambled, got.Template(), err, want.Template())
		}
	}
}

func scramble(random *rand.Rand, s string) string {
	return strings.Map(func(r rune) rune {
		if random.IntN(2) == 0 {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, s)
}
