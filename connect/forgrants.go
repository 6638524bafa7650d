package connect

import (
	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Onlooker gives Graph by what lets the grants of apps be read: what an
// administrator lent for that, or the tenant's reader. By says who it is; "" where
// there is nobody.
func (d *Desk) Onlooker(tenant, id string) (g *graph.Graph, as flow.Flow, by string, err error) {
	if id != "" {
		g, as, err = d.lent(tenant, id, func(w Wanted) bool { return w.For == ForGrants || w.For == "" })
		return g, as, "the administrator", err
	}
	if reader, has := d.Readers[tenant]; has {
		return d.Graph, reader, "the reader", nil
	}
	return nil, flow.Flow{}, "", nil
}

// Granter gives Graph by what an administrator lent who signed in to set what apps
// are granted.
func (d *Desk) Granter(tenant, id string) (*graph.Graph, flow.Flow, error) {
	return d.lent(tenant, id, func(w Wanted) bool { return w.For == ForGrants })
}

// Census gives Graph by what lets all apps of a tenant be read, as Onlooker does.
func (d *Desk) Census(tenant, id string) (g *graph.Graph, as flow.Flow, by string, err error) {
	if id != "" {
		g, as, err = d.lent(tenant, id, func(w Wanted) bool { return w.For == ForApps })
		return g, as, "the administrator", err
	}
	if reader, has := d.Readers[tenant]; has {
		return d.Graph, flow.ForInventory(graphwarden.Registration{Name: reader.Registration, Tenant: tenant}), "the reader", nil
	}
	return nil, flow.Flow{}, "", nil
}
