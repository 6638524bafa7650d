package edm_test

import (
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden/edm"
)

func typeOf(t *testing.T, name string) *edm.Type {
	t.Helper()
	typ, ok := edm.Load().Type(name)
	if !ok {
		t.Fatalf("no type %s", name)
	}
	return typ
}

func TestTypesAreFoundByEveryName(t *testing.T) {
	user := typeOf(t, "microsoft.graph.user")
	for _, name := range []string{"user", "graph.user", "Microsoft.Graph.User"} {
		if typeOf(t, name) != user {
			t.Errorf("%s is another type", name)
		}
	}
	if typeOf(t, "security.user") == user || typeOf(t, "microsoft.graph.security.user") == user {
		t.Error("the user of another namespace is the user")
	}
	if _, ok := edm.Load().Type("frobnicator"); ok {
		t.Error("found a type that is not there")
	}
}

func TestUser(t *testing.T) {
	user := typeOf(t, "user")
	if user.Name != "microsoft.graph.user" || !user.Entity || !user.Open || user.Abstract {
		t.Errorf("%+v", user)
	}
	if keys := user.Keys(); !slices.Equal(keys, []string{"id"}) {
		t.Errorf("keys %v", keys)
	}
	if keys := user.AlternateKeys(); !slices.Equal(keys, []string{"userPrincipalName"}) {
		t.Errorf("alternate keys %v", keys)
	}
	if !user.IsDerivedFrom(typeOf(t, "directoryObject")) || user.IsDerivedFrom(typeOf(t, "group")) {
		t.Error("wrong line of descent")
	}
	if p := user.Properties(); p[0].Name != "id" || len(p) < 70 {
		t.Errorf("%d properties, the first is %v", len(p), p[0])
	}
	for name, want := range map[string]edm.Property{
		"id":               {Name: "id", Type: "Edm.String"},
		"displayName":      {Name: "displayName", Type: "Edm.String", Nullable: true},
		"businessPhones":   {Name: "businessPhones", Type: "Edm.String", Collection: true},
		"assignedLicenses": {Name: "assignedLicenses", Type: "microsoft.graph.assignedLicense", Collection: true},
		"birthday":         {Name: "birthday", Type: "Edm.DateTimeOffset"},
	} {
		if got, ok := user.Property(name); !ok || got != want {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
	if n, ok := user.Navigation("events"); !ok || n != (edm.Nav{Name: "events", Type: "microsoft.graph.event", Collection: true, ContainsTarget: true}) {
		t.Errorf("events: %+v, %v", n, ok)
	}
	if n, ok := user.Navigation("manager"); !ok || n.Collection || n.ContainsTarget {
		t.Errorf("manager: %+v, %v", n, ok)
	}
	if _, ok := user.Property("DISPLAYNAME"); ok {
		t.Error("a property in the wrong case is found as exact")
	}
	if name, ref, ok := user.Member("MANAGER"); !ok || name != "manager" || ref.Type != "microsoft.graph.directoryObject" {
		t.Errorf("manager: %s %v %v", name, ref, ok)
	}
	if !slices.ContainsFunc(user.Navigations(), func(n edm.Nav) bool { return n.Name == "calendarView" }) {
		t.Error("no calendarView")
	}
}

func TestDescent(t *testing.T) {
	m := edm.Load()
	if !m.IsDerivedFrom("fileAttachment", "attachment") || m.IsDerivedFrom("attachment", "fileAttachment") || m.IsDerivedFrom("nothing", "nothing") {
		t.Error("wrong line of descent")
	}
	if complex := typeOf(t, "communicationsPhoneIdentity"); !complex.Open || complex.Entity || complex.Base == nil {
		t.Errorf("%+v", complex)
	}
}

func TestMembersOfDerivedTypesCount(t *testing.T) {
	m := edm.Load()
	for member, want := range map[string]bool{"id": true, "MANAGER": true, "userPrincipalName": true, "subject": false} {
		if got := m.HasMember("directoryObject", member); got != want {
			t.Errorf("%s: %v", member, got)
		}
	}
	if m.HasMember("user", "groupTypes") || m.HasMember("frob", "id") {
		t.Error("found a member that is not there")
	}
}

func TestEnums(t *testing.T) {
	e, ok := edm.Load().Enum("microsoft.graph.importance")
	if !ok || e.Flags || !slices.Equal(e.Members, []string{"low", "normal", "high"}) {
		t.Fatalf("%+v, %v", e, ok)
	}
	if m, ok := e.Member("HIGH"); !ok || m != "high" {
		t.Errorf("%s, %v", m, ok)
	}
	if _, ok := e.Member("higher"); ok {
		t.Error("found a member that is not there")
	}
	if _, ok := edm.Load().Enum("user"); ok {
		t.Error("a type is no enumeration")
	}
}

func TestOperations(t *testing.T) {
	m := edm.Load()
	event, events := edm.Ref{Type: "microsoft.graph.event"}, edm.Ref{Type: "microsoft.graph.event", Collection: true}
	user, users := edm.Ref{Type: "microsoft.graph.user"}, edm.Ref{Type: "microsoft.graph.user", Collection: true}
	situations := []struct {
		situation, name string
		bound           edm.Ref
		args            []string
		action          bool
		params          int
		returns         edm.Ref
	}{
		{"an action that returns nothing", "accept", event, nil, true, 2, edm.Ref{}},
		{"a function, qualified, on a collection", "microsoft.graph.delta", events, nil, false, 0, events},
		{"the nearest of several types", "delta", users, nil, false, 0, users},
		{"an inherited action", "getMemberGroups", user, nil, true, 1, edm.Ref{Type: "Edm.String", Collection: true}},
		{"a function with arguments in any case", "REMINDERVIEW", user, []string{"enddatetime", "STARTDATETIME"}, false, 2, edm.Ref{Type: "microsoft.graph.reminder", Collection: true}},
		{"a function by its arguments", "delta", edm.Ref{Type: "microsoft.graph.driveItem"}, []string{"token"}, false, 1, edm.Ref{Type: "microsoft.graph.driveItem", Collection: true}},
		{"the same function without", "delta", edm.Ref{Type: "microsoft.graph.driveItem"}, nil, false, 0, edm.Ref{Type: "microsoft.graph.driveItem", Collection: true}},
	}
	for _, s := range situations {
		t.Run(s.situation, func(t *testing.T) {
			o, ok := m.Operation(s.name, s.bound, s.args...)
			if !ok || o.Action != s.action || len(o.Params) != s.params {
				t.Fatalf("%+v, %v", o, ok)
			}
			if s.returns == (edm.Ref{}) != (o.Returns == nil) || o.Returns != nil && *o.Returns != s.returns {
				t.Errorf("returns %v", o.Returns)
			}
		})
	}
	for name, bound := range map[string]edm.Ref{"delta": event, "accept": events, "microsoft.graph.security.delta": events, "frobnicate": user} {
		if o, ok := m.Operation(name, bound); ok {
			t.Errorf("%s on %v is %+v", name, bound, o)
		}
	}
	if o, ok := m.Operation("reminderView", user, "startDateTime"); ok {
		t.Errorf("one argument of two is enough for %+v", o)
	}
}

func TestRoots(t *testing.T) {
	m := edm.Load()
	if r, ok := m.Root("USERS"); !ok || r.Name != "users" || r.Ref != (edm.Ref{Type: "microsoft.graph.user", Collection: true}) {
		t.Errorf("%+v, %v", r, ok)
	}
	if r, ok := m.Root("me"); !ok || r.Ref.Collection {
		t.Errorf("%+v, %v", r, ok)
	}
	if _, ok := m.Root("beta"); ok {
		t.Error("found a root that is not there")
	}
}
