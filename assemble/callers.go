package assemble

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/appkey"
	"github.com/graphwarden/graphwarden/apptoken"
	"github.com/graphwarden/graphwarden/entra"
)

// Caller is an app in the configuration that shows tokens which its own tenant issued
// for Graphwarden's API.
type Caller struct {
	App    string `yaml:"app" need:"yes"`
	Tenant string `yaml:"tenant" need:"yes"`
	// Client is the application (client) id that tokens are issued to, of an app
	// registration or a managed identity; Object, which may be left out, the object id of
	// its service principal besides.
	Client string `yaml:"client" need:"yes" form:"client"`
	Object string `yaml:"object" form:"guid"`
	// Scope is what it may: read (the default), or read and write.
	Scope string   `yaml:"scope" one:"read write"`
	Flows []string `yaml:"flows"` // of the app's; none means all
	// Networks are those that its tokens are taken from; none means from anywhere.
	Networks []string `yaml:"networks"`
}

// checkCallers finds all that is wrong with who may show tokens.
func (c *Config) checkCallers(found *faults) {
	apps, who := c.apps(), map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Callers)) {
		at, a := "callers."+name, c.Callers[name]
		found.nameable(at, name)
		if a == nil {
			found.at(at, "it is empty")
			continue
		}
		flows, known := apps[a.App]
		found.when(!known, at+".app", "no flow is of an app %q%s", a.App, perhaps(a.App, apps))
		for _, f := range a.Flows {
			found.when(known && !slices.Contains(flows, f), at+".flows", "the app %s has no flow %q", a.App, f)
		}
		switch t := c.Tenants[a.Tenant]; {
		case t == nil:
			found.at(at+".tenant", "there is no tenant %q%s", a.Tenant, perhaps(a.Tenant, c.Tenants))
		case len(t.Audiences) == 0:
			found.at("tenants."+a.Tenant+".audiences", "it is missing, and %s needs it: what Graphwarden's own API is called in the tenant", at)
		}
		client := a.Tenant + "/" + strings.ToLower(a.Client)
		found.when(who[client] != "", at+".client", "it is that of callers.%s, too: a token is of one app", who[client])
		who[client] = name
		_, err := appkey.Networks(a.Networks)
		found.when(err != nil, at+".networks", "write the first address of each and how many bits all of its addresses share, such as 10.1.0.0/16, or one address")
	}
}

// guid is how ids are written.
var guid = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// checkAudiences finds what is wrong with what Graphwarden's API is called. A token for an
// API of Microsoft's is never one for it: whoever is shown it could use it there.
func (t *Tenant) checkAudiences(found *faults, at string) {
	found.when(len(t.Audiences) > 0 && t.ID != "" && !guid.MatchString(t.ID), at+".id", "%q may be another directory's tomorrow; with audiences, the directory's GUID belongs here", t.ID)
	for _, a := range t.Audiences {
		uri := strings.HasPrefix(a, "api://") || strings.HasPrefix(a, "https://")
		found.when(!guid.MatchString(a) && !uri, at+".audiences", "%q is neither an application (client) id nor an Application ID URI such as api://graphwarden", a)
		found.when(ofMicrosoft(a, t.Cloud.cloud()), at+".audiences", "%q is Microsoft's, and a token for it is to be shown to nobody else; register an API for Graphwarden", a)
	}
}

// ofMicrosoft says whether an audience is an API of Microsoft's: by its address, or by its
// id, which begins alike for all of them.
func ofMicrosoft(audience string, own graphwarden.Cloud) bool {
	audience = strings.ToLower(strings.TrimSuffix(audience, "/"))
	for _, c := range append(graphwarden.Clouds(), own) {
		if audience == c.Graph || audience == c.Exchange {
			return true
		}
	}
	return strings.HasPrefix(audience, "0000000") || strings.HasSuffix(audience, ".microsoft.com") || strings.HasSuffix(audience, ".windows.net") || strings.HasSuffix(audience, ".azure.com")
}

// byTokens lets in apps that show tokens.
func (g *Graphwarden) byTokens(o Outside) *apptoken.Desk {
	c := apptoken.Config{Source: g.entra, Now: o.Now, Log: o.Log, Before: g.door.tokens}
	tenants := g.config.tenants()
	for _, name := range slices.Sorted(maps.Keys(tenants)) {
		if audiences := g.config.Tenants[name].Audiences; len(audiences) > 0 {
			c.Tenants = append(c.Tenants, apptoken.Tenant{Tenant: tenants[name], Issuers: entra.Issuers(tenants[name]), Audiences: audiences})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g.config.Callers)) {
		a := g.config.Callers[name]
		networks, _ := appkey.Networks(a.Networks) // was checked
		c.Callers = append(c.Callers, apptoken.Caller{Name: name, App: a.App, Tenant: a.Tenant, Client: a.Client, Object: a.Object,
			Flows: a.Flows, Write: a.Scope == "write", Networks: networks})
	}
	return apptoken.New(c)
}

// doorkeeper lets apps in, by their keys or by tokens: one way for the API and the proxy.
type doorkeeper struct {
	keys   *appkey.Desk
	tokens *apptoken.Desk
}

// Admit gives what the app may that shows a key or a token.
func (d doorkeeper) Admit(ctx context.Context, plain string) (graphwarden.AppKey, error) {
	if apptoken.Looks(plain) {
		return d.tokens.Admit(ctx, plain)
	}
	return d.keys.Admit(ctx, plain)
}

// Still says whether what was let in would be yet.
func (d doorkeeper) Still(ctx context.Context, k graphwarden.AppKey) error {
	if strings.HasPrefix(k.ID, apptoken.Prefix) {
		return d.tokens.Still(ctx, k)
	}
	return d.keys.Still(ctx, k)
}
