package grants

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/exchange"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// visit is one look at a registration.
type visit struct {
	room         *Grants
	tenant       graphwarden.Tenant
	registration graphwarden.Registration
	short        string
	asked        Asked
	scheme       plan.Scheme

	graph   *graph.Graph
	byGraph flow.Flow

	by         string // who read
	readAt     time.Time
	unread     string // why nobody did
	exchangeBy string
	consents   graph.Consents
	apis       map[string]graph.API // by the object id of the service principal
	assigned   []exchange.Assignment
	known      bool                        // what is granted is known
	held       []string                    // as it was last seen, where nobody can read now
	uses       map[string][]flow.Operation // what the flows do by each permission that they need
}

func (g *Grants) open(tenant, registration string, a Asked) (*visit, error) {
	t, r, err := g.find(tenant, registration)
	if err != nil {
		return nil, err
	}
	v := &visit{room: g, tenant: t, registration: r, short: registration, asked: a, scheme: plan.Application}
	if schemeOf(r) != catalog.Application {
		v.scheme = plan.Delegated
	}
	return v, nil
}

// look reads what is granted, as whoever may: what nobody may read is said to be
// unknown, with the reason.
func (v *visit) look(ctx context.Context) (err error) {
	var by string
	if v.graph, v.byGraph, by, err = v.room.Administrators.Onlooker(v.tenant.Name, v.asked.Administrator); err != nil {
		return err
	}
	switch {
	case by == "":
		v.unread = "The tenant has no registration called reader, and no administrator signed in."
	default:
		err := v.read(ctx)
		var refusal *graphwarden.Refusal
		switch {
		case err == nil:
			v.by, v.known = by, true
		case errors.As(err, &refusal) && v.asked.Administrator == "":
			v.unread = fmt.Sprintf("The reader could not read it: %s %s", refusal.Say, refusal.Do)
		case err != nil:
			return mayNotRead(err)
		}
	}
	if !v.known {
		if err := v.recall(ctx); err != nil {
			return err
		}
	}
	return v.lookInExchange(ctx)
}

// mayNotRead says to an administrator whom Microsoft refuses what role is needed.
func mayNotRead(err error) error {
	var r *graphwarden.Refusal
	if errors.As(err, &r) && r.Kind == graphwarden.Denied {
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "grant.may_not_read", Cause: err,
			Say: "The person who signed in may not read what apps were granted.",
			Do:  "Sign in as a Privileged Role Administrator or a Cloud Application Administrator; to read only, a Global Reader will do."}
	}
	return err
}

// read reads the consents and says which APIs they are of.
func (v *visit) read(ctx context.Context) (err error) {
	if v.consents, err = v.graph.Consents(ctx, v.byGraph, v.registration.ClientID); err != nil {
		return err
	}
	var ids []string
	for _, s := range v.consents.Scopes {
		ids = append(ids, s.Resource)
	}
	for _, r := range v.consents.Roles {
		ids = append(ids, r.Resource)
	}
	slices.Sort(ids)
	v.apis, err = v.graph.APIs(ctx, v.byGraph, slices.Compact(ids))
	v.readAt = v.room.Now()
	return err
}

// recall takes what was seen last, when nobody can read now.
func (v *visit) recall(ctx context.Context) error {
	all, err := v.room.Store.GrantsSeen(ctx)
	i := slices.IndexFunc(all, func(s graphwarden.GrantsSeen) bool { return s.Registration == v.registration.Name })
	if err != nil || i < 0 || all[i].ReadAt.IsZero() {
		return err
	}
	v.held, v.readAt, v.known, v.by = all[i].Held, all[i].ReadAt, true, "as it was last seen"
	return nil
}

// lookInExchange reads the roles, as an administrator who signed in to Exchange.
func (v *visit) lookInExchange(ctx context.Context) error {
	v.exchangeBy = "its roles as they were written down here; an administrator's sign-in to Exchange reads them"
	if v.asked.Exchange == "" {
		return nil
	}
	e, as, err := v.room.Administrators.Exchange(v.tenant.Name, v.asked.Exchange)
	if err != nil {
		return err
	}
	pointer, found, err := e.Principal(ctx, as, v.registration.ClientID)
	if err == nil && found {
		v.assigned, err = e.Assignments(ctx, as, pointer.ObjectID)
	}
	v.exchangeBy = "its roles as the administrator read them"
	return err
}

// grant is one permission that the tenant gave, wherever it stands.
type grant struct {
	permission string
	scheme     plan.Scheme
	api        string // name
	app        string // application id of the API
	by, reach  string
	since      time.Time
	everywhere bool // for every mailbox, or everybody
}

// granted are all grants that are known.
func (v *visit) granted(ctx context.Context, needed []string) ([]grant, error) {
	out := slices.Concat(v.roles(), v.scopes(), v.remembered())
	if v.asked.Exchange != "" {
		return append(out, v.exchangeRoles()...), nil
	}
	narrowed, err := v.room.Narrowed(ctx, v.registration, needed)
	for _, p := range narrowed {
		out = append(out, grant{permission: p, scheme: plan.Application, api: exchangeName, app: catalog.MicrosoftGraph, by: byExchange, reach: "the mailboxes of its flows, as Exchange was told"})
	}
	return out, err
}

const (
	byEntra      = "entra"
	byExchange   = "exchange"
	exchangeName = "Microsoft Graph, by a role in Exchange"
	graphName    = "Microsoft Graph"
)

// roles are the application permissions.
func (v *visit) roles() []grant {
	var out []grant
	for _, r := range v.consents.Roles {
		one := grant{permission: r.Role, scheme: plan.Application, api: r.API, app: v.apis[r.Resource].App, by: byEntra, reach: "everything in the tenant", since: r.Made, everywhere: true}
		if p, _, known := v.room.Table.ByID(r.Role); known {
			one.permission, one.app = p.Name, p.ResourceAppID
		}
		if v.room.Role(one.permission) != "" {
			one.reach = "every mailbox"
		}
		out = append(out, one)
	}
	return out
}

// scopes are the delegated permissions, once each: for everybody, or for how many.
func (v *visit) scopes() []grant {
	type key struct{ resource, name string }
	people := map[key][]string{}
	all := map[key]bool{}
	var order []key
	for _, s := range v.consents.Scopes {
		for _, name := range s.Names() {
			k := key{s.Resource, name}
			if len(people[k]) == 0 && !all[k] {
				order = append(order, k)
			}
			if s.Person == "" {
				all[k] = true
			} else {
				people[k] = append(people[k], s.Person)
			}
		}
	}
	var out []grant
	for _, k := range order {
		one := grant{permission: k.name, scheme: plan.Delegated, api: v.apis[k.resource].Name, app: v.apis[k.resource].App, by: byEntra, reach: "everybody", everywhere: true}
		if !all[k] {
			one.reach, one.everywhere = named(people[k]), false
		}
		out = append(out, one)
	}
	return out
}

// remembered are the grants as they were last seen.
func (v *visit) remembered() []grant {
	var out []grant
	for _, h := range v.held {
		scheme, name, _ := strings.Cut(h, "/")
		out = append(out, grant{permission: name, scheme: plan.Scheme(scheme), api: graphName, app: catalog.MicrosoftGraph, by: byEntra, reach: "not read now", everywhere: true})
	}
	return out
}

// exchangeRoles are the roles in Exchange that stand for permissions.
func (v *visit) exchangeRoles() []grant {
	var out []grant
	for _, a := range v.assigned {
		one := grant{permission: strings.TrimPrefix(a.Role, "Application "), scheme: plan.Application, api: exchangeName, app: catalog.MicrosoftGraph, by: byExchange}
		switch {
		case a.Scope != "":
			one.reach = fmt.Sprintf("the scope %q", a.Scope)
		case a.Group != "":
			one.reach = fmt.Sprintf("the group %q", a.Group)
		default:
			one.reach, one.everywhere = "every mailbox", true
		}
		out = append(out, one)
	}
	return out
}

// mostNamed is how many people a line names.
const mostNamed = 3

// named says for how many people something is, and for whom, by their object ids.
func named(people []string) string {
	shown := people[:min(mostNamed, len(people))]
	text := counted(len(people), "person", "people") + ": " + strings.Join(shown, ", ")
	if len(shown) < len(people) {
		text += fmt.Sprintf(" and %d more", len(people)-len(shown))
	}
	return text
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
