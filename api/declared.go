package api

import (
	"net/http"
	"slices"
)

// Declared is what the configuration declares, as operators see it.
type Declared struct {
	Tenants []Tenant
	Flows   []Flow
}

// Tenant is a Microsoft 365 organisation of the configuration.
type Tenant struct {
	Name          string         `json:"name"`
	ID            string         `json:"id"`
	Cloud         string         `json:"cloud"`
	Login         string         `json:"login"`
	Graph         string         `json:"graph"`
	Registrations []Registration `json:"registrations"`
}

// Registration is an app registration of a tenant.
type Registration struct {
	Name     string `json:"name"`
	ClientID string `json:"client_id"`
	SignIn   string `json:"sign_in"` // secret, certificate …
}

// Flow is a declared flow.
type Flow struct {
	Name         string   `json:"name"`
	App          string   `json:"app"`
	Kind         string   `json:"kind"`
	Tenant       string   `json:"tenant"`
	Registration string   `json:"registration"`
	Mailboxes    []string `json:"mailboxes"`                                                              // those that it names
	Groups       []string `json:"groups,omitempty"`                                                       // object ids; their members' mailboxes are the flow's, too
	People       bool     `json:"people,omitempty" doc:"whether its mailboxes are those of who signs in"` // those who sign in
	Touches      []string `json:"touches"`                                                                // the mailboxes that it may touch now, by name
	Sink         string   `json:"sink"`                                                                   // its address, or what it is
}

func (a *API) declaredRoutes() []route {
	return []route{
		{pattern: "GET /v1/tenants", name: "listTenants", about: "the tenants with their registrations", out: Page[Tenant]{}, answer: a.tenants},
		{pattern: "GET /v1/flows", name: "listFlows", about: "the flows: which app reads which mailboxes", out: Page[Flow]{}, answer: a.flows},
	}
}

func (a *API) tenants(r *http.Request) (any, error) {
	list := ours(r, a.config.Declared.Tenants, func(t Tenant) string { return t.Name })
	return page(turn{limit: len(list)}, list, nil), nil
}

func (a *API) flows(r *http.Request) (any, error) {
	now := map[string][]string{}
	if a.config.Flows != nil {
		for _, f := range a.config.Flows() {
			for _, m := range f.Mailboxes {
				now[f.Name] = append(now[f.Name], m.UPN)
			}
		}
	}
	list := ours(r, a.config.Declared.Flows, func(f Flow) string { return f.Tenant })
	for i, f := range list {
		list[i].Touches = append([]string{}, now[f.Name]...)
		slices.Sort(list[i].Touches)
	}
	return page(turn{limit: len(list)}, list, nil), nil
}
