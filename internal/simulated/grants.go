package simulated

import (
	"log/slog"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/grants"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/restrict"
	"github.com/graphwarden/graphwarden/seal"
)

// grantFlows are the house's flows that grants are looked at and set by.
func grantFlows(r graphwarden.Registration) []flow.Flow {
	return []flow.Flow{flow.ForGranting("contoso"), flow.ForCensus("contoso"), flow.ForInventory(r)}
}

// grantsOf makes the room that tells what the registration was granted.
func (n *Tenant) grantsOf(r Rooms, bare *gate.Gate, d Door) *grants.Grants {
	return grants.New(grants.Config{Table: catalog.Load(), Tenants: []graphwarden.Tenant{r.Tenant}, Registrations: []graphwarden.Registration{r.Registration}, Flows: []flow.Flow{r.Flow, r.Reader},
		Tries: func(f flow.Flow) bool { return f.Name == r.Reader.Name }, Administrators: onlooker{boss{n, bare}, r}, Store: r.Store, Ledger: r.Ledger, Role: restrict.Role,
		Every: d.Every, Log: slog.New(slog.DiscardHandler), Now: d.Now, Step: d.Step})
}

// onlooker lends what the tenant's administrator may to whoever names one, and the
// registration's own rights to others, as a reader's.
type onlooker struct {
	boss
	rooms Rooms
}

func (o onlooker) graph() *graph.Graph {
	return graph.New(o.bare.With(connect.Once(seal.FromString(o.tenant.Ready.Tokens.Admin))))
}

// Onlooker lends Graph to read with.
func (o onlooker) Onlooker(_, id string) (*graph.Graph, flow.Flow, string, error) {
	if id == "" {
		return o.rooms.Graph, flow.ForGrants(o.rooms.Registration), "the reader", nil
	}
	return o.graph(), flow.ForGranting("contoso"), "the administrator", nil
}

// Granter lends Graph to change with.
func (o onlooker) Granter(string, string) (*graph.Graph, flow.Flow, error) {
	return o.graph(), flow.ForGranting("contoso"), nil
}

// Census lends Graph to read all apps with.
func (o onlooker) Census(string, string) (*graph.Graph, flow.Flow, string, error) {
	return o.graph(), flow.ForCensus("contoso"), "the administrator", nil
}
