package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// audience is who may ask a route.
type audience int

const (
	operators audience = iota // with the operator's token, at the operators' address
	apps                      // with an app's key, at the apps' address
	both                      // either, each at their own address
	anybody                   // without a token, at both addresses
)

// String says it in a word, as the description does.
func (a audience) String() string {
	return [...]string{"operators", "apps", "operators and apps", "anybody"}[a]
}

// face is what one kind of caller sees: its routes, at an address of their own.
type face struct {
	api    *API
	apps   bool
	table  []route
	mux    *http.ServeMux
	limits *limits
	rights map[string]right // of operators, by the name of the route
}

func newFace(a *API, forApps bool, all []route) *face {
	f := &face{api: a, apps: forApps, mux: http.NewServeMux(), limits: newLimits(a.config.Rate, a.config.Now), rights: rightsByRoute()}
	for _, rt := range all {
		if f.shows(rt.who) {
			f.table = append(f.table, rt)
			f.mux.Handle(rt.pattern, f.serve(rt))
			if rt.alias != "" {
				f.mux.Handle(rt.alias, f.serve(rt))
			}
		}
	}
	f.mux.Handle("/", f.serve(route{answer: f.noRoute}))
	return f
}

// Routes are the method and the path of every route that a face serves.
func (a *API) Routes(forApps bool) []string {
	f := a.operators
	if forApps {
		f = a.apps
	}
	var out []string
	for _, rt := range f.table {
		out = append(out, rt.pattern)
	}
	return out
}

func (f *face) shows(who audience) bool {
	if f.apps {
		return who != operators
	}
	return who != apps
}

func (f *face) name() string {
	if f.apps {
		return "apps"
	}
	return "operators"
}

// ServeHTTP answers one request.
func (f *face) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

// noRoute answers what no route matches: another method of the same path, or
// nothing at all.
func (f *face) noRoute(r *http.Request) (any, error) {
	var others []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := f.mux.Handler(other); pattern != "/" {
			others = append(others, method)
		}
	}
	if len(others) > 0 {
		return nil, &problem{status: http.StatusMethodNotAllowed, header: map[string]string{"Allow": strings.Join(others, ", ")},
			refusal: &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.method",
				Say: fmt.Sprintf("%s is not possible there.", r.Method), Do: fmt.Sprintf("Possible is: %s.", strings.Join(others, ", "))}}
	}
	return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "api.route",
		Say: "There is nothing at this path.", Do: "GET /v1/openapi.json describes what there is."}
}
