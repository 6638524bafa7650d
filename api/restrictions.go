package api

import (
	"context"
	"net/http"

	"github.com/graphwarden/graphwarden/restrict"
)

// Restrictions have Exchange keep registrations to the mailboxes of their flows.
type Restrictions interface {
	Show(ctx context.Context, tenant, registration string) (restrict.View, error)
	Apply(ctx context.Context, tenant, registration string, a restrict.Asked) (restrict.Outcome, error)
}

func (a *API) restrictionRoutes() []route {
	if a.config.Restrictions == nil {
		return nil
	}
	const one = "/v1/connections/{tenant}/{registration}/restriction"
	codes := []string{"restrict.*", "exchange.*", "connect.*", "entra.*", "graph.*", "gate.*", "outbound.*"}
	return []route{
		{pattern: "GET " + one, name: "getRestriction", out: restrict.View{}, codes: codes, answer: a.restriction,
			about: "which mailboxes Exchange is to keep a registration to, how far that has come, and the script"},
		{pattern: "POST " + one, name: "restrict", in: restrict.Asked{}, out: restrict.Outcome{}, codes: codes, answer: a.restrict,
			about: "show what has to be changed in Exchange, and change it, as an administrator who signed in"},
	}
}

func (a *API) restriction(r *http.Request) (any, error) {
	return a.config.Restrictions.Show(r.Context(), r.PathValue("tenant"), r.PathValue("registration"))
}

func (a *API) restrict(r *http.Request) (any, error) {
	var in restrict.Asked
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.Restrictions.Apply(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in)
}
