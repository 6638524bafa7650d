package calendar_test

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
	"github.com/graphwarden/graphwarden/sim/graph/calendar"
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	calendars "github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

type doc = map[string]any

// bench is a small company behind the kernel, in Berlin: Anna and Ben have
// mailboxes, Nora has none; there is a room and a Unified group.
type bench struct {
	*httptest.Server
	t     *testing.T
	world *world.World
	boxes *mailbox.Mailboxes
	saw   []world.Effect
	ids   map[string]string // by the names in the tests
}

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, ids: map[string]string{"none": "11111111-2222-3333-4444-555555555555"}}
	b.world = world.New(world.Options{Seed: 1, Domain: "contoso.example", Name: "Contoso",
		Now: func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }})
	b.boxes = mailbox.New(b.world)
	cal := calendars.New(b.world, b.boxes)
	if err := b.world.Open(b.found); err != nil {
		t.Fatal(err)
	}
	k, err := wire.New(wire.Options{World: b.world, Tokens: b, Witness: b, Limits: b, Shared: b.boxes.Shared},
		calendar.Routes(b.boxes, cal))
	if err != nil {
		t.Fatal(err)
	}
	b.Server = httptest.NewServer(answers.Kept(t, k))
	t.Cleanup(b.Close)
	return b
}

func (b *bench) found(tx *state.Tx) error {
	b.world.Found(tx)
	add := func(name, typ, shown string, more doc) {
		d := doc{"displayName": shown, "mail": name + "@contoso.example", "mailNickname": name}
		for k, v := range more {
			d[k] = v
		}
		b.ids[name] = world.StableID(7, name)
		b.world.AddObject(tx, world.Object{ID: b.ids[name], Type: typ, Doc: d})
	}
	for name, shown := range map[string]string{"anna": "Anna Adler", "ben": "Ben Brand", "nora": "Nora None", "room": "Room One"} {
		add(name, "user", shown, doc{"userPrincipalName": name + "@contoso.example"})
	}
	add("sales", "group", "Sales", doc{"groupTypes": []any{"Unified"}})
	add("list", "group", "List", doc{"groupTypes": []any{}})
	for name, purpose := range map[string]mailbox.Purpose{"anna": mailbox.ForUser, "ben": mailbox.ForUser, "room": mailbox.ForRoom} {
		b.boxes.Add(tx, b.ids[name], purpose, "W. Europe Standard Time")
	}
	return nil
}

// Verify knows the callers of the tests: people with every scope or with those
// behind a colon ("ben:Calendars.Read"), and apps ("app:Calendars.Read").
func (b *bench) Verify(token string) (world.Caller, error) {
	name, list, some := strings.Cut(token, ":")
	scheme := catalog.DelegatedWork
	c := world.Caller{AppID: "client", Principal: "sp", User: b.ids[name]}
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
	if c.Delegated() {
		c.Scopes = held
	} else {
		c.Roles = held
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
	body   doc
}

// fill puts ids in the place of {names}.
func (b *bench) fill(s string) string {
	for name, id := range b.ids {
		s = strings.ReplaceAll(s, "{"+name+"}", id)
	}
	return s
}

// ask sends "GET /me/events" as somebody; headers are "Name: value".
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

// keep asks for something to be made and keeps its id under a name.
func (b *bench) keep(name, as, request, body string) reply {
	b.t.Helper()
	r := b.must(201, as, request, body)
	b.ids[name], _ = r.body["id"].(string)
	return r
}

// list gives one member of each resource in a collection.
func (r reply) list(member string) []any {
	var out []any
	values, _ := r.body["value"].([]any)
	for _, v := range values {
		d, _ := v.(doc)
		out = append(out, d[member])
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

// try tries situations, each on a company of its own that prepare got ready.
func try(t *testing.T, prepare func(*bench), list []situation) {
	t.Helper()
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) {
			b := start(t)
			prepare(b)
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

func nothing(*bench) {}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
