package directory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/internal/answers"
	"github.com/graphwarden/graphwarden/sim/graph/directory"
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// bench is a small company behind the kernel: Ada is the Global Administrator,
// Cleo administers users, Bob and Dan are ordinary.
type bench struct {
	*httptest.Server
	t     *testing.T
	world *world.World
	saw   []world.Effect
	ids   map[string]string // object ids by the names in the tests
	from  time.Time
}

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, ids: map[string]string{}, from: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	b.world = world.New(world.Options{Seed: 1, Domain: "contoso.example", Name: "Contoso", Now: func() time.Time { return b.from }})
	if err := b.world.Open(b.found); err != nil {
		t.Fatal(err)
	}
	k, err := wire.New(wire.Options{World: b.world, Tokens: b, Witness: b, Limits: b,
		Shared: func(*state.Tx, string, string) bool { return false }}, directory.Routes())
	if err != nil {
		t.Fatal(err)
	}
	b.Server = httptest.NewServer(answers.Kept(t, k))
	t.Cleanup(b.Close)
	return b
}

// found makes the company.
func (b *bench) found(tx *state.Tx) error {
	w := b.world
	w.Found(tx)
	add := func(name string, typ string, d world.Doc) world.Object {
		b.ids[name] = world.StableID(7, name)
		return w.AddObject(tx, world.Object{ID: b.ids[name], Type: typ, Doc: d})
	}
	for i, name := range []string{"ada", "bob", "cleo", "dan"} {
		upn := name + "@contoso.example"
		add(name, "user", world.Doc{"displayName": strings.ToUpper(name[:1]) + name[1:], "userPrincipalName": upn, "mail": upn,
			"mailNickname": name, "accountEnabled": i < 3, "jobTitle": "Clerk", "businessPhones": []any{}, "department": "Sales"})
		w.SetPassword(tx, b.ids[name], "Old-Secret-1", false)
	}
	group := func(name string, d world.Doc, owners, members []string) {
		o := add(name, "group", d)
		for _, to := range owners {
			w.Link(tx, o, world.Owners, b.ids[to])
		}
		for _, to := range members {
			w.Link(tx, o, world.Members, b.ids[to])
		}
	}
	group("sub", world.Doc{"displayName": "Sub", "mailNickname": "sub", "groupTypes": []any{}, "mailEnabled": false, "securityEnabled": true}, nil, []string{"dan"})
	group("office", world.Doc{"displayName": "Office", "mailNickname": "office", "groupTypes": []any{}, "mailEnabled": false, "securityEnabled": true}, []string{"bob"}, []string{"bob", "sub"})
	group("team", world.Doc{"displayName": "Team", "mailNickname": "team", "groupTypes": []any{"Unified"}, "mailEnabled": true, "securityEnabled": false,
		"mail": "team@contoso.example"}, []string{"bob"}, []string{"ada", "bob"})
	group("list", world.Doc{"displayName": "List", "mailNickname": "list", "groupTypes": []any{}, "mailEnabled": true, "securityEnabled": false}, nil, nil)
	for _, from := range []string{"bob", "cleo", "dan"} {
		o, _ := w.Object(tx, b.ids[from])
		to := map[string]string{"bob": "cleo", "cleo": "ada", "dan": "bob"}[from]
		w.Link(tx, o, world.Manager, b.ids[to])
	}
	w.MakeAdministrator(tx, b.ids["ada"])
	t, _ := world.RoleTemplateOf(world.UserAdministrator)
	role := w.ActivateRole(tx, t)
	w.Link(tx, role, world.Members, b.ids["cleo"])
	graph, _ := w.ServicePrincipal(tx, world.GraphAppID)
	app, principal := w.NewRegistration(tx, world.Registration{Name: "Portal", Application: []string{"User.Read.All"}})
	w.Link(tx, app, world.Owners, b.ids["bob"])
	b.ids["graph"], b.ids["app"], b.ids["sp"], b.ids["appId"] = graph.ID, app.ID, principal.ID, world.Text(app.Doc, "appId")
	b.ids["userRead"] = world.RoleID(graph, "User.Read.All")
	b.ids["none"] = "11111111-2222-3333-4444-555555555555"
	return nil
}

// Verify knows the callers of the tests: people with every scope, or with those
// behind a colon ("bob:User.Read"), apps ("app:User.Read.All"), and Dan with a
// directory role by its template ("dan+fe930be7-…").
func (b *bench) Verify(token string) (world.Caller, error) {
	name, list, some := strings.Cut(token, ":")
	name, role, _ := strings.Cut(name, "+")
	scheme := catalog.DelegatedWork
	c := world.Caller{AppID: b.ids["appId"], Principal: b.ids["sp"], User: b.ids[name]}
	if name == "app" {
		scheme, c.User = catalog.Application, ""
	} else if c.User == "" {
		return c, errors.New("Access token has expired or is not yet valid.")
	}
	held := strings.Split(list, ",")
	for p := range catalog.Load().Permissions() {
		if _, ok := p.In(scheme); ok && !some {
			held = append(held, p.Name)
		}
	}
	if scheme == catalog.Application {
		c.Roles = held
		return c, nil
	}
	c.Scopes, c.DirRoles = held, []string{role}
	switch name {
	case "ada":
		c.DirRoles = []string{world.GlobalAdministrator}
	case "cleo":
		c.DirRoles = []string{world.UserAdministrator}
	}
	return c, nil
}

// Saw keeps what the kernel takes down.
func (b *bench) Saw(_ *state.Tx, e world.Effect) { b.saw = append(b.saw, e) }

// Enter lets everybody in.
func (b *bench) Enter(string, string, time.Time) (func(), time.Duration, bool) {
	return func() {}, 0, true
}

// reply is an answer of the kernel.
type reply struct {
	status int
	header http.Header
	text   string
	body   world.Doc
}

// fill puts object ids in the place of {names}.
func (b *bench) fill(s string) string {
	for name, id := range b.ids {
		s = strings.ReplaceAll(s, "{"+name+"}", id)
	}
	return s
}

// ask sends "GET /users/{ada}" as somebody; headers are "Name: value".
func (b *bench) ask(as, request, body string, headers ...string) reply {
	b.t.Helper()
	method, url, _ := strings.Cut(b.fill(request), " ")
	if !strings.HasPrefix(url, "http") {
		url = b.URL + "/v1.0" + strings.ReplaceAll(url, " ", "%20")
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, strings.Replace(url, "https:", "http:", 1), strings.NewReader(b.fill(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+as)
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
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
	out := reply{status: res.StatusCode, header: res.Header, text: string(text)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &out.body); err != nil {
			b.t.Fatalf("%s: %v", request, err)
		}
	}
	return out
}

// must asks and fails the test unless the status is as wanted.
func (b *bench) must(status int, as, request, body string, headers ...string) reply {
	b.t.Helper()
	r := b.ask(as, request, body, headers...)
	if r.status != status {
		b.t.Fatalf("%s as %s: %d, want %d: %s", request, as, r.status, status, r.text)
	}
	return r
}

// names lists the displayNames in a collection.
func (r reply) names() []string {
	var out []string
	list, _ := r.body["value"].([]any)
	for _, v := range list {
		d, _ := v.(world.Doc)
		out = append(out, fmt.Sprint(d["displayName"]))
	}
	return out
}

// situation is one request and what is to be answered.
type situation struct {
	name, as, request, body string
	header                  string
	status                  int
	want                    string // in the text of the answer
}

// try tries situations, each on a company of its own.
func try(t *testing.T, list []situation) {
	t.Helper()
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) {
			b := start(t)
			var headers []string
			if s.header != "" {
				headers = []string{s.header}
			}
			r := b.ask(s.as, s.request, s.body, headers...)
			if r.status != s.status || !strings.Contains(r.text, b.fill(s.want)) {
				t.Errorf("%s as %s: %d %s\nwant %d with %s", s.request, s.as, r.status, r.text, s.status, b.fill(s.want))
			}
		})
	}
}
