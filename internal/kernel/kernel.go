// Package kernel puts up what the tests of the simulator's families of routes
// stand on: a tenant behind the kernel, over HTTP, with callers whose rights stand
// in their tokens.
package kernel

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/internal/answers"
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Nobody is an object id that no object has.
const Nobody = "11111111-2222-3333-4444-555555555555"

// Bench is a tenant behind the kernel.
type Bench struct {
	*httptest.Server
	World *world.World
	Saw   []world.Effect    // what the kernel took down
	IDs   map[string]string // object ids by the names in the tests; "none" is Nobody
	Roles map[string]string // templates of directory roles by callers' names
	// AppID and Principal are the app behind every token.
	AppID, Principal string

	t *testing.T
}

// New makes a tenant of a clock that stands still. Serve opens it.
func New(t *testing.T, now time.Time) *Bench {
	t.Helper()
	b := &Bench{t: t, IDs: map[string]string{"none": Nobody}, Roles: map[string]string{}, AppID: "client", Principal: "sp"}
	b.World = world.New(world.Options{Seed: 1, Domain: "contoso.example", Name: "Contoso", Now: func() time.Time { return now }})
	return b
}

// Serve founds the tenant and serves routes until the test ends. Shared says
// whether the owner's mailbox is open to another user; nil: none is.
func (b *Bench) Serve(found func(*state.Tx) error, shared func(tx *state.Tx, owner, reader string) bool, routes ...[]wire.Route) {
	b.t.Helper()
	if err := b.World.Open(found); err != nil {
		b.t.Fatal(err)
	}
	if shared == nil {
		shared = func(*state.Tx, string, string) bool { return false }
	}
	k, err := wire.New(wire.Options{World: b.World, Tokens: callers{b}, Witness: witness{b}, Limits: open{}, Shared: shared}, routes...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Server = httptest.NewServer(answers.Kept(b.t, k))
	b.t.Cleanup(b.Close)
}

// Object makes an object of the directory whose id the tests know by a name.
func (b *Bench) Object(tx *state.Tx, name, typ string, d world.Doc) world.Object {
	b.IDs[name] = world.StableID(7, name)
	return b.World.AddObject(tx, world.Object{ID: b.IDs[name], Type: typ, Doc: d})
}

type callers struct{ b *Bench }

// Verify knows the callers of the tests: people with every scope, or with those
// behind a colon ("bob:User.Read"), apps ("app:User.Read.All"), and people with a
// directory role besides, by its template ("dan+fe930be7-…").
func (c callers) Verify(token string) (world.Caller, error) {
	name, list, some := strings.Cut(token, ":")
	name, role, more := strings.Cut(name, "+")
	scheme := catalog.DelegatedWork
	out := world.Caller{AppID: c.b.AppID, Principal: c.b.Principal, User: c.b.IDs[name]}
	if name == "app" {
		scheme, out.User = catalog.Application, ""
	} else if out.User == "" {
		return out, errors.New("the access token has expired or is not yet valid")
	}
	held := strings.Split(list, ",")
	for p := range catalog.Load().Permissions() {
		if _, ok := p.In(scheme); ok && !some {
			held = append(held, p.Name)
		}
	}
	if scheme == catalog.Application {
		out.Roles = held
		return out, nil
	}
	out.Scopes = held
	if own := c.b.Roles[name]; own != "" {
		out.DirRoles = []string{own}
	} else if more {
		out.DirRoles = []string{role}
	}
	return out, nil
}

type witness struct{ b *Bench }

// Saw keeps what the kernel takes down.
func (w witness) Saw(_ *state.Tx, e world.Effect) { w.b.Saw = append(w.b.Saw, e) }

type open struct{}

// Enter lets everybody in.
func (open) Enter(string, string, time.Time) (func(), time.Duration, string) {
	return func() {}, 0, ""
}

// Reply is an answer of the kernel.
type Reply struct {
	Status int
	Header http.Header
	Text   string
	Body   world.Doc // of JSON
}

// Fill puts object ids in the place of {names}.
func (b *Bench) Fill(s string) string {
	for name, id := range b.IDs {
		s = strings.ReplaceAll(s, "{"+name+"}", id)
	}
	return s
}

// Ask sends "GET /users/{ada}" as somebody; headers are "Name: value".
func (b *Bench) Ask(as, request, body string, headers ...string) Reply {
	b.t.Helper()
	method, url, _ := strings.Cut(b.Fill(request), " ")
	if !strings.HasPrefix(url, "http") {
		url = b.URL + "/v1.0" + strings.ReplaceAll(url, " ", "%20")
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, strings.Replace(url, "https:", "http:", 1), strings.NewReader(b.Fill(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+as)
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Content-Type" {
			r.Header.Del(name)
		}
		r.Header.Add(name, value)
	}
	res, err := b.Client().Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	out := Reply{Status: res.StatusCode, Header: res.Header, Text: string(text)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &out.Body); err != nil {
			b.t.Fatalf("%s: %v", request, err)
		}
	}
	return out
}

// Must asks and fails the test unless the status is as wanted.
func (b *Bench) Must(status int, as, request, body string, headers ...string) Reply {
	b.t.Helper()
	r := b.Ask(as, request, body, headers...)
	if r.Status != status {
		b.t.Fatalf("%s as %s: %d, want %d: %s", request, as, r.Status, status, r.Text)
	}
	return r
}

// Keep asks for something to be made and keeps its id under a name.
func (b *Bench) Keep(name, as, request, body string) Reply {
	b.t.Helper()
	r := b.Must(http.StatusCreated, as, request, body)
	b.IDs[name], _ = r.Body["id"].(string)
	return r
}

// List gives one member of each resource in a collection.
func (r Reply) List(member string) []any {
	var out []any
	values, _ := r.Body["value"].([]any)
	for _, v := range values {
		d, _ := v.(world.Doc)
		out = append(out, d[member])
	}
	return out
}

// Situation is one request and what is to be answered.
type Situation struct {
	Name, As, Request, Body string
	Header                  string // "Name: value", "" for none
	Status                  int
	Want                    string // in the text of the answer
}

// Try tries a situation.
func (b *Bench) Try(s Situation) {
	b.t.Helper()
	var headers []string
	if s.Header != "" {
		headers = []string{s.Header}
	}
	r := b.Ask(s.As, s.Request, s.Body, headers...)
	if r.Status != s.Status || !strings.Contains(r.Text, b.Fill(s.Want)) {
		b.t.Errorf("%s as %s: %d %s\nwant %d with %s", s.Request, s.As, r.Status, r.Text, s.Status, b.Fill(s.Want))
	}
}
