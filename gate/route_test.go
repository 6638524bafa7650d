package gate_test

import (
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

func TestEveryFlowHasARouteOfItsOwnTenant(t *testing.T) {
	tenants := []graphwarden.Tenant{{Name: "contoso", ID: "c"}, {Name: "fabrikam", ID: "f"}}
	registrations := []graphwarden.Registration{{Name: "main", Tenant: "contoso"}, {Name: "side", Tenant: "fabrikam"}}
	routes, err := gate.Routes([]flow.Flow{
		{Name: "office", Tenant: "contoso", Registration: "main"},
		flow.ForSignIn(registrations[1]),
	}, tenants, registrations)
	if err != nil {
		t.Fatal(err)
	}
	if got := routes["office"]; got.Tenant.ID != "c" || got.Registration.Name != "main" {
		t.Errorf("office goes to %+v", got)
	}
	if got := routes["sign-in/side"]; got.Tenant.ID != "f" || got.Registration != (graphwarden.Registration{}) {
		t.Errorf("sign-in goes to %+v", got)
	}
	for situation, f := range map[string]flow.Flow{
		"an unknown tenant":                {Name: "x", Tenant: "nobody", Registration: "main"},
		"an unknown registration":          {Name: "x", Tenant: "contoso", Registration: "nobody"},
		"a registration of another tenant": {Name: "x", Tenant: "contoso", Registration: "side"},
	} {
		if _, err := gate.Routes([]flow.Flow{f}, tenants, registrations); err == nil {
			t.Errorf("%s: routed", situation)
		}
	}
}
