package flow_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/flow"
)

const (
	alice    = "6e7b768e-07e2-4810-8459-485f84f8f204"
	bob      = "87d349ed-44d7-43e1-9a83-5f2406dee5bd"
	calendar = "AAMkAGI2TGuLAAABbmVZAAA="
)

func TestAnOperationBuildsOnlyThePathItWasGivenValuesFor(t *testing.T) {
	for _, test := range []struct {
		situation string
		operation flow.Operation
		mailbox   string
		args      flow.Args
		path      string // "" when it must be refused
	}{
		{"a mailbox's calendars", flow.ListCalendars(), alice, nil, "/v1.0/users/" + alice + "/calendars"},
		{"one calendar's delta", flow.CalendarDelta(), alice, flow.Args{"calendar": calendar},
			"/v1.0/users/" + alice + "/calendars/" + calendar + "/calendarView/delta"},
		{"a user by name", flow.GetUser(), "", flow.Args{"user": "o'brien@contoso.com"}, "/v1.0/users/o%27brien@contoso.com"},
		{"a guest by name", flow.GetUser(), "", flow.Args{"user": "x_y.com#EXT#@contoso.com"}, "/v1.0/users/x_y.com%23EXT%23@contoso.com"},
		{"a tenant by domain", flow.ObtainToken(), "", flow.Args{"tenant": "contoso.onmicrosoft.com"}, "/contoso.onmicrosoft.com/oauth2/v2.0/token"},
		{"a subscription", flow.RenewSubscription(), alice, flow.Args{"subscription": bob}, "/v1.0/subscriptions/" + bob},
		{"no operation", flow.Operation{}, alice, nil, ""},
		{"no mailbox", flow.ListCalendars(), "", nil, ""},
		{"a mailbox by name", flow.ListCalendars(), "alice@contoso.com", nil, ""},
		{"a mailbox that climbs", flow.ListCalendars(), "../" + bob, nil, ""},
		{"a calendar that climbs", flow.CalendarDelta(), alice, flow.Args{"calendar": "..%2f..%2fcalendars/x"}, ""},
		{"a calendar that is a system word", flow.CalendarDelta(), alice, flow.Args{"calendar": "$count"}, ""},
		{"a calendar missing", flow.CalendarDelta(), alice, nil, ""},
		{"a value too many", flow.ListCalendars(), alice, flow.Args{"calendar": calendar}, ""},
		{"a user that is a system word", flow.GetUser(), "", flow.Args{"user": "$count"}, ""},
		{"a user that is another operation", flow.GetUser(), "", flow.Args{"user": "delta"}, ""},
		{"a user with two at signs", flow.GetUser(), "", flow.Args{"user": "a@contoso.com@evil.example"}, ""},
		{"a user with a query", flow.GetUser(), "", flow.Args{"user": "a?$select=id@contoso.com"}, ""},
		{"a user with a line end", flow.GetUser(), "", flow.Args{"user": "a\r\n@contoso.com"}, ""},
		{"a tenant that is everybody's", flow.ObtainToken(), "", flow.Args{"tenant": "common"}, ""},
		{"a subscription that is not an id", flow.RenewSubscription(), alice, flow.Args{"subscription": "x"}, ""},
	} {
		t.Run(test.situation, func(t *testing.T) {
			path, err := test.operation.Build(test.mailbox, test.args)
			if test.path == "" {
				if err == nil {
					t.Fatalf("built %q, want a refusal", path)
				}
				return
			}
			if err != nil || path != test.path {
				t.Fatalf("built %q, %v, want %q", path, err, test.path)
			}
		})
	}
}

func TestALinkLeadsOnlyToTheSameObjects(t *testing.T) {
	args := flow.Args{"calendar": calendar}
	base := "/v1.0/users/" + alice + "/calendars/" + calendar + "/calendarView/delta"
	for _, test := range []struct {
		path  string
		leads bool
	}{
		{base, true},
		{"/v1.0/USERS/" + alice + "/Calendars/" + calendar + "/calendarview/DELTA", true},
		{"/v1.0/users('" + alice + "')/calendars('" + calendar + "')/calendarView/microsoft.graph.delta()", true},
		{strings.Replace(base, alice, bob, 1), false},
		{strings.Replace(base, calendar, strings.ToLower(calendar), 1), false},
		{strings.Replace(base, "delta", "", 1), false},
		{base + "/", false},
		{base + "/x", false},
		{strings.Replace(base, "/v1.0", "/beta", 1), false},
		{strings.Replace(base, "/v1.0", "/v1.0/x/..", 1), false},
		{"/v1.0/me/calendarView/delta", false},
		{"", false},
	} {
		if got := flow.CalendarDelta().Leads(test.path, alice, args); got != test.leads {
			t.Errorf("Leads(%q) = %t", test.path, got)
		}
	}
	if flow.CalendarDelta().Leads(base, bob, args) || flow.CalendarDelta().Leads(base, alice, nil) {
		t.Error("a link leads to objects that the call does not name")
	}
}

func FuzzBuild(f *testing.F) {
	f.Add("alice@contoso.com", calendar)
	f.Add("../x@contoso.com", "$ref")
	f.Add("a%2f@contoso.com", "AAAAAAAAAAAAAAAA/..")
	f.Fuzz(func(t *testing.T, user, container string) {
		for _, op := range []struct {
			operation flow.Operation
			mailbox   string
			args      flow.Args
		}{
			{flow.GetUser(), "", flow.Args{"user": user}},
			{flow.CalendarDelta(), alice, flow.Args{"calendar": container}},
		} {
			path, err := op.operation.Build(op.mailbox, op.args)
			if err != nil {
				continue
			}
			u, err := url.Parse("https://graph.microsoft.com" + path)
			if err != nil || u.RawQuery != "" || u.Fragment != "" {
				t.Fatalf("%q does not parse as a bare path: %v", path, err)
			}
			if got, want := strings.Count(u.Path, "/"), strings.Count(op.operation.Template(), "/"); got != want {
				t.Fatalf("%q has %d segments, its template %d", path, got, want)
			}
			if u.JoinPath().Path != u.Path {
				t.Fatalf("%q means %q once cleaned", path, u.JoinPath().Path)
			}
			if !op.operation.Leads(u.Path, op.mailbox, op.args) {
				t.Fatalf("%q does not lead to itself", path)
			}
		}
	})
}
