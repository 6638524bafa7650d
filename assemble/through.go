package assemble

import (
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/lookup"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/proxy"
)

// throughKind is the kind of flow that lists its operations itself: an app uses Graph
// by its own SDK.
const throughKind = "graph"

// settleThrough has such a flow tell nothing.
func (f *Flow) settleThrough() {
	if f.Kind == throughKind {
		set(&f.Direction, string(flow.Out))
	}
}

// checkThrough finds what is wrong with what an app may ask for itself.
func (f *Flow) checkThrough(found *faults, at string, known bool, table *catalog.Catalog) {
	found.when(known && f.Kind != throughKind && len(f.Operations) > 0, at+".operations", "they belong to a flow of kind graph, and this is of kind %s", f.Kind)
	calendars := false
	for i, text := range f.Operations {
		op, err := flow.ParseAsked(text)
		if err != nil {
			found.at(at+".operations", "entry %d: %s", i+1, err)
			continue
		}
		scheme, to := catalog.Application, "apps"
		if f.People {
			scheme, to = catalog.DelegatedWork, "people"
		}
		_, err = policy.PermissionsIn(scheme, flow.Through([]flow.Operation{op}), table)
		found.when(err != nil, at+".operations", "entry %d: no permission of Microsoft's table opens %q to %s", i+1, text, to)
		shape := op.Shape()
		for _, word := range []string{"/event", "/calendarview", "/instances", "/getschedule", "/reminderview"} {
			calendars = calendars || strings.Contains(shape, word)
		}
	}
	if f.Kind != throughKind {
		return
	}
	found.when(len(f.Operations) == 0, at+".operations", "it lists none, so that the app could ask for nothing; write for example GET /users/{id}/messages")
	found.when(calendars && f.Private == string(lookup.Drop), at+".private", "say time-only or full: a page that lacks an event tells by its length that there is one")
	found.when(!calendars && f.Private != "", at+".private", "no operation of the flow reads calendars")
	found.when(flow.Direction(f.Direction) != flow.Out, at+".direction", "the app itself reads and writes; leave it out")
	found.when(f.Conflicts != "", at+".conflicts", "the app itself settles them; leave it out")
	found.when(!f.Sink.empty() || len(f.Sinks) > 0, at+".sink", "a flow of kind graph tells no changes; declare one of kind calendar beside it")
}

// through are the operations that an app may ask for itself.
func (f *Flow) through() (out []flow.Operation) {
	for _, text := range f.Operations {
		if op, err := flow.ParseAsked(text); err == nil { // a wrong one was refused
			out = append(out, op)
		}
	}
	return out
}

// toApps answers apps: Graph's own requests by the proxy, and the rest by the API.
func (g *Graphwarden) toApps() http.Handler {
	through := proxy.New(proxy.Config{Keys: g.door, Flows: g.Roster.FlowsOf, Tenants: g.config.tenants(), Gate: g.gate.With(g.Custody), Sealer: g.sealer, Denied: g.deniedAtProxy, Take: g.api.Take, Now: g.now, Log: g.log})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(gate.From(r.Context(), r.RemoteAddr)) // what a header says of it anybody could have written
		if strings.HasPrefix(r.URL.Path, strings.TrimSuffix(proxy.Prefix, "/")) {
			through.ServeHTTP(w, r)
			return
		}
		g.api.Apps.ServeHTTP(w, r)
	})
}

// deniedAtProxy gathers whom the proxy did not let in, as the API's denials are.
func (g *Graphwarden) deniedAtProxy(r *http.Request, key graphwarden.AppKey, code string, status int) {
	d := api.Denial{Face: "apps", App: key.App, Key: key.ID, Method: r.Method, Path: proxy.Prefix, Code: code, Status: status}
	if key.App != "" {
		d.From = gate.Network(r.Context())
	}
	g.denials.Refused(d)
}

// tenants are the declared tenants by name.
func (c *Config) tenants() map[string]graphwarden.Tenant {
	out := map[string]graphwarden.Tenant{}
	for name, t := range c.Tenants {
		out[name] = graphwarden.Tenant{Name: name, ID: t.ID, Cloud: t.Cloud.cloud()}
	}
	return out
}
