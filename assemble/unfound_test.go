package assemble

import (
	"strings"
	"testing"
)

// TestAPlanSaysWhatNobodyFinds: a flow that names mailboxes, or groups, of a tenant
// without a reader, when the flow comes or the reader goes.
func TestAPlanSaysWhatNobodyFinds(t *testing.T) {
	t.Parallel()
	with := func(registration string, f Flow) *Config {
		f.Tenant, f.Registration = "contoso", "main"
		return &Config{Tenants: map[string]*Tenant{"contoso": {Registrations: map[string]*Registration{registration: {}}}}, Flows: map[string]*Flow{"office": &f}}
	}
	named, grouped := Flow{Mailboxes: []string{"a@contoso.com"}}, Flow{Groups: []string{"g"}}
	comes := Plan{Differences: []Difference{{What: "flow", Name: "office", Change: "added"}}}
	goes := Plan{Differences: []Difference{{What: "registration", Name: "contoso/reader", Change: "removed"}}}
	other := Plan{Differences: []Difference{{What: "flow", Name: "another", Change: "changed"}}}
	for _, s := range []struct {
		who          string
		registration string
		flow         Flow
		plan         Plan
		says         string // "": nothing
	}{
		{"names, no reader", "main", named, comes, "graphwarden connect contoso main --administrator"},
		{"groups, no reader", "main", grouped, comes, "reads its groups"},
		{"the reader goes", "main", named, goes, "connect.reader_missing"},
		{"a reader", "reader", named, comes, ""},
		{"people", "main", Flow{People: true}, comes, ""},
		{"nothing about it", "main", named, other, ""},
		{"nothing at all", "main", named, Plan{}, ""},
	} {
		out := with(s.registration, s.flow).Unfound(s.plan)
		if s.says == "" && len(out) != 0 || s.says != "" && (len(out) != 1 || !strings.Contains(out[0], s.says) || !strings.Contains(out[0], "flow office")) {
			t.Errorf("%s: it says %q, want %q", s.who, out, s.says)
		}
	}
}
