package world_test

import (
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// tenant is an open world with two users, a group that holds the first of them,
// a group that holds that group, and a registered app.
type tenant struct {
	*world.World
	ann, bob, team, division world.Object
	app, principal           world.Object
}

func open(t *testing.T) tenant {
	t.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	x := tenant{World: world.New(world.Options{Seed: 5, Domain: "contoso.example", Name: "Contoso", Now: func() time.Time { return now }})}
	add := func(tx *state.Tx, typ, name string) world.Object {
		return x.AddObject(tx, world.Object{Type: typ, Doc: world.Doc{"displayName": name, "userPrincipalName": name + "@contoso.example"}})
	}
	err := x.Open(func(tx *state.Tx) error {
		x.Found(tx)
		x.ann, x.bob = add(tx, "user", "ann"), add(tx, "user", "bob")
		x.team, x.division = add(tx, "group", "team"), add(tx, "group", "division")
		x.Link(tx, x.team, world.Members, x.ann.ID)
		x.Link(tx, x.division, world.Members, x.team.ID)
		x.app, x.principal = x.NewRegistration(tx, world.Registration{Name: "crm"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// verdict asks for ann's and for bob's mailbox.
func (x tenant) verdict(t *testing.T, granted bool) (answers [2]string) {
	t.Helper()
	c := world.Caller{AppID: world.Text(x.app.Doc, "appId"), Principal: x.principal.ID}
	_ = x.View(func(tx *state.Tx) error {
		for i, mailbox := range []string{x.ann.ID, x.bob.ID} {
			r := x.MailboxVerdict(tx, c, mailbox, []string{"Calendars.Read", "Calendars.ReadWrite"}, granted)
			switch {
			case r == nil:
				answers[i] = "open"
			case r.Status != 403 || r.Code != "ErrorAccessDenied":
				t.Errorf("refused with %d %s", r.Status, r.Code)
			case strings.Contains(r.Message, "[RAOP]"):
				answers[i] = "policy"
			default:
				answers[i] = "denied"
			}
		}
		return nil
	})
	return answers
}

func (x tenant) set(t *testing.T, want world.MailboxAccess, delay *time.Duration) {
	t.Helper()
	if err := x.Update(func(tx *state.Tx) error { x.SetMailboxAccess(tx, want, delay); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestWhoMayTouchAMailboxAppOnly(t *testing.T) {
	x := open(t)
	appID := world.Text(x.app.Doc, "appId")
	policy := func(right world.AccessRight, app, scope string) world.MailboxAccess {
		return world.MailboxAccess{Policies: []world.AccessPolicy{{App: app, Scope: scope, Right: right}}}
	}
	assign := func(principal, role, group string, mailboxes ...string) world.MailboxAccess {
		return world.MailboxAccess{Assignments: []world.ExchangeAssignment{
			{Principal: principal, Role: role, Group: group, Mailboxes: mailboxes}}}
	}
	both := policy(world.DenyAccess, "*", x.ann.ID)
	both.Assignments = assign(x.principal.ID, "Application Calendars.Read", "", x.ann.ID).Assignments
	cases := []struct {
		situation string
		access    world.MailboxAccess
		granted   bool
		want      [2]string // ann, bob
	}{
		{"a consented permission opens every mailbox", world.MailboxAccess{}, true, [2]string{"open", "open"}},
		{"no permission opens none", world.MailboxAccess{}, false, [2]string{"denied", "denied"}},
		{"a restriction to a group", policy(world.RestrictAccess, appID, x.team.ID), true, [2]string{"open", "policy"}},
		{"a restriction to a group of groups", policy(world.RestrictAccess, appID, x.division.ID), true, [2]string{"open", "policy"}},
		{"a restriction to one user", policy(world.RestrictAccess, appID, x.bob.ID), true, [2]string{"policy", "open"}},
		{"a denial of a group", policy(world.DenyAccess, appID, x.team.ID), true, [2]string{"policy", "open"}},
		{"a policy for every app", policy(world.DenyAccess, "*", x.team.ID), true, [2]string{"policy", "open"}},
		{"a policy for another app", policy(world.DenyAccess, x.ann.ID, x.team.ID), true, [2]string{"open", "open"}},
		{"a policy gives nothing by itself", policy(world.RestrictAccess, appID, x.team.ID), false, [2]string{"denied", "denied"}},
		{"an Exchange role for two mailboxes", assign(x.principal.ID, "Application Calendars.Read", "", x.ann.ID, "other"), false, [2]string{"open", "denied"}},
		{"an Exchange role for a group", assign(x.principal.ID, "Application Calendars.ReadWrite", x.team.ID), false, [2]string{"open", "denied"}},
		{"nested members are not in an Exchange role's group", assign(x.principal.ID, "Application Calendars.Read", x.division.ID), false, [2]string{"denied", "denied"}},
		{"an Exchange role for the organisation", assign(x.principal.ID, "Application Exchange Full Access", ""), false, [2]string{"open", "open"}},
		{"an Exchange role for something else", assign(x.principal.ID, "Application Mail.Read", ""), false, [2]string{"denied", "denied"}},
		{"a role that Exchange does not have", assign(x.principal.ID, "Calendars.Read", ""), false, [2]string{"denied", "denied"}},
		{"the registration's id in place of the service principal's", assign(x.app.ID, "Application Calendars.Read", ""), false, [2]string{"denied", "denied"}},
		{"a consented permission defeats an Exchange role's scope", assign(x.principal.ID, "Application Calendars.Read", x.team.ID), true, [2]string{"open", "open"}},
		{"a policy does not narrow an Exchange role", both, true, [2]string{"open", "open"}},
	}
	at := time.Duration(0)
	for _, c := range cases {
		t.Run(c.situation, func(t *testing.T) {
			x.set(t, c.access, &at)
			if got := x.verdict(t, c.granted); got != c.want {
				t.Errorf("ann and bob: %v, want %v", got, c.want)
			}
		})
	}
}

func TestADenialGoesBeforeARestriction(t *testing.T) {
	x := open(t)
	at := time.Duration(0)
	x.set(t, world.MailboxAccess{Policies: []world.AccessPolicy{
		{App: "*", Scope: x.division.ID, Right: world.RestrictAccess}, {App: "*", Scope: x.ann.ID, Right: world.DenyAccess}}}, &at)
	if got := x.verdict(t, true); got != [2]string{"policy", "policy"} {
		t.Errorf("ann and bob: %v", got)
	}
}

func TestASettingTakesItsTime(t *testing.T) {
	x := open(t)
	open, policy := [2]string{"open", "open"}, [2]string{"policy", "open"}
	deny := world.MailboxAccess{Policies: []world.AccessPolicy{{App: "*", Scope: x.ann.ID, Right: world.DenyAccess}}}
	steps := []struct {
		do   string
		act  func()
		want [2]string
	}{
		{"set", func() { x.set(t, deny, nil) }, open},
		{"29 minutes later", func() { x.Clock().Advance(29 * time.Minute) }, open},
		{"after two hours", func() { x.Clock().Advance(2 * time.Hour) }, policy},
		{"set again", func() { x.set(t, deny, nil) }, policy},
		{"taken away", func() { x.set(t, world.MailboxAccess{}, nil) }, policy},
		{"set again before it ceased", func() { x.set(t, deny, nil) }, policy},
		{"two hours later it still stands", func() { x.Clock().Advance(2 * time.Hour) }, policy},
		{"taken away again", func() { x.set(t, world.MailboxAccess{}, nil) }, policy},
		{"two hours after", func() { x.Clock().Advance(2 * time.Hour) }, open},
		{"a setting that never took effect is gone at once", func() { x.set(t, deny, nil); x.set(t, world.MailboxAccess{}, nil) }, open},
		{"and stays gone", func() { x.Clock().Advance(3 * time.Hour) }, open},
	}
	for _, s := range steps {
		s.act()
		if got := x.verdict(t, true); got != s.want {
			t.Fatalf("%s: ann and bob %v, want %v", s.do, got, s.want)
		}
	}
}
