package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/odata/page"
)

// Members lists the users in a group, also through other groups. A list that
// breaks off is an error and never a shorter list: who is not in it loses feeds.
func (g *Graph) Members(ctx context.Context, reader flow.Flow, group string) ([]graphwarden.Mailbox, error) {
	var all []graphwarden.Mailbox
	call := gate.Call{Operation: flow.ListMembers(), Args: flow.Args{"group": group}, Query: "$select=id,userPrincipalName&$top=999"}
	err := g.list(ctx, reader, group, call, func(raw []byte) error {
		var m struct {
			Type string `json:"@odata.type"`
			ID   string `json:"id"`
			UPN  string `json:"userPrincipalName"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return err
		}
		if m.Type == "#microsoft.graph.user" && m.ID != "" {
			all = append(all, graphwarden.Mailbox{ID: m.ID, UPN: m.UPN})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the members of the group %s: %w", group, err)
	}
	return all, nil
}

// Owned lists the subscriptions that a registration has at Microsoft. Client
// states are not told.
func (g *Graph) Owned(ctx context.Context, keeper flow.Flow) ([]graphwarden.Subscription, error) {
	var all []graphwarden.Subscription
	err := g.list(ctx, keeper, "", gate.Call{Operation: flow.ListSubscriptions()}, func(raw []byte) error {
		var one struct {
			made
			Resource string `json:"resource"`
			Address  string `json:"notificationUrl"`
		}
		err := json.Unmarshal(raw, &one)
		all = append(all, graphwarden.Subscription{ID: one.ID, Tenant: keeper.Tenant, Resource: one.Resource, Address: one.Address, ExpiresAt: one.ExpiresAt})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing subscriptions: %w", err)
	}
	return all, nil
}

// Remove deletes a subscription of a registration, whatever it is about; one that
// is gone already is no problem.
func (g *Graph) Remove(ctx context.Context, keeper flow.Flow, id string) error {
	_, err := g.ask(ctx, keeper, graphwarden.Mailbox{}, http.StatusNoContent, gate.Call{
		Operation: flow.RemoveSubscription(), Args: flow.Args{"subscription": id},
	})
	if err != nil && !Is(err, CodeSubscriptionGone) {
		return fmt.Errorf("removing the subscription %s: %w", id, err)
	}
	return nil
}

// list reads all pages of a list that touches no mailbox; about is what messages
// name.
func (g *Graph) list(ctx context.Context, f flow.Flow, about string, call gate.Call, each func(raw []byte) error) error {
	for {
		body, err := g.ask(ctx, f, graphwarden.Mailbox{UPN: about}, http.StatusOK, call)
		if err != nil {
			return err
		}
		var cut page.Page
		if err := cut.Cut(body); err != nil {
			return err
		}
		for _, raw := range cut.Items {
			if err := each(raw); err != nil {
				return err
			}
		}
		if cut.NextLink == "" {
			return nil
		}
		call.Query, call.Link = "", cut.NextLink
	}
}
