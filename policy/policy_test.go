package policy_test

import (
	"sync"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

const (
	alice = "6e7b768e-07e2-4810-8459-485f84f8f204"
	bob   = "87d349ed-44d7-43e1-9a83-5f2406dee5bd"
	carol = "5d8d505c-864f-4804-88c7-4583c966cde8"
)

func flows() []flow.Flow {
	r := graphwarden.Registration{Name: "main", Tenant: "contoso"}
	return []flow.Flow{
		{Name: "office", App: "crm", Kind: flow.Calendar(), Tenant: "contoso", Registration: "main",
			Mailboxes: graphwarden.MailboxScope{{ID: alice, UPN: "alice@contoso.com"}}},
		{Name: "desk", App: "desk", Kind: flow.Calendar(), Tenant: "contoso", Registration: "main",
			Mailboxes: graphwarden.MailboxScope{{ID: bob, UPN: "bob@contoso.com"}}},
		flow.ForReader(r), flow.ForSignIn(r),
	}
}

func TestOnlyAFlowPermits(t *testing.T) {
	p, err := policy.New(flows())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		situation string
		app, flow string
		operation flow.Operation
		mailbox   string
		rule      string
	}{
		{"its own mailbox", "crm", "office", flow.CalendarDelta(), alice, "flow:office"},
		{"a subscription of its own mailbox", "crm", "office", flow.Subscribe(), alice, "flow:office"},
		{"the house reads a user", "graphwarden", "reader/main", flow.GetUser(), "", "flow:reader/main"},
		{"the house obtains a token", "graphwarden", "sign-in/main", flow.ObtainToken(), "", "flow:sign-in/main"},
		{"a mailbox of another flow", "crm", "office", flow.CalendarDelta(), bob, "default/mailbox"},
		{"a mailbox of no flow", "crm", "office", flow.CalendarDelta(), carol, "default/mailbox"},
		{"a mailbox by name", "crm", "office", flow.CalendarDelta(), "alice@contoso.com", "default/mailbox"},
		{"no mailbox", "crm", "office", flow.CalendarDelta(), "", "default/mailbox"},
		{"a subscription without a mailbox", "crm", "office", flow.RenewSubscription(), "", "default/mailbox"},
		{"a mailbox where none is touched", "graphwarden", "reader/main", flow.GetUser(), alice, "default/mailbox"},
		{"an operation of another kind", "crm", "office", flow.GetUser(), "", "default/operation"},
		{"no operation", "crm", "office", flow.Operation{}, alice, "default/operation"},
		{"another app's flow", "crm", "desk", flow.CalendarDelta(), bob, "default/app"},
		{"no app", "", "office", flow.CalendarDelta(), alice, "default/app"},
		{"an app in the house's flow", "crm", "reader/main", flow.GetUser(), "", "default/app"},
		{"an unknown flow", "crm", "Office", flow.CalendarDelta(), alice, "default/flow"},
		{"no flow", "crm", "", flow.CalendarDelta(), alice, "default/flow"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			d := p.Decide(test.app, test.flow, test.operation, test.mailbox)
			if allowed := test.rule[:5] == "flow:"; d.Allowed != allowed || d.Rule != test.rule || d.Reason == "" {
				t.Errorf("decided %+v, want rule %s", d, test.rule)
			}
		})
	}
}

func TestAPolicyThatLeavesItOpenIsNotBuilt(t *testing.T) {
	for situation, spoil := range map[string]func([]flow.Flow) []flow.Flow{
		"a name twice":        func(f []flow.Flow) []flow.Flow { return append(f, f[0]) },
		"no name":             func(f []flow.Flow) []flow.Flow { f[0].Name = ""; return f },
		"no app":              func(f []flow.Flow) []flow.Flow { f[0].App = ""; return f },
		"an unpinned mailbox": func(f []flow.Flow) []flow.Flow { f[0].Mailboxes[0].ID = ""; return f },
	} {
		if p, err := policy.New(spoil(flows())); err == nil || p != nil {
			t.Errorf("%s: built", situation)
		}
	}
}

func TestAPolicyDoesNotChangeWithItsFlows(t *testing.T) {
	given := flows()
	p, err := policy.New(given)
	if err != nil {
		t.Fatal(err)
	}
	given[0].Mailboxes[0].ID = carol
	if p.Decide("crm", "office", flow.CalendarDelta(), carol).Allowed {
		t.Error("a mailbox slipped in after the policy was built")
	}
}

func TestBeforeAPolicyIsInForceNothingIsPermitted(t *testing.T) {
	var f policy.InForce
	if d := f.Judge("crm", "office", flow.CalendarDelta(), alice, policy.Circumstances{}); d.Allowed || d.Rule != "default/none" {
		t.Fatalf("decided %+v", d)
	}
	p, err := policy.New(flows())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { f.Replace(p); f.Judge("crm", "office", flow.CalendarDelta(), alice, policy.Circumstances{}) })
	}
	all.Wait()
	if !f.Judge("crm", "office", flow.CalendarDelta(), alice, policy.Circumstances{}).Allowed {
		t.Error("the policy in force does not decide")
	}
	empty, err := policy.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Replace(empty)
	if f.Judge("crm", "office", flow.CalendarDelta(), alice, policy.Circumstances{}).Allowed {
		t.Error("a replaced policy still permits")
	}
}
