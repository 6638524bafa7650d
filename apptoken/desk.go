package apptoken

import (
	"context"
	"crypto/rsa"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
)

// skew is the difference of two clocks that is borne (graph-facts §1.9, 700024).
const skew = 5 * time.Minute

// Source reads a tenant's keys.
type Source interface {
	// SigningKeys gives the keys that the tenant's tokens are signed with now, by id.
	SigningKeys(ctx context.Context, t graphwarden.Tenant) (map[string]*rsa.PublicKey, error)
}

// Tenant is one whose apps may show its tokens.
type Tenant struct {
	Tenant    graphwarden.Tenant // its ID is the directory's GUID
	Issuers   []string           // that its authority is called in tokens
	Audiences []string           // that tokens for Graphwarden's API are for: its client id, or an Application ID URI
}

// Caller is an application of a tenant's that acts as one of the configuration's apps.
type Caller struct {
	Name   string // what the configuration calls it
	App    string
	Tenant string // Tenant.Name
	Client string // the application (client) id; a managed identity's, too
	// Object is the object id of its service principal; "" leaves it to Client.
	Object   string
	Flows    []string // of the app's; none means all
	Write    bool     // it may change things, too
	Networks []netip.Prefix
}

// Config is what a desk is made of; every field but Before is needed.
type Config struct {
	Tenants []Tenant
	Callers []Caller
	Source  Source
	Now     func() time.Time
	Log     *slog.Logger
	// Before is the desk whose place this one takes, and whose keys it goes on with; nil:
	// there was none.
	Before *Desk
}

// Desk lets apps in. It may be used from many goroutines.
type Desk struct {
	config Config
	keys   map[string]*keys // by Tenant.Name
}

// New makes a desk.
func New(c Config) *Desk {
	d := &Desk{config: c, keys: map[string]*keys{}}
	for _, t := range c.Tenants {
		k := &keys{tenant: t.Tenant, source: c.Source, log: c.Log}
		if c.Before != nil && c.Before.keys[t.Tenant.Name] != nil {
			k.goOn(c.Before.keys[t.Tenant.Name])
		}
		d.keys[t.Tenant.Name] = k
	}
	d.config.Before = nil // no chain of all that there were
	return d
}

// Admit gives, in the form of a key, what the app may that shows a token: until the token
// ends, which its ID names by the client and the object that it was issued to. A token
// that is not good is refused.
func (d *Desk) Admit(ctx context.Context, plain string) (graphwarden.AppKey, error) {
	t, err := read(plain)
	switch {
	case d.microsofts(t.claims.Audience):
		return graphwarden.AppKey{}, refuse("api.entra_graph", "This is a token for Microsoft Graph, which nobody but Microsoft Graph should be shown.", d.instead(t.claims))
	case len(d.config.Callers) == 0:
		return graphwarden.AppKey{}, refuse("api.entra_off", "This is a token of Microsoft Entra's, and the configuration names no app that shows one.",
			"Send the app's key, gwk_…, or have the app named among callers in the configuration.")
	case err != nil:
		return graphwarden.AppKey{}, forged(err.Error())
	}
	of, no := d.issuer(t.claims)
	if no != nil {
		return graphwarden.AppKey{}, no
	}
	key, err := d.keys[of.Tenant.Name].key(ctx, t.kid, d.config.Now)
	switch {
	case ctx.Err() != nil:
		return graphwarden.AppKey{}, ctx.Err()
	case err != nil:
		return graphwarden.AppKey{}, &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "api.entra_keys", Cause: err,
			Say: "Whether this token is good cannot be checked at the moment: Entra's keys cannot be read.", Do: "Ask again in a minute; an app with a key of Graphwarden's is let in meanwhile."}
	case key == nil:
		return graphwarden.AppKey{}, forged("its tenant has no such key")
	case !t.signedBy(key):
		return graphwarden.AppKey{}, forged("its signature is wrong")
	}
	return d.known(ctx, of, t.claims)
}

// issuer finds the tenant that a token says it is of, and refuses one that is of none or
// for somebody else. What it says is believed only once its signature was checked with
// that tenant's keys.
func (d *Desk) issuer(c claims) (Tenant, error) {
	for _, t := range d.config.Tenants {
		if !strings.EqualFold(t.Tenant.ID, c.Tenant) {
			continue
		}
		if !has(t.Issuers, c.Issuer) || strings.HasSuffix(c.Issuer, "/v2.0") != (c.Version == "2.0") {
			break
		}
		if !has(t.Audiences, c.Audience) {
			return Tenant{}, refuse("api.entra_audience", "This token is for another API than Graphwarden's.",
				"Ask Entra for one with the scope "+d.scope(c.Tenant)+".")
		}
		return t, nil
	}
	return Tenant{}, refuse("api.entra_tenant", "This token is of no tenant whose apps are let in by tokens.",
		"Ask the tenant that the configuration names for it; audiences of a tenant says that its tokens are taken.")
}

// known finds which app a genuine token is of.
func (d *Desk) known(ctx context.Context, of Tenant, c claims) (graphwarden.AppKey, error) {
	now := d.config.Now()
	switch {
	case c.expired(now):
		return graphwarden.AppKey{}, refuse("api.entra_expired", "This token has expired.", "Ask Entra for a new one; SDKs do so by themselves.")
	case c.early(now):
		return graphwarden.AppKey{}, refuse("api.entra_early", "This token is not valid yet.", "Set the clocks of this machine and of Graphwarden's.")
	case !c.ofApp():
		return graphwarden.AppKey{}, refuse("api.entra_person", "This token is a person's, and an app is let in by its own.",
			"Have the app ask with its own credential (client credentials, or its managed identity); for whom it acts, the header Graphwarden-Person says.")
	}
	for _, a := range d.config.Callers {
		if a.Tenant != of.Tenant.Name || !strings.EqualFold(a.Client, c.client()) {
			continue
		}
		if a.Object != "" && !strings.EqualFold(a.Object, c.Object) {
			break
		}
		k := a.key(c)
		if !k.TakenFrom(gate.Network(ctx)) {
			return k, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.entra_network",
				Say: "Tokens of this app are not taken from this address.", Do: "Use them in the networks that the configuration names for it."}
		}
		return k, nil
	}
	return graphwarden.AppKey{}, refuse("api.entra_app", "The configuration names no app that this token was issued to.",
		"Have its client id named among callers in the configuration, and its object id, if one stands there.")
}

// Still says whether an app that was let in by a token would be yet.
func (d *Desk) Still(_ context.Context, k graphwarden.AppKey) error {
	for _, a := range d.config.Callers {
		if a.App == k.App && strings.HasPrefix(k.ID, a.prefix()) && k.State(d.config.Now()) == "active" {
			return nil
		}
	}
	return refuse("api.entra_expired", "This token has expired.", "Ask Entra for a new one; SDKs do so by themselves.")
}

// Prefix begins the ID of what an app is known by that has shown a token.
const Prefix = "token:"

func (a Caller) prefix() string { return Prefix + strings.ToLower(a.Client) + "/" }

// key is what the app may, in the form of a key.
func (a Caller) key(c claims) graphwarden.AppKey {
	return graphwarden.AppKey{ID: a.prefix() + strings.ToLower(c.Object), App: a.App, Flows: a.Flows, Write: a.Write, Note: a.Name,
		MadeAt: time.Unix(c.NotBefore, 0), ExpiresAt: time.Unix(c.Expires, 0).Add(skew), Networks: a.Networks}
}

// scope is what an app of a tenant asks Entra for; "" when its tokens are not taken.
func (d *Desk) scope(tenant string) string {
	for _, t := range d.config.Tenants {
		if strings.EqualFold(t.Tenant.ID, tenant) && len(t.Audiences) > 0 {
			return t.Audiences[0] + "/.default"
		}
	}
	return ""
}

// instead says what to show in place of a token for Microsoft Graph.
func (d *Desk) instead(c claims) string {
	if scope := d.scope(c.Tenant); scope != "" {
		return "Ask Entra for one for Graphwarden's API, with the scope " + scope + "; docs/callers.md shows how."
	}
	return "Use the app's key of Graphwarden's, gwk_…, in its place; docs/proxy.md shows how."
}

// graphID is Microsoft Graph's client id (graph-facts §1.11).
const graphID = "00000003-0000-0000-c000-000000000000"

// microsofts says whether a token is for Microsoft Graph, in whichever cloud.
func (d *Desk) microsofts(audience string) bool {
	audience = strings.ToLower(strings.TrimSuffix(audience, "/"))
	clouds := graphwarden.Clouds()
	for _, t := range d.config.Tenants {
		clouds = append(clouds, t.Tenant.Cloud)
	}
	return audience == graphID || slices.ContainsFunc(clouds, func(c graphwarden.Cloud) bool { return audience != "" && audience == c.Graph })
}

// has says whether a list has a text: GUIDs in any case, all else as it is written.
func has(list []string, text string) bool {
	for _, one := range list {
		if text != "" && (one == text || len(one) == len(graphID) && !strings.Contains(one, ":") && strings.EqualFold(one, text)) {
			return true
		}
	}
	return false
}

// refuse says why a token proves nothing.
func refuse(code, say, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: code, Say: say, Do: do}
}

func forged(why string) error {
	return refuse("api.entra_forged", "This is not a good token of Microsoft Entra's: "+why+".", "Send the one that Entra gave the app, whole and unchanged.")
}
