package wire_test

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

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// bench is a kernel over a small world with a handful of routes, and what it
// saw happen.
type bench struct {
	*httptest.Server
	world *world.World
	saw   []world.Effect
	over  string // a limit
}

// Verify knows the tokens of the tests.
func (b *bench) Verify(token string) (world.Caller, error) {
	callers := map[string]world.Caller{
		"app":     {AppID: "app", Principal: "sp", Roles: []string{"User.Read.All", "Calendars.ReadWrite", "User.ReadWrite.All"}},
		"nothing": {AppID: "nothing", Principal: "sp2"},
		"ada":     {AppID: "app", Principal: "sp", User: "ada", Scopes: []string{"User.Read", "Calendars.Read"}},
	}
	c, ok := callers[token]
	if !ok {
		return c, errors.New("Access token has expired or is not yet valid.")
	}
	return c, nil
}

// Saw keeps what the kernel recorded.
func (b *bench) Saw(_ *state.Tx, e world.Effect) { b.saw = append(b.saw, e) }

// Enter refuses everybody who is over a limit of the bench.
func (b *bench) Enter(string, string, time.Time) (func(), time.Duration, string) {
	return func() {}, 7 * time.Second, b.over
}

func start(t *testing.T) *bench {
	t.Helper()
	w := world.New(world.Options{Seed: 1, Domain: "contoso.example"})
	err := w.Open(func(tx *state.Tx) error {
		for _, name := range []string{"ada", "bob", "Čeněk"} {
			w.AddObject(tx, world.Object{ID: strings.ToLower(name), Type: "user", Doc: world.Doc{
				"displayName": name, "userPrincipalName": name + "@contoso.example", "accountEnabled": name != "bob"}})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{world: w}
	k, err := wire.New(wire.Options{World: w, Tokens: b, Witness: b, Limits: b,
		Shared: func(*state.Tx, string, string) bool { return false }}, routes())
	if err != nil {
		t.Fatal(err)
	}
	b.Server = httptest.NewServer(k)
	t.Cleanup(b.Close)
	return b
}

func routes() []wire.Route {
	directory := wire.Offers{Directory: true, Filter: true, OrderBy: true, Search: true, Count: true, Top: true, Page: 2, MaxPage: 999}
	return []wire.Route{
		{Method: "GET", Path: "/users", Type: "user", Query: directory, Default: map[string][]string{"user": {"displayName"}},
			Handle: func(c *wire.Call) (wire.Answer, error) {
				var docs []wire.Doc
				for o := range c.World.ObjectsOf(c.Tx, "user") {
					docs = append(docs, o.Doc)
				}
				return wire.List(docs), nil
			}},
		{Method: "GET", Path: "/users/{user}", Type: "user", Query: wire.Offers{Directory: true}, Default: map[string][]string{"user": {"displayName"}},
			Handle: func(c *wire.Call) (wire.Answer, error) {
				o, ok := c.World.User(c.Tx, c.Arg("user"))
				if !ok {
					return wire.Answer{}, wire.NoResource(c.Arg("user"))
				}
				return wire.Entity(o.Doc), nil
			}},
		{Method: "PATCH", Path: "/users/{user}", Type: "user", Body: "user",
			Handle: func(c *wire.Call) (wire.Answer, error) {
				o, _ := c.World.User(c.Tx, c.Arg("user"))
				c.World.ChangeObject(c.Tx, o, c.Body)
				if c.Body["jobTitle"] == "stop" {
					return wire.Answer{}, wire.BadRequest("No.")
				}
				return wire.Empty(http.StatusNoContent), nil
			}},
		{Method: "GET", Path: "/users/{user}/events", Type: "event", Mailbox: "user", Query: wire.Offers{Top: true, Skip: true, Page: 2, MaxPage: 1000},
			Handle: func(*wire.Call) (wire.Answer, error) {
				var docs []wire.Doc
				for i := range 5 {
					docs = append(docs, wire.Doc{"id": fmt.Sprint(i), "@odata.etag": fmt.Sprintf(`W/"%d"`, i), "subject": "s"})
				}
				return wire.List(docs), nil
			}},
	}
}

// ask sends a request as somebody; extra holds "Header: value" lines.
func (b *bench) ask(t *testing.T, token, method, path, body string, extra ...string) (int, map[string]any, http.Header) {
	t.Helper()
	url := path
	if !strings.HasPrefix(path, "http") {
		url = b.URL + "/v1.0" + path
	}
	url = strings.Replace(url, "https://", "http://", 1)
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range extra {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	answer, err := b.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
	} else {
		doc = map[string]any{"raw": string(raw)}
	}
	return answer.StatusCode, doc, answer.Header
}

func TestWhatIsRefusedAndHow(t *testing.T) {
	for _, s := range []struct {
		name, token, method, path, body string
		header                          string
		status                          int
		code, says                      string
	}{
		{"no token", "", "GET", "/users", "", "", 401, "InvalidAuthenticationToken", "empty"},
		{"an expired token", "old", "GET", "/users", "", "", 401, "InvalidAuthenticationToken", "expired"},
		{"an app without the permission", "nothing", "GET", "/users", "", "", 403, "Authorization_RequestDenied", "privileges"},
		{"an app without access to the mailbox", "nothing", "GET", "/users/ada/events", "", "", 403, "ErrorAccessDenied", ""},
		{"/me without a user", "app", "GET", "/me/events", "", "", 400, "BadRequest", "delegated"},
		{"somebody else's mailbox", "ada", "GET", "/users/bob/events", "", "", 403, "ErrorAccessDenied", ""},
		{"nobody's mailbox", "app", "GET", "/users/nobody/events", "", "", 404, "ErrorInvalidUser", "nobody"},
		{"an unknown segment", "app", "GET", "/users/ada/toasters", "", "", 400, "BadRequest", "'toasters'"},
		{"another method", "app", "DELETE", "/users", "", "", 405, "Request_BadRequest", "method"},
		{"dots in the path", "app", "GET", "/users/../users", "", "", 400, "BadRequest", ""},
		{"an unknown option", "app", "GET", "/users?$shape=round", "", "", 400, "BadRequest", "$shape"},
		{"an option that the resource lacks", "app", "GET", "/users/ada/events?$search=x", "", "", 400, "BadRequest", "$search"},
		{"an unknown property", "app", "GET", "/users?$select=shoeSize", "", "", 400, "BadRequest", "shoeSize"},
		{"$skip on the directory", "app", "GET", "/users?$skip=1", "", "", 400, "Request_BadRequest", "$skip"},
		{"an advanced filter without the header", "app", "GET", "/users?$count=true&$filter=accountEnabled%20ne%20true", "", "", 400, "Request_UnsupportedQuery", ""},
		{"$search without the header", "app", "GET", "/users?$search=%22displayName:a%22", "", "", 400, "Request_UnsupportedQuery", "ConsistencyLevel"},
		{"$count without the header", "app", "GET", "/users/$count", "", "", 400, "Request_BadRequest", "$count"},
		{"a page too large", "app", "GET", "/users?$top=1000", "", "", 400, "Request_BadRequest", "999"},
		{"a body that is no JSON", "app", "PATCH", "/users/ada", "{", "", 400, "BadRequest", "JSON"},
		{"a body of another type", "app", "PATCH", "/users/ada", "{}", "Content-Type: text/plain", 400, "BadRequest", "Content-Type"},
		{"an unknown property in the body", "app", "PATCH", "/users/ada", `{"shoeSize":44}`, "", 400, "RequestBodyRead", "shoeSize"},
		{"a property of the wrong type", "app", "PATCH", "/users/ada", `{"accountEnabled":"yes"}`, "", 400, "RequestBodyRead", "Edm.Boolean"},
	} {
		t.Run(s.name, func(t *testing.T) {
			b := start(t)
			status, doc, header := b.ask(t, s.token, s.method, s.path, s.body, s.header)
			e, _ := doc["error"].(map[string]any)
			message, _ := e["message"].(string)
			if status != s.status || e["code"] != s.code || !strings.Contains(message, s.says) {
				t.Fatalf("answered %d %v", status, doc)
			}
			inner, _ := e["innerError"].(map[string]any)
			if inner["request-id"] != header.Get("request-id") || inner["request-id"] == "" || inner["date"] == nil {
				t.Errorf("innerError %v, request-id %q", inner, header.Get("request-id"))
			}
			if len(b.saw) > 0 {
				t.Errorf("it touched %v", b.saw)
			}
		})
	}
}

func TestAFailedWriteLeavesNothingBehind(t *testing.T) {
	b := start(t)
	if status, doc, _ := b.ask(t, "app", "PATCH", "/users/ada", `{"jobTitle":"stop"}`); status != 400 {
		t.Fatalf("answered %d %v", status, doc)
	}
	_ = b.world.View(func(tx *state.Tx) error {
		if o, _ := b.world.User(tx, "ada"); o.Doc["jobTitle"] != nil {
			t.Errorf("jobTitle is %v", o.Doc["jobTitle"])
		}
		return nil
	})
	if len(b.saw) > 0 {
		t.Errorf("the truth ledger says %v", b.saw)
	}
}

func TestWhatWasTouchedIsOnRecord(t *testing.T) {
	b := start(t)
	b.ask(t, "app", "GET", "/users/ADA@contoso.example/events", "", "client-request-id: 7")
	b.ask(t, "app", "PATCH", "/users/ada", `{"jobTitle":"x"}`)
	want := []world.Effect{
		{ClientRequestID: "7", App: "app", Principal: "sp", Method: "GET", Path: "/users/ADA@contoso.example/events", Mailbox: "ada", Object: "ADA@contoso.example", Effect: world.Read, Status: 200},
		{App: "app", Principal: "sp", Method: "PATCH", Path: "/users/ada", Object: "ada", Effect: world.Update, Status: 204},
	}
	for i, e := range b.saw {
		want[i].ClientRequestID = e.ClientRequestID
		if e != want[i] || e.ClientRequestID == "" {
			t.Errorf("row %d: %+v", i, e)
		}
	}
	if len(b.saw) != 2 || b.saw[0].ClientRequestID != "7" {
		t.Errorf("%d rows: %+v", len(b.saw), b.saw)
	}
}

func TestPagesLinkToEachOther(t *testing.T) {
	for path, want := range map[string]int{"/users": 3, "/users/ada/events": 5, "/users/ada/events?$top=3&$select=subject": 5} {
		b := start(t)
		seen, pages := 0, 0
		for next := path; next != ""; pages++ {
			status, doc, _ := b.ask(t, "app", "GET", next, "")
			if status != 200 || pages > 9 {
				t.Fatalf("%s: page %d answered %d %v", path, pages, status, doc)
			}
			items, _ := doc["value"].([]any)
			seen += len(items)
			next, _ = doc["@odata.nextLink"].(string)
		}
		if seen != want || pages < 2 {
			t.Errorf("%s: %d items on %d pages", path, seen, pages)
		}
	}
}

func TestLinksFollowTheHostThatTheClientSees(t *testing.T) {
	b := start(t)
	_, doc, _ := b.ask(t, "app", "GET", "/users", "", "X-Forwarded-Proto: http")
	for _, name := range []string{"@odata.context", "@odata.nextLink"} {
		if link, _ := doc[name].(string); !strings.HasPrefix(link, b.URL+"/v1.0/") {
			t.Errorf("%s = %v", name, doc[name])
		}
	}
}

func TestAdvancedQueries(t *testing.T) {
	b := start(t)
	eventual := "ConsistencyLevel: eventual"
	for path, want := range map[string]int{
		"/users?$count=true&$filter=accountEnabled%20ne%20true":                                  1,
		"/users?$count=true&$filter=endswith(userPrincipalName,'@contoso.example')&$top=9":       3,
		"/users?$search=%22displayName:%C4%8D%22":                                                1,
		"/users?$count=true&$filter=startswith(displayName,'A')&$orderby=displayName&$select=id": 1,
	} {
		status, doc, _ := b.ask(t, "app", "GET", path, "", eventual)
		items, _ := doc["value"].([]any)
		if status != 200 || len(items) != want {
			t.Errorf("%s: %d %v", path, status, doc)
		}
		if n, counted := doc["@odata.count"].(float64); strings.Contains(path, "$count") && (!counted || int(n) != want) {
			t.Errorf("%s: @odata.count = %v", path, doc["@odata.count"])
		}
	}
	status, doc, header := b.ask(t, "app", "GET", "/users/$count", "", eventual)
	if status != 200 || doc["raw"] != "3" || header.Get("Content-Type") != "text/plain" {
		t.Errorf("$count: %d %v %s", status, doc, header.Get("Content-Type"))
	}
}

func TestPathsThatMeanTheSame(t *testing.T) {
	b := start(t)
	for _, path := range []string{"/users/ada", "/USERS/ada", "/users('ada')", "/users(userPrincipalName='ada@contoso.example')",
		"/users/ada@contoso.example", "/me"} {
		token := "app"
		if path == "/me" {
			token = "ada"
		}
		status, doc, _ := b.ask(t, token, "GET", path, "")
		if status != 200 || doc["displayName"] != "ada" || doc["@odata.context"] == nil {
			t.Errorf("%s: %d %v", path, status, doc)
		}
	}
}

func TestAFullMailboxAsksToWait(t *testing.T) {
	b := start(t)
	for over, want := range map[string]string{"MailboxConcurrency": "ApplicationThrottled", "requests in ten minutes": "TooManyRequests"} {
		b.over = over
		status, doc, header := b.ask(t, "app", "GET", "/users/ada/events", "")
		said, _ := doc["error"].(map[string]any)
		if status != 429 || header.Get("Retry-After") != "7" || said["code"] != want {
			t.Errorf("%d %v, Retry-After %q", status, doc, header.Get("Retry-After"))
		}
	}
}

func TestRoutesThatMicrosoftDoesNotHaveAreNotLaid(t *testing.T) {
	for _, path := range []string{"/toasters", "/users/{user}/toasters"} {
		_, err := wire.New(wire.Options{World: world.New(world.Options{})}, []wire.Route{{Method: "GET", Path: path}})
		if err == nil {
			t.Errorf("%s was laid", path)
		}
	}
}
