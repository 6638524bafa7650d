package gate

import (
	"fmt"
	"slices"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// Route says where the calls of a flow go and whose token they carry.
type Route struct {
	Tenant       graphwarden.Tenant
	Registration graphwarden.Registration // zero when the flow needs no token
	Doer         Doer                     // sends the calls; nil is the gate's own
	// People says that the registration acts for several people, each in their own
	// mailbox and nowhere else.
	People bool
}

// Routes finds the route of each flow by its name. A flow that names a tenant or
// a registration that is not given, or a registration of another tenant, is
// refused.
func Routes(flows []flow.Flow, tenants []graphwarden.Tenant, registrations []graphwarden.Registration) (map[string]Route, error) {
	routes := map[string]Route{}
	for _, f := range flows {
		t := slices.IndexFunc(tenants, func(t graphwarden.Tenant) bool { return t.Name == f.Tenant })
		if t < 0 {
			return nil, fmt.Errorf("routing the flow %q: no tenant is called %q", f.Name, f.Tenant)
		}
		route := Route{Tenant: tenants[t], People: f.People}
		if f.Registration != "" {
			r := slices.IndexFunc(registrations, func(r graphwarden.Registration) bool {
				return r.Name == f.Registration && r.Tenant == f.Tenant
			})
			if r < 0 {
				return nil, fmt.Errorf("routing the flow %q: the tenant %q has no registration called %q", f.Name, f.Tenant, f.Registration)
			}
			route.Registration = registrations[r]
		}
		routes[f.Name] = route
	}
	return routes, nil
}
