package entra

import (
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
)

// realm is what a URL's {tenant} stands for (graph-facts §1.1).
type realm struct {
	Name string // as written
	kind realmKind
}

type realmKind int

const (
	concrete      realmKind = iota // this tenant, by id or verified domain
	organizations                  // any work or school account
	common                         // any account
	consumers                      // personal accounts only
)

// realm reads the tenant of a request's path.
func (e *Entra) realm(r *http.Request) (realm, error) { return e.realmNamed(r.PathValue("tenant")) }

func (e *Entra) realmNamed(name string) (realm, error) {
	switch lower := strings.ToLower(name); {
	case lower == e.world.TenantID, slices.Contains(e.world.Domains(), lower):
		return realm{name, concrete}, nil
	case lower == "organizations":
		return realm{name, organizations}, nil
	case lower == "common":
		return realm{name, common}, nil
	case lower == "consumers":
		return realm{name, consumers}, nil
	}
	return realm{}, refuse(90002, invalidRequest,
		"Tenant '%s' not found. Check that the tenant ID is right and that you sign in to the right cloud.", name)
}

// admits says whether an application may be used in this realm.
func (m realm) admits(app world.Object) error {
	id, name := world.Text(app.Doc, "appId"), world.Text(app.Doc, "displayName")
	switch {
	case m.kind == consumers:
		return refuse(9002332, invalidRequest,
			"Application '%s'(%s) is configured for use by Microsoft Entra users only. Do not use the /consumers endpoint.", id, name)
	case m.kind != concrete && world.Text(app.Doc, "signInAudience") == "AzureADMyOrg":
		return refuse(50194, invalidRequest,
			"Application '%s'(%s) is not configured as a multi-tenant application. Use a tenant-specific endpoint or configure the application to be multi-tenant.", id, name)
	}
	return nil
}
