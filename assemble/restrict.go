package assemble

import (
	"context"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/restrict"
	"github.com/graphwarden/graphwarden/store"
)

// probing begins the names of the flows that try whether a restriction holds.
const probing = "probe/"

// deciders asks the policy in force, and about probes the one that holds only while
// something is tried: probing reaches outside of every flow.
type deciders struct {
	flows  *policy.InForce
	probes *policy.InForce
}

// Judge asks the one whose flow it is.
func (d deciders) Judge(app, name string, op flow.Operation, mailbox string, c policy.Circumstances) graphwarden.Decision {
	if strings.HasPrefix(name, probing) {
		return d.probes.Judge(app, name, op, mailbox, c)
	}
	return d.flows.Judge(app, name, op, mailbox, c)
}

// admit puts probes in force, and no others.
func (d deciders) admit(probes []flow.Flow) error {
	p, err := policy.New(probes)
	if err == nil {
		d.probes.Replace(p)
	}
	return err
}

// narrowed says which permissions registrations have as roles in Exchange, in place
// of consents.
func narrowed(s *store.Store, table *catalog.Catalog) func(context.Context, graphwarden.Registration, []string) ([]string, error) {
	return func(ctx context.Context, r graphwarden.Registration, needed []string) ([]string, error) {
		list, err := s.Restrictions(ctx)
		for _, k := range list {
			if k.Registration == r.Name {
				return restrict.Stands(k, needed, table), err
			}
		}
		return nil, err
	}
}

// newRestrict makes the room that has Exchange keep registrations to their
// mailboxes.
func newRestrict(c *Config, d *declared, desk *connect.Desk, custody *connect.Custody, bare *gate.Gate, by deciders, s *store.Store, l *ledger.Ledger, o Outside) *restrict.Restrict {
	r := restrict.Config{Flows: d.flows, Administrators: desk, Store: s, Ledger: l, Prober: graph.New(bare.With(custody)), Custody: custody,
		Admit: by.admit, Log: o.Log, Now: o.Now, Step: o.Step, Table: d.table}
	r.Tenants, r.Registrations = d.parties()
	return restrict.New(r)
}

// parties are the tenants that have registrations, and these.
func (d *declared) parties() (tenants []graphwarden.Tenant, registrations []graphwarden.Registration) {
	seen := map[string]bool{}
	for _, n := range d.connections {
		if registrations = append(registrations, n.Registration); !seen[n.Tenant.Name] {
			seen[n.Tenant.Name] = true
			tenants = append(tenants, n.Tenant)
		}
	}
	return tenants, registrations
}
