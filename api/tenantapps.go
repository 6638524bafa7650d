package api

import (
	"net/http"

	"github.com/graphwarden/graphwarden/grants"
)

func (a *API) tenantAppRoutes() []route {
	if a.config.Grants == nil {
		return nil
	}
	return []route{{pattern: "POST /v1/tenants/{tenant}/apps", name: "listTenantApps", in: grants.Census{}, out: grants.Apps{}, answer: a.tenantApps,
		codes: []string{"grant.*", "connect.*", "entra.*", "graph.*", "gate.*", "outbound.*"},
		about: "all apps of a tenant with what they were granted, by risk, as the reader or an administrator who signed in sees them"}}
}

func (a *API) tenantApps(r *http.Request) (any, error) {
	var in grants.Census
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.Grants.Installed(r.Context(), r.PathValue("tenant"), in)
}
