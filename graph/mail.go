package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// SendMail sends a message at once; request is the action's body. That it was
// accepted is all that Microsoft says: what cannot be delivered comes back as mail
// (graph-facts §6).
func (g *Graph) SendMail(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, request []byte) error {
	_, err := g.ask(ctx, f, m, http.StatusAccepted, gate.Call{Operation: flow.SendMail(), Body: request, Followed: true})
	if err != nil {
		return fmt.Errorf("sending mail of %s: %w", m.UPN, err)
	}
	return nil
}

// CreateDraft makes a draft, and gives it as Graph made it.
func (g *Graph) CreateDraft(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, message []byte) (json.RawMessage, error) {
	body, err := g.ask(ctx, f, m, http.StatusCreated, gate.Call{Operation: flow.CreateDraft(), Body: message, Followed: true})
	if err != nil {
		return nil, fmt.Errorf("making a draft of %s: %w", m.UPN, err)
	}
	return body, nil
}

// SendDraft sends a draft.
func (g *Graph) SendDraft(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) error {
	_, err := g.ask(ctx, f, m, http.StatusAccepted, gate.Call{Operation: flow.SendDraft(), Args: flow.Args{"message": id}, Followed: true})
	if err != nil {
		return fmt.Errorf("sending a draft of %s: %w", m.UPN, err)
	}
	return nil
}

// DeleteDraft deletes a draft; one that is gone counts as deleted.
func (g *Graph) DeleteDraft(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) error {
	_, err := g.ask(ctx, f, m, http.StatusNoContent, gate.Call{Operation: flow.DeleteDraft(), Args: flow.Args{"message": id}, Followed: true})
	if err != nil && !Is(err, CodeItemUnknown) {
		return fmt.Errorf("deleting a draft of %s: %w", m.UPN, err)
	}
	return nil
}

// outline is what is asked of a message to know it again, and no more of it.
const outline = "id,isDraft,internetMessageId"

// Message reads the outline of a message by its id; nil when there is none.
func (g *Graph) Message(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (json.RawMessage, error) {
	body, err := g.ask(ctx, f, m, http.StatusOK, gate.Call{
		Operation: flow.GetMessage(), Args: flow.Args{"message": id}, Query: url.Values{"$select": {outline}}.Encode(),
	})
	if Is(err, CodeItemUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for a message of %s: %w", m.UPN, err)
	}
	return body, nil
}

// FindMessages finds the outlines of messages that have an extended property with a
// value, in whichever folder they are.
func (g *Graph) FindMessages(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, property, value string) ([]json.RawMessage, error) {
	return g.pages(ctx, f, m, gate.Call{Operation: flow.FindMessages(), Query: url.Values{
		"$filter": {"singleValueExtendedProperties/any(ep: ep/id eq " + quoted(property) + " and ep/value eq " + quoted(value) + ")"},
		"$select": {outline}, "$expand": {extended([]string{property})}, "$top": {"10"},
	}.Encode()}, "looking for a message")
}
