package grants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Census is what somebody wants of a tenant's apps.
type Census struct {
	Administrator string `json:"administrator"` // the id of a sign-in to Graph; "": the reader looks
	All           bool   `json:"all" doc:"also Microsoft's own apps"`
}

// Apps are the apps of a tenant, the most dangerous first.
type Apps struct {
	Tenant string    `json:"tenant"`
	Source string    `json:"source" doc:"who read them"`
	ReadAt time.Time `json:"read_at" doc:"when they were read"`
	Apps   []App     `json:"apps" doc:"the apps, the most dangerous first"`
	Own    int       `json:"left_out" doc:"how many of Microsoft's own apps are left out"`
	// Unknown says what could not be read, and why.
	Unknown []string `json:"unknown" doc:"what could not be read, and why"`
}

// App is one app of a tenant.
type App struct {
	Name     string `json:"name" doc:"as the tenant shows it"`
	ClientID string `json:"client_id"`
	ObjectID string `json:"object_id" doc:"of the enterprise application"`
	// Publisher is whoever Microsoft verified, or else where the app is registered.
	Publisher string   `json:"publisher" doc:"the verified publisher; empty for none"`
	Home      string   `json:"home" doc:"the id of the tenant that the app is registered in"`
	Whose     string   `json:"whose" doc:"microsoft, own (registered in this tenant) or foreign"`
	Enabled   bool     `json:"enabled" doc:"whether it may sign in"`
	Owners    []string `json:"owners" doc:"who looks after it in this tenant"`
	// Expires is when the next credential ends; Credentials says how many there are, or
	// why that is unknown.
	Expires     *time.Time  `json:"expires_at" doc:"when the first of its credentials ends"`
	Credentials string      `json:"credentials" doc:"how many credentials it has, or why that is unknown"`
	Grants      []AppGrant  `json:"grants" doc:"what it was granted, the most dangerous first"`
	Class       judge.Class `json:"class" doc:"how dangerous the most dangerous of its grants is; empty for none"`
	LastSignIn  string      `json:"last_sign_in" doc:"when it signed in last, or why that is unknown"`
}

// AppGrant is a permission that an app was granted.
type AppGrant struct {
	Permission string      `json:"permission" doc:"its name"`
	Scheme     string      `json:"scheme" doc:"application or delegated"`
	API        string      `json:"api" doc:"the API whose permission it is"`
	For        string      `json:"for" doc:"whom it is granted for"`
	Class      judge.Class `json:"class" doc:"how dangerous it is; empty where the rules do not know it"`

	people []string // object ids
}

// microsofts are the tenants in which Microsoft registers its own apps
// (graph-facts §1.11; Microsoft Entra, "First-party Microsoft applications").
func microsofts() []string {
	return []string{"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"}
}

// signInUnknown is why nobody says when an app signed in last: what Microsoft tells of
// service principals stands in its beta only, and the list of people's sign-ins takes
// AuditLog.Read.All and a licence.
const signInUnknown = "unknown: the report of when apps signed in last (reports/servicePrincipalSignInActivities) is in the beta of Graph only, which Graphwarden does not call; the list of sign-ins (auditLogs/signIns) takes AuditLog.Read.All and Entra ID P1, goes back 30 days, and holds in v1.0 people's sign-ins alone"

// census gathers the apps of a tenant.
type census struct {
	table *catalog.Catalog
	graph *graph.Graph
	by    flow.Flow
	asked Census
	now   time.Time

	tenantID string
	out      *Apps
	apps     map[string]*App // by object id
	apis     map[string]graph.API
	own      map[string]graph.Registered // by client id
	scopes   map[scopeKey]*AppGrant
}

type scopeKey struct{ app, resource, name string }

// Installed lists the apps of a tenant by their risk.
func (g *Grants) Installed(ctx context.Context, tenant string, a Census) (Apps, error) {
	i := slices.IndexFunc(g.Tenants, func(t graphwarden.Tenant) bool { return t.Name == tenant })
	if i < 0 {
		return Apps{}, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "grant.unknown", Field: "tenant",
			Say: fmt.Sprintf("The configuration has no tenant %s with a registration.", tenant), Do: "Name one of those that graphwarden tenants lists."}
	}
	reads, as, by, err := g.Administrators.Census(tenant, a.Administrator)
	if err != nil {
		return Apps{}, err
	}
	if by == "" {
		return Apps{}, &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "grant.nobody_reads",
			Say: fmt.Sprintf("The tenant %s has no registration called reader, and no administrator signed in.", tenant), Do: "Add --administrator, or declare a reader; docs/grants.md says what it needs."}
	}
	out := Apps{Tenant: tenant, Source: by, ReadAt: g.Now().UTC(), Apps: []App{}, Unknown: []string{}}
	c := &census{table: g.Table, graph: reads, by: as, asked: a, now: g.Now(), tenantID: g.Tenants[i].ID, out: &out, apps: map[string]*App{}, apis: map[string]graph.API{}, own: map[string]graph.Registered{}, scopes: map[scopeKey]*AppGrant{}}
	if err := c.read(ctx); err != nil {
		return Apps{}, mayNotRead(err)
	}
	return *c.ranked(), nil
}

// read reads, in this order, so that each page can be joined to what came before.
func (c *census) read(ctx context.Context) error {
	for _, part := range []func(context.Context) error{c.registered, c.installed, c.assigned, c.consented} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *census) registered(ctx context.Context) error {
	return c.graph.Registered(ctx, c.by, func(r graph.Registered) error {
		c.own[strings.ToLower(r.App)] = r
		return nil
	})
}

func (c *census) installed(ctx context.Context) error {
	return c.graph.Installed(ctx, c.by, func(p graph.Installed) error {
		c.apis[p.ID] = graph.API{ID: p.ID, App: p.App, Name: p.Name}
		whose := "foreign"
		own, here := c.own[strings.ToLower(p.App)]
		switch {
		case slices.Contains(microsofts(), strings.ToLower(p.Home)):
			whose = "microsoft"
		case here || strings.EqualFold(p.Home, c.tenantID):
			whose = "own"
		}
		if whose == "microsoft" && !c.asked.All {
			c.out.Own++
			return nil
		}
		a := &App{Name: p.Name, ClientID: p.App, ObjectID: p.ID, Publisher: p.Verified.Name, Home: p.Home, Whose: whose, Enabled: p.Enabled == nil || *p.Enabled, Owners: []string{}, Grants: []AppGrant{}, LastSignIn: signInUnknown}
		for _, o := range p.Owners {
			a.Owners = append(a.Owners, cmp.Or(o.UPN, o.Name))
		}
		a.endings(slices.Concat(p.Secrets, p.Certificates, own.Secrets, own.Certificates), c.now)
		c.apps[p.ID] = a
		return nil
	})
}

// endings says when the app's credentials end. Those of an app that is registered
// elsewhere are kept there.
func (a *App) endings(all []graph.Ending, now time.Time) {
	ended := 0
	for _, e := range all {
		if e.End.Before(now) {
			ended++
		}
		if at := e.End.UTC(); !at.IsZero() && (a.Expires == nil || at.Before(*a.Expires)) {
			a.Expires = &at
		}
	}
	switch {
	case a.Whose == "foreign" && len(all) == 0:
		a.Credentials = "unknown: they are kept in the tenant that the app is registered in"
	case len(all) == 0:
		a.Credentials = "none"
	case ended > 0:
		a.Credentials = fmt.Sprintf("%d, %d ended", len(all), ended)
	default:
		a.Credentials = fmt.Sprint(len(all))
	}
}

// assigned reads the application permissions, of each API that the rules of risk
// know, in one list instead of one for each app.
func (c *census) assigned(ctx context.Context) error {
	known := map[string]bool{}
	for id, api := range c.apis {
		if api.App != catalog.MicrosoftGraph && api.App != catalog.ExchangeOnline && api.App != catalog.SharePointOnline {
			continue
		}
		known[api.App] = true
		err := c.graph.Assigned(ctx, c.by, id, func(r graph.RoleConsent) error {
			a := c.apps[r.App]
			if a == nil {
				return nil // a person, or an app that is left out
			}
			one := AppGrant{Permission: r.Role, Scheme: string(plan.Application), API: api.Name, For: "everything in the tenant"}
			if p, _, found := c.table.ByID(r.Role); found {
				one.Permission = p.Name
			}
			one.Class, _ = classOf(c.table, api.App, one.Permission, plan.Application)
			a.Grants = append(a.Grants, one)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !known[catalog.MicrosoftGraph] {
		return errors.New("the tenant lists no service principal of Microsoft Graph")
	}
	c.out.Unknown = append(c.out.Unknown, "Application permissions of other APIs than Microsoft Graph, Exchange and SharePoint are not read: each would take a list of its own.", "Last sign-ins are "+signInUnknown+".")
	return nil
}

// consented reads the delegated permissions of all apps, in one list.
func (c *census) consented(ctx context.Context) error {
	err := c.graph.AllScopes(ctx, c.by, func(s graph.ScopeConsent) error {
		if c.apps[s.App] == nil {
			return nil
		}
		for _, name := range s.Names() {
			k := scopeKey{s.App, s.Resource, name}
			one := c.scopes[k]
			if one == nil {
				api := c.apis[s.Resource]
				one = &AppGrant{Permission: name, Scheme: string(plan.Delegated), API: api.Name}
				one.Class, _ = classOf(c.table, api.App, name, plan.Delegated)
				c.scopes[k] = one
			}
			if s.Person == "" {
				one.For = "everybody"
			} else {
				one.people = append(one.people, s.Person)
			}
		}
		return nil
	})
	for k, one := range c.scopes {
		if one.For == "" {
			one.For = named(one.people)
		}
		c.apps[k.app].Grants = append(c.apps[k.app].Grants, *one)
	}
	return err
}

// ranked sorts the apps: by the worst class of their grants, by how many of that
// class they have, what they may do without a person before what they may do with
// one, and those whom Microsoft did not verify before the others.
func (c *census) ranked() *Apps {
	for _, a := range c.apps {
		slices.SortFunc(a.Grants, func(x, y AppGrant) int {
			return cmp.Or(y.Class.Rank()-x.Class.Rank(), strings.Compare(x.Scheme, y.Scheme), strings.Compare(x.Permission, y.Permission), strings.Compare(x.API, y.API))
		})
		if len(a.Grants) > 0 {
			a.Class = a.Grants[0].Class
		}
		c.out.Apps = append(c.out.Apps, *a)
	}
	slices.SortFunc(c.out.Apps, func(x, y App) int {
		return cmp.Or(y.Class.Rank()-x.Class.Rank(), y.worst(false)-x.worst(false), y.worst(true)-x.worst(true), strings.Compare(x.trust(), y.trust()), strings.Compare(x.Name, y.Name), strings.Compare(x.ObjectID, y.ObjectID))
	})
	return c.out
}

// worst counts the grants of the app's class; alone only those that need no person.
func (a App) worst(alone bool) int {
	n := 0
	for _, g := range a.Grants {
		if g.Class == a.Class && (!alone || g.Scheme == string(plan.Application)) {
			n++
		}
	}
	return n
}

// trust sorts apps of whom nobody knows first.
func (a App) trust() string {
	switch {
	case a.Whose == "foreign" && a.Publisher == "":
		return "1"
	case a.Whose == "foreign":
		return "2"
	}
	return "3"
}
