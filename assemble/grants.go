package assemble

import (
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/grants"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/restrict"
	"github.com/graphwarden/graphwarden/store"
)

// Grants is how often the server looks at what its registrations are granted.
type Grants struct {
	// Every is how often; 0, the default, is never. The registrations called reader
	// need a permission for it.
	Every Duration `yaml:"every"`
}

func (g Grants) check(found *faults) {
	found.when(g.Every != 0 && time.Duration(g.Every) < time.Minute, "grants.every", "it is a length of time such as 1h, a minute or longer, or 0s for never")
}

// tries says of a flow of the house that it takes what there is, so that nothing is
// needed for it.
func (c *Config) tries(f flow.Flow) bool {
	switch f.Kind.Name() {
	case flow.Grants().Name():
		return c.Grants.Every == 0
	case flow.Probing().Name(), flow.Inventory().Name():
		return true
	}
	return false
}

// newGrants makes the room that tells what registrations were granted.
func newGrants(c *Config, d *declared, desk *connect.Desk, s *store.Store, l *ledger.Ledger, o Outside) *grants.Grants {
	g := grants.Config{Flows: slices.Concat(d.flows, d.house), Tries: c.tries, Administrators: desk, Store: s, Ledger: l, Narrowed: narrowed(s, d.table), Role: restrict.Role,
		Every: time.Duration(c.Grants.Every), Log: o.Log, Now: o.Now, Step: o.Step, Table: d.table}
	g.Tenants, g.Registrations = d.parties()
	return grants.New(g)
}
