package assemble

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/seal"
)

// tokenCount counts the tokens that were asked of Entra.
type tokenCount struct {
	connect.Source
	obtained, refused atomic.Int64
}

func (c *tokenCount) count(err error) {
	if err != nil {
		c.refused.Add(1)
		return
	}
	c.obtained.Add(1)
}

// Obtain asks for an app's token.
func (c *tokenCount) Obtain(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, k entra.Credential, claims entra.Claims) (entra.Token, error) {
	token, err := c.Source.Obtain(ctx, t, r, k, claims)
	c.count(err)
	return token, err
}

// Refresh asks for a person's token.
func (c *tokenCount) Refresh(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, k entra.Credential, refresh seal.Secret, scopes []string, claims entra.Claims) (entra.Token, error) {
	token, err := c.Source.Refresh(ctx, t, r, k, refresh, scopes, claims)
	c.count(err)
	return token, err
}

// measureTraffic measures what comes from Microsoft and goes there, by this
// process, since it began.
func (g *Graphwarden) measureTraffic(context.Context, time.Time) ([]api.Metric, error) {
	n, b := g.notified(), g.gate.Tally()
	const notifications, tokens = "notifications_total", "tokens_total"
	const came, asked = "Notifications that came, by what became of them.", "Tokens that were asked of Entra, by what it answered."
	return []api.Metric{
		counter(notifications, came, float64(n.Genuine), "outcome", "accepted"),
		counter(notifications, came, float64(n.Strange), "outcome", "refused"),
		counter(notifications, came, float64(n.Unstored), "outcome", "not stored"),
		counter(tokens, asked, float64(g.tokens.obtained.Load()), "outcome", "obtained"),
		counter(tokens, asked, float64(g.tokens.refused.Load()), "outcome", "refused"),
		gauge("budget_used_ratio", "What part of its limit the mailbox with most calls has used.", b.Used),
		gauge("budget_paused", "Mailboxes that Microsoft asked to wait.", float64(b.Paused)),
		gauge("calls_queued", "Calls that wait for a place.", float64(b.Queued)),
		counter("calls_put_off_total", "Calls that were told to come again later.", float64(b.Putoff)),
		counter("microsoft_busy_total", "Answers by which Microsoft asked to wait.", float64(b.Refused)),
	}, nil
}

// readiness remembers for a moment whether the gateway can work, so that a stranger
// who asks again and again costs no write each time.
type readiness struct {
	mu    sync.Mutex
	asked time.Time
	yes   bool
}

// ask asks the conditions anew, unless that was done within the last second. Nobody
// who goes away ends the asking: others want to know it too.
func (r *readiness) ask(ctx context.Context, now func() time.Time, conditions []api.Condition) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if since := now().Sub(r.asked); since >= 0 && since < time.Second {
		return r.yes
	}
	r.yes = api.Ready(context.WithoutCancel(ctx), conditions).Ready
	r.asked = now()
	return r.yes
}

// ready tells a load balancer whether this process can work, by the same conditions
// as at the operators' address, and nobody why: that is told there.
func (g *Graphwarden) ready(w http.ResponseWriter, r *http.Request) {
	if !g.readiness.ask(r.Context(), g.now, g.conditions()) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
