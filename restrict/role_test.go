package restrict_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/restrict"
)

// TestConsentsThatDefeatARole are those for the same kind of thing in every mailbox,
// whether narrower or wider; to send is another thing than to read.
func TestConsentsThatDefeatARole(t *testing.T) {
	for _, c := range []struct {
		role, consent string
		defeats       bool
	}{
		{"Application Calendars.Read", "Calendars.Read", true},
		{"Application Calendars.Read", "Calendars.ReadWrite", true},
		{"Application Calendars.Read", "Calendars.ReadBasic.All", true},
		{"Application Calendars.Read", "Mail.Read", false},
		{"Application Calendars.Read", "User.Read.All", false},
		{"Application Mail.Send", "Mail.Send", true},
		{"Application Mail.Send", "Mail.Read", false},
		{"Application Mail.Read", "Mail.Send", false},
		{"Application Mail.Read", "Mail.ReadBasic.All", true},
	} {
		if got := restrict.Replaces([]string{c.role}, c.consent); got != c.defeats {
			t.Errorf("%s beside %s: %t", c.consent, c.role, got)
		}
	}
	if restrict.Reads([]string{"Application Mail.Send"}) || !restrict.Reads([]string{"Application Mail.Send", "Application Calendars.Read"}) {
		t.Error("what only sends is not proven by reading")
	}
}

// TestEveryRoleStandsForAPermissionThatMicrosoftHas, with its ReadBasic variants.
func TestEveryRoleStandsForAPermissionThatMicrosoftHas(t *testing.T) {
	for _, name := range []string{"Calendars.Read", "Calendars.ReadBasic.All", "Calendars.ReadWrite", "Contacts.Read", "Contacts.ReadWrite", "Mail.Read",
		"Mail.ReadBasic.All", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.Read", "MailboxSettings.ReadWrite"} {
		p, known := catalog.Load().PermissionOf(catalog.MicrosoftGraph, name)
		if _, in := p.In(catalog.Application); !known || !in || !strings.HasPrefix(restrict.Role(name), "Application ") {
			t.Errorf("%s: %q", name, restrict.Role(name))
		}
	}
	if restrict.Role("User.Read.All") != "" {
		t.Error("Exchange narrows the directory")
	}
}

func TestNamesFitIntoExchange(t *testing.T) {
	long := "Graphwarden calendar " + strings.Repeat("ö", 80)
	if a, b := restrict.Short(long+"a"), restrict.Short(long+"b"); utf8.RuneCountInString(a) > 64 || a == b || restrict.Short("Graphwarden main x") != "Graphwarden main x" {
		t.Errorf("%q, %q", a, b)
	}
}

// TestAGroupIsAScope: its members are inside, and somebody of them is found to prove
// it by.
func TestAGroupIsAScope(t *testing.T) {
	h := open(t, nil)
	list, _ := h.Ask(t, http.MethodGet, "/v1.0/groups?$expand=members", nil)["value"].([]any)
	group, members := "", map[string]bool{}
	for _, v := range list {
		g, _ := v.(map[string]any)
		in, _ := g["members"].([]any)
		if g["mail"] != nil && len(in) > 0 && len(in) < 4 {
			group = g["id"].(string)
			for _, m := range in {
				members[m.(map[string]any)["userPrincipalName"].(string)] = true
			}
			break
		}
	}
	if group == "" {
		t.Fatal("no group with some of the people")
	}
	c := h.Restrict.Config
	c.Flows = []flow.Flow{c.Flows[0]}
	c.Flows[0].Mailboxes, c.Flows[0].Groups = nil, []string{group}
	h.Restrict = restrict.New(c)
	out := h.apply(restrict.Asked{Now: true})
	if !members[out.State.Inside] || members[out.State.Outside] || out.State.Outside == "" {
		t.Errorf("inside %s, outside %s of %v", out.State.Inside, out.State.Outside, members)
	}
	if s := h.later("3h"); s.State != "proven" {
		t.Errorf("%+v", s)
	}
	v, err := h.Restrict.Show(context.WithoutCancel(t.Context()), "contoso", "main")
	if err != nil || !strings.Contains(v.Script, "Get-Recipient -Identity '"+group+"'") || !strings.Contains(v.Script, "MemberOfGroup -eq '$(") {
		t.Errorf("%v in:\n%s", err, v.Script)
	}
	c.Flows[0].Groups = []string{"6e7b768e-07e2-4810-8459-485f84f8f204"}
	h.Restrict = restrict.New(c)
	if _, err := h.Restrict.Apply(t.Context(), "contoso", "main", restrict.Asked{DryRun: true}); refusalOf(err) != "restrict.group_unknown" {
		t.Errorf("a group without an address: %v", err)
	}
}

func refusalOf(err error) string {
	code, _ := graphwarden.Explain(err)
	return code
}

// TestOnlyRolesThatExchangeWasToldOfStand for permissions: a flow that needs another one by
// now has no role for it, until Exchange is told anew.
func TestOnlyRolesThatExchangeWasToldOfStand(t *testing.T) {
	for _, c := range []struct {
		name string
		row  graphwarden.Restriction
		want string
	}{
		{"told of sending only", graphwarden.Restriction{By: graphwarden.ByRoles, Wanted: "x", Roles: "Mail.Send"}, "Mail.Send"},
		{"told of more", graphwarden.Restriction{By: graphwarden.ByRoles, Wanted: "x", Roles: "Mail.ReadWrite Mail.Send"}, "Mail.Send Mail.ReadWrite Mail.Read"},
		{"being told", graphwarden.Restriction{By: graphwarden.ByRoles, Wanted: "unfinished", Roles: "Mail.Send"}, ""},
		{"by policies", graphwarden.Restriction{By: graphwarden.ByPolicy, Wanted: "x", Roles: "Mail.Send"}, ""},
		{"of an older version", graphwarden.Restriction{By: graphwarden.ByRoles, Wanted: "x", State: graphwarden.RestrictionProven}, "Mail.Send Mail.ReadWrite Mail.Read"},
		{"of an older version, and the flows have changed", graphwarden.Restriction{By: graphwarden.ByRoles, Wanted: "x", State: graphwarden.RestrictionPast}, ""},
	} {
		if got := strings.Join(restrict.Stands(c.row, []string{"Mail.Send", "Mail.ReadWrite", "Mail.Read", "User.Read.All"}, catalog.Load()), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
