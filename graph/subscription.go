package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// LongestSubscription is how long a subscription on events may live. Microsoft
// documents seven days and accepts ten minutes less (graph-facts §4.2).
const LongestSubscription = 10_070 * time.Minute

// wanted is the body of a request to make or renew a subscription.
type wanted struct {
	ChangeType   string `json:"changeType,omitempty"`
	Resource     string `json:"resource,omitempty"`
	URL          string `json:"notificationUrl,omitempty"`
	LifecycleURL string `json:"lifecycleNotificationUrl,omitempty"`
	ClientState  string `json:"clientState,omitempty"`
	ExpiresAt    string `json:"expirationDateTime,omitempty"`
	LatestTLS    string `json:"latestSupportedTlsVersion,omitempty"`
}

// Subscribe asks for notifications of every change of a mailbox's events, sent to
// one address with the client state in them, and gives the subscription as
// Microsoft made it. Before it answers, Microsoft calls the address (§4.3).
func (g *Graph) Subscribe(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, address, clientState string, until time.Time) (graphwarden.Subscription, error) {
	resource, err := flow.Subscribe().About(m.ID)
	if err != nil {
		return graphwarden.Subscription{}, err
	}
	made, err := g.subscription(ctx, f, m, http.StatusCreated, gate.Call{Operation: flow.Subscribe()}, wanted{
		ChangeType: "created,updated,deleted", Resource: resource,
		URL: address, LifecycleURL: address,
		ClientState: clientState, ExpiresAt: stamp(until), LatestTLS: "v1_3",
	})
	if err != nil {
		return graphwarden.Subscription{}, fmt.Errorf("subscribing to %s: %w", m.UPN, err)
	}
	return graphwarden.Subscription{
		ID: made.ID, Flow: f.Name, Tenant: f.Tenant, Mailbox: m,
		Resource: resource, Address: address, ClientState: clientState, ExpiresAt: made.ExpiresAt,
	}, nil
}

// Renew moves a subscription's expiry and gives the expiry that it then has.
func (g *Graph) Renew(ctx context.Context, f flow.Flow, s graphwarden.Subscription, until time.Time) (time.Time, error) {
	renewed, err := g.subscription(ctx, f, s.Mailbox, http.StatusOK, gate.Call{
		Operation: flow.RenewSubscription(), Args: flow.Args{"subscription": s.ID},
	}, wanted{ExpiresAt: stamp(until)})
	if err != nil {
		return time.Time{}, fmt.Errorf("renewing the subscription of %s: %w", s.Mailbox.UPN, err)
	}
	return renewed.ExpiresAt, nil
}

// Unsubscribe deletes a subscription; one that is gone already is no problem.
func (g *Graph) Unsubscribe(ctx context.Context, f flow.Flow, s graphwarden.Subscription) error {
	_, err := g.ask(ctx, f, s.Mailbox, http.StatusNoContent, gate.Call{
		Operation: flow.Unsubscribe(), Args: flow.Args{"subscription": s.ID},
	})
	if err != nil && !Is(err, CodeSubscriptionGone) {
		return fmt.Errorf("deleting the subscription of %s: %w", s.Mailbox.UPN, err)
	}
	return nil
}

// made is what is read of Microsoft's answer.
type made struct {
	ID        string    `json:"id"`
	ExpiresAt time.Time `json:"expirationDateTime"`
}

func (g *Graph) subscription(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, status int, c gate.Call, w wanted) (made, error) {
	body, err := json.Marshal(w)
	if err != nil {
		return made{}, fmt.Errorf("writing the request: %w", err)
	}
	c.Body = body
	answer, err := g.ask(ctx, f, m, status, c)
	if err != nil {
		return made{}, err
	}
	var out made
	if err := json.Unmarshal(answer, &out); err != nil {
		return made{}, fmt.Errorf("reading the subscription: %w", err)
	}
	if out.ID == "" || out.ExpiresAt.IsZero() {
		return made{}, fmt.Errorf("reading the subscription: it has no id or no expiry")
	}
	return out, nil
}

// stamp writes a time as Graph writes times.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }
