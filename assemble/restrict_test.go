package assemble

import (
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// TestProbesReachNothingUnlessOneIsUnderWay: they go outside of every flow, so they
// are permitted for as long as they take and not a moment longer.
func TestProbesReachNothingUnlessOneIsUnderWay(t *testing.T) {
	r := graphwarden.Registration{Name: "contoso/main", Tenant: "contoso"}
	probe := flow.ForProbe(r, graphwarden.MailboxScope{{ID: "a"}, {ID: "b"}})
	by := deciders{&policy.InForce{}, &policy.InForce{}}
	everything, err := policy.New([]flow.Flow{probe}) // even if it were declared among flows
	if err != nil {
		t.Fatal(err)
	}
	by.flows.Replace(everything)
	allowed := func(mailbox string) bool {
		return by.Judge(graphwarden.House, probe.Name, flow.ListCalendars(), mailbox, policy.Circumstances{}).Allowed
	}
	if allowed("a") {
		t.Error("before it was admitted")
	}
	if err := by.admit([]flow.Flow{probe}); err != nil {
		t.Fatal(err)
	}
	if !allowed("a") || !allowed("b") || allowed("c") || by.Judge("crm", probe.Name, flow.ListCalendars(), "a", policy.Circumstances{}).Allowed {
		t.Error("while it is under way")
	}
	if err := by.admit(nil); err != nil || allowed("a") {
		t.Error("after it")
	}
}
