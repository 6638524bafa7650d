package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// User finds a user by its principal name through a reader's flow, and gives its
// mailbox: the object id, and the name as the directory writes it.
func (g *Graph) User(ctx context.Context, reader flow.Flow, name string) (graphwarden.Mailbox, error) {
	body, err := g.ask(ctx, reader, graphwarden.Mailbox{UPN: name}, http.StatusOK, gate.Call{
		Operation: flow.GetUser(), Args: flow.Args{"user": name},
		Query: "$select=id,userPrincipalName",
	})
	if err != nil {
		return graphwarden.Mailbox{}, fmt.Errorf("finding the user %s: %w", name, err)
	}
	var user struct {
		ID  string `json:"id"`
		UPN string `json:"userPrincipalName"`
	}
	if err := json.Unmarshal(body, &user); err != nil {
		return graphwarden.Mailbox{}, fmt.Errorf("reading the user %s: %w", name, err)
	}
	if user.ID == "" || user.UPN == "" {
		return graphwarden.Mailbox{}, fmt.Errorf("reading the user %s: no id or no name", name)
	}
	return graphwarden.Mailbox{ID: user.ID, UPN: user.UPN}, nil
}
