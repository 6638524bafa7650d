package api

import "net/http"

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
	Mailboxes    []string `json:"mailboxes"`
	Sink         string   `json:"sink"` // its address, or what it is
}

func (a *API) declaredRoutes() []route {
	return []route{
		{pattern: "GET /v1/tenants", name: "listTenants", about: "the tenants with their registrations", out: Page[Tenant]{}, answer: a.tenants},
		{pattern: "GET /v1/flows", name: "listFlows", about: "the flows: which app reads which mailboxes", out: Page[Flow]{}, answer: a.flows},
	}
}

func (a *API) tenants(*http.Request) (any, error) {
	return page(turn{limit: len(a.config.Declared.Tenants)}, a.config.Declared.Tenants, nil), nil
}

func (a *API) flows(*http.Request) (any, error) {
	return page(turn{limit: len(a.config.Declared.Flows)}, a.config.Declared.Flows, nil), nil
}
