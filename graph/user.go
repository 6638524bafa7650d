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

// Person is a user as a reader may see it.
type Person struct {
	graphwarden.Mailbox
	Mail string // the primary address; "" for one who never had a mailbox
}

// User finds a user by its principal name through a reader's flow, and gives its
// mailbox: the object id, and the name as the directory writes it.
func (g *Graph) User(ctx context.Context, reader flow.Flow, name string) (graphwarden.Mailbox, error) {
	p, err := g.Person(ctx, reader, name)
	return p.Mailbox, err
}

// Person finds a user by its principal name or object id. What it asks for is what
// User.ReadBasic.All shows.
func (g *Graph) Person(ctx context.Context, reader flow.Flow, name string) (Person, error) {
	body, err := g.ask(ctx, reader, graphwarden.Mailbox{UPN: name}, http.StatusOK, gate.Call{
		Operation: flow.GetUser(), Args: flow.Args{"user": name},
		Query: "$select=id,userPrincipalName,mail",
	})
	if err != nil {
		return Person{}, fmt.Errorf("finding the user %s: %w", name, err)
	}
	var user struct {
		ID   string `json:"id"`
		UPN  string `json:"userPrincipalName"`
		Mail string `json:"mail"`
	}
	if err := json.Unmarshal(body, &user); err != nil {
		return Person{}, fmt.Errorf("reading the user %s: %w", name, err)
	}
	if user.ID == "" || user.UPN == "" {
		return Person{}, fmt.Errorf("reading the user %s: no id or no name", name)
	}
	return Person{graphwarden.Mailbox{ID: user.ID, UPN: user.UPN}, user.Mail}, nil
}
