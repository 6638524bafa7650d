package api

import (
	"context"
	"net/http"

	"github.com/graphwarden/graphwarden/grants"
)

// Grants tell what registrations were granted, need and used, and set it.
type Grants interface {
	Show(ctx context.Context, tenant, registration string, a grants.Asked) (grants.Report, error)
	Apply(ctx context.Context, tenant, registration string, a grants.Asked) (grants.Outcome, error)
	Installed(ctx context.Context, tenant string, a grants.Census) (grants.Apps, error)
}

func (a *API) grantRoutes() []route {
	if a.config.Grants == nil {
		return nil
	}
	const one = "/v1/connections/{tenant}/{registration}/grants"
	codes := []string{"grant.*", "exchange.*", "connect.*", "entra.*", "graph.*", "gate.*", "outbound.*"}
	return []route{
		{pattern: "GET " + one, name: "getGrants", out: grants.Report{}, codes: codes, answer: a.grants,
			about: "what a registration was granted, needs and used, as the tenant's reader sees it"},
		{pattern: "POST " + one, name: "readGrants", in: grants.Asked{}, out: grants.Report{}, codes: codes, answer: a.readGrants,
			about: "the same as an administrator who signed in sees it"},
		{pattern: "POST " + one + "/apply", name: "applyGrants", in: grants.Asked{}, out: grants.Outcome{}, codes: codes, answer: a.applyGrants,
			about: "show what would make the grants what the flows need, and change it, as an administrator who signed in for that"},
	}
}

func (a *API) grants(r *http.Request) (any, error) {
	return a.config.Grants.Show(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), grants.Asked{})
}

func (a *API) readGrants(r *http.Request) (any, error) {
	var in grants.Asked
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.Grants.Show(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in)
}

func (a *API) applyGrants(r *http.Request) (any, error) {
	var in grants.Asked
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.Grants.Apply(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in)
}
