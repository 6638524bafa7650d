package judge_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// one judges a plan that asks for one permission, in a file that says nothing else.
func one(name string, scheme plan.Scheme) judge.Permission {
	a := judge.Plan(catalog.Load(), &plan.Plan{Format: "manifest", Lines: 1, Mentions: []plan.Mention{
		{Line: 1, Written: name, Name: name, Resource: catalog.MicrosoftGraph, Scheme: scheme, SchemeFrom: "id", FoundBy: plan.ByID, Confidence: plan.Certain, Status: plan.Asked}}})
	return a.Permissions[0]
}

func TestEachRuleGivesItsClass(t *testing.T) {
	for _, s := range []struct {
		rule, name string
		scheme     plan.Scheme
		class      judge.Class
	}{
		{"P1", "RoleManagement.ReadWrite.Directory", plan.Application, judge.Critical},
		{"P1", "Directory.AccessAsUser.All", plan.Delegated, judge.Critical},
		{"P1", "Policy.ReadWrite.ConditionalAccess", plan.Delegated, judge.Critical},
		{"P1", "AgentIdentityBlueprint.AddRemoveCreds.All", plan.Application, judge.Critical},
		{"P1", "Synchronization.ReadWrite.All", plan.Application, judge.Critical},
		{"K1", "DeviceLocalCredential.Read.All", plan.Application, judge.Critical},
		{"K1", "BitlockerKey.Read.All", plan.Delegated, judge.Critical},
		{"B1", "DeviceLocalCredential.ReadBasic.All", plan.Application, judge.High},
		{"B1", "eDiscovery.Read.All", plan.Delegated, judge.High},
		{"T2", "Policy.Read.All", plan.Application, judge.Medium},
		{"P2", "Sites.FullControl.All", plan.Application, judge.Critical},
		{"L1", "Mail.Send", plan.Application, judge.Critical},
		{"L2", "Files.Read.All", plan.Application, judge.High},
		{"L3", "Files.ReadWrite.All", plan.Delegated, judge.High},
		{"L4", "Mail.Read.Shared", plan.Delegated, judge.Medium},
		{"L2 O1", "Mail.ReadBasic.All", plan.Application, judge.Medium},
		{"D1", "Calendars.Read", plan.Application, judge.High},
		{"D2", "Contacts.ReadWrite", plan.Delegated, judge.High},
		{"D3", "Tasks.Read", plan.Delegated, judge.Medium},
		{"D3 O1", "Calendars.ReadBasic", plan.Delegated, judge.Low},
		{"B1", "AuditLog.Read.All", plan.Delegated, judge.High},
		{"C1", "User.ReadBasic.All", plan.Application, judge.Low},
		{"C1", "Organization.Read.All", plan.Delegated, judge.Low},
		{"C2", "Organization.ReadWrite.All", plan.Application, judge.High},
		{"S1", "User.Read", plan.Delegated, judge.Low},
		{"T1", "Device.ReadWrite.All", plan.Application, judge.High},
		{"T2", "User.Read.All", plan.Application, judge.Medium},
		{"N1", "Sites.Selected", plan.Application, judge.High},
		{"N1", "Sites.Selected", plan.Delegated, judge.Medium},
		{"N1", "ChannelMessage.Read.Group", plan.Application, judge.Medium},
	} {
		if q := one(s.name, s.scheme); q.Class != s.class || q.Rule != s.rule || q.Why == "" {
			t.Errorf("%s, %s, is %s by %s (%s), not %s by %s", s.name, s.scheme, q.Class, q.Rule, q.Why, s.class, s.rule)
		}
	}
	if q := one("Application.ReadWrite.OwnedBy", plan.Application); q.Class != judge.High || q.Rule != "N1" {
		t.Errorf("what is one's own is %s by %s", q.Class, q.Rule)
	}
}

// TestEveryPathIsAPermission holds the list against the catalogue: a path that is
// misspelt would never be found.
func TestEveryPathIsAPermission(t *testing.T) {
	var names []string
	for p := range catalog.Load().Permissions() {
		names = append(names, p.Name)
	}
	for _, p := range judge.Paths() {
		before, after, star := strings.Cut(p, "*")
		found := false
		for _, n := range names {
			found = found || n == p || star && strings.HasPrefix(n, before) && strings.HasSuffix(n, after)
		}
		if !found {
			t.Errorf("the catalogue has no %s", p)
		}
	}
}

// TestEveryPermissionHasAClass and a reason, whatever the catalogue gets.
func TestEveryPermissionHasAClass(t *testing.T) {
	rules := map[string]bool{}
	for _, r := range append(judge.Rules(), judge.Modifiers()...) {
		rules[r.ID] = true
	}
	for p := range catalog.Load().Permissions() {
		for _, scheme := range []plan.Scheme{plan.Delegated, plan.Application} {
			if _, ok := p.In(scheme.Catalog()); !ok {
				continue
			}
			q := one(p.Name, scheme)
			first, _, _ := strings.Cut(q.Rule, " ")
			if q.Class.Rank() == 0 || !rules[first] || q.Why == "" {
				t.Errorf("%s, %s: %s by %q", p.Name, scheme, q.Class, q.Rule)
			}
		}
	}
}
