package graph

import (
	"context"
	"net/http"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// Principal is an app's service principal in a tenant, with the application
// permissions of Microsoft Graph that it was granted.
type Principal struct {
	ID     string // the object id of the enterprise application
	Name   string
	Grants []Grant
}

// Grant is one application permission that was consented to.
type Grant struct {
	ID         string // of the consent
	Permission string
}

// Principal reads an app's service principal, what it was granted by the names of a
// permission table. An app that the tenant does not know is a Refusal.
func (g *Graph) Principal(ctx context.Context, f flow.Flow, client string, table *catalog.Catalog) (Principal, error) {
	out, err := g.principal(ctx, f, client)
	if err != nil {
		return Principal{}, err
	}
	roles, err := pages[RoleConsent](ctx, g, f, gate.Call{Operation: flow.ListRoles(), Args: flow.Args{"principal": out.ID}})
	for _, r := range roles {
		if p, _, known := table.ByID(r.Role); known && p.ResourceAppID == catalog.MicrosoftGraph {
			out.Grants = append(out.Grants, Grant{r.ID, p.Name})
		}
	}
	return out, err
}

// principal finds an app's service principal.
func (g *Graph) principal(ctx context.Context, f flow.Flow, client string) (Principal, error) {
	found, err := pages[struct {
		ID   string `json:"id"`
		Name string `json:"displayName"`
	}](ctx, g, f, gate.Call{Operation: flow.FindPrincipals(), Query: byClient(client, "id,displayName")})
	if err != nil {
		return Principal{}, err
	}
	if len(found) == 0 {
		return Principal{}, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "graph.principal_unknown",
			Say: "The tenant has no enterprise application for the client id " + client + ".",
			Do:  "Check the client id; a new registration gets its enterprise application with the first consent, or in the portal."}
	}
	return Principal{ID: found[0].ID, Name: found[0].Name}, nil
}

// Revoke takes a granted permission away. One that is gone already is no error.
func (g *Graph) Revoke(ctx context.Context, f flow.Flow, p Principal, grant Grant) error {
	_, err := g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusNoContent, gate.Call{Operation: flow.RevokeRole(),
		Args: flow.Args{"principal": p.ID, "assignment": grant.ID}})
	if Is(err, CodeMailboxUnknown) {
		return nil
	}
	return err
}
