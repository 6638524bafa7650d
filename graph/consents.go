package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// Consents is everything that a tenant consented to for an app, whichever API the
// permissions are of.
type Consents struct {
	Principal string // the object id of the enterprise application; "": the tenant does not know the app
	Name      string
	Roles     []RoleConsent
	Scopes    []ScopeConsent
}

// RoleConsent is one application permission.
type RoleConsent struct {
	ID       string    `json:"id"` // of the consent
	Role     string    `json:"appRoleId"`
	Resource string    `json:"resourceId"` // the object id of the API's service principal
	API      string    `json:"resourceDisplayName"`
	App      string    `json:"principalId"` // who has it
	Made     time.Time `json:"createdDateTime"`
}

// ScopeConsent is delegated permissions of one API, for everybody or for one person.
type ScopeConsent struct {
	ID       string `json:"id"`
	App      string `json:"clientId"`    // who has them, an object id
	Person   string `json:"principalId"` // an object id; "" for everybody
	Resource string `json:"resourceId"`
	Scope    string `json:"scope"` // separated by spaces
}

// Names are the permissions.
func (s ScopeConsent) Names() []string { return strings.Fields(s.Scope) }

// Consents reads what was consented to for an app, by its client id.
func (g *Graph) Consents(ctx context.Context, f flow.Flow, client string) (Consents, error) {
	found, err := pages[struct {
		ID   string `json:"id"`
		Name string `json:"displayName"`
	}](ctx, g, f, gate.Call{Operation: flow.FindPrincipals(), Query: byClient(client, "id,displayName")})
	if err != nil || len(found) == 0 {
		return Consents{}, err
	}
	out := Consents{Principal: found[0].ID, Name: found[0].Name}
	args := flow.Args{"principal": out.Principal}
	if out.Roles, err = pages[RoleConsent](ctx, g, f, gate.Call{Operation: flow.ListRoles(), Args: args}); err != nil {
		return Consents{}, err
	}
	out.Scopes, err = pages[ScopeConsent](ctx, g, f, gate.Call{Operation: flow.ListGrants(), Args: args})
	return out, err
}

// Resource finds the service principal of an API by its application id, as the object
// id.
func (g *Graph) Resource(ctx context.Context, f flow.Flow, app string) (string, error) {
	p, err := g.principal(ctx, f, app)
	return p.ID, err
}

// Assign grants an app an application permission of an API. One that it has already
// is no error.
func (g *Graph) Assign(ctx context.Context, f flow.Flow, principal, resource, role string) error {
	body, err := json.Marshal(map[string]string{"principalId": principal, "resourceId": resource, "appRoleId": role})
	if err != nil {
		return err
	}
	_, err = g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusCreated, gate.Call{Operation: flow.AssignRole(), Args: flow.Args{"principal": principal}, Body: body})
	if Is(err, codeConflict) {
		return nil
	}
	return err
}

// ConsentForAll consents to delegated permissions of an API for everybody.
func (g *Graph) ConsentForAll(ctx context.Context, f flow.Flow, principal, resource string, names []string) error {
	body, err := json.Marshal(map[string]any{"clientId": principal, "consentType": "AllPrincipals", "principalId": nil, "resourceId": resource, "scope": strings.Join(names, " ")})
	if err != nil {
		return err
	}
	_, err = g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusCreated, gate.Call{Operation: flow.AddGrant(), Body: body})
	return err
}

// SetScopes says anew which permissions a consent holds; with none it is taken away.
// One that is gone already is no error then.
func (g *Graph) SetScopes(ctx context.Context, f flow.Flow, consent string, names []string) error {
	args := flow.Args{"grant": consent}
	if len(names) == 0 {
		_, err := g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusNoContent, gate.Call{Operation: flow.RemoveGrant(), Args: args})
		if Is(err, CodeMailboxUnknown) {
			return nil
		}
		return err
	}
	body, err := json.Marshal(map[string]string{"scope": strings.Join(slices.Sorted(slices.Values(names)), " ")})
	if err != nil {
		return err
	}
	_, err = g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusNoContent, gate.Call{Operation: flow.ChangeGrant(), Args: args, Body: body})
	return err
}

// API is an API whose permissions apps can be granted.
type API struct {
	ID   string `json:"id"` // the object id of its service principal
	App  string `json:"appId"`
	Name string `json:"displayName"`
}

// mostNamed is how many values one filter may name (graph-facts §2.5, in clauses).
const mostNamed = 15

// APIs finds APIs by the object ids of their service principals, by that id.
func (g *Graph) APIs(ctx context.Context, f flow.Flow, ids []string) (map[string]API, error) {
	out := map[string]API{}
	for some := range slices.Chunk(ids, mostNamed) {
		query := url.Values{"$filter": {"id in ('" + strings.Join(some, "','") + "')"}, "$select": {"id,appId,displayName"}}
		found, err := pages[API](ctx, g, f, gate.Call{Operation: flow.FindPrincipals(), Query: query.Encode()})
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			out[a.ID] = a
		}
	}
	return out, nil
}
