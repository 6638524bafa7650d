package api

import (
	"context"
	"encoding/json"
	flags "flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// badges knows every token that names a post, such as auditor@contoso: of such a one.
type badges struct{ Staff }

func (badges) Admit(_ context.Context, plain string) (graphwarden.OperatorToken, error) {
	p, good := graphwarden.ParsePost(plain)
	if !good {
		return graphwarden.OperatorToken{}, errNoToken()
	}
	return graphwarden.OperatorToken{ID: "tok_" + plain, Operator: "anna", Posts: []graphwarden.Post{p}}, nil
}

func (badges) Still(context.Context, graphwarden.OperatorToken) error { return nil }

// staffed is the hollow API with another owner's token, which is no role's name.
func staffed() *API {
	c := hollow().config
	c.Token = seal.FromString("the owner's")
	return New(c)
}

// of is a request of a route about a tenant: its path with the query, and the body.
func (rt route) of(t *testing.T, may right, tenant string) (path, body string) {
	t.Helper()
	path, body = rt.at(tenant, anna), rt.sample(t)
	query, err := url.ParseQuery(rt.needed())
	if err != nil {
		t.Fatal(err)
	}
	if may.reach == ofQuery && tenant != "" {
		query.Set("tenant", tenant)
	}
	if may.reach == ofBody {
		var whole map[string]any
		if err := json.Unmarshal([]byte(body), &whole); err != nil {
			t.Fatal(err)
		}
		whole["tenant"] = tenant
		text, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		body = string(text)
	}
	return path + "?" + query.Encode(), body
}

// TestEveryRouteIsForTheRolesOfTheTable is R50 for operators: every route that is
// served, with every role, at all tenants, at the tenant that is asked for and at
// another. It is made of the routes, so that a new one is in it, or fails for having
// no line in the table.
func TestEveryRouteIsForTheRolesOfTheTable(t *testing.T) {
	a := staffed()
	tried, let := 0, 0
	for _, rt := range a.operators.table {
		if rt.who == anybody {
			continue
		}
		may, there := a.operators.rights[rt.name]
		if !there {
			t.Errorf("%s (%s) is in no line of the table of rights", rt.pattern, rt.name)
			continue
		}
		for _, role := range graphwarden.Roles() {
			for _, at := range []string{"", "@contoso", "@fabrikam"} {
				for _, about := range []string{"contoso", ""} {
					if about == "" && strings.Contains(rt.pattern, "{tenant}") {
						continue
					}
					here := at == "@contoso" && about == "contoso" && slices.Contains([]reach{ofPath, ofQuery, ofBody}, may.reach)
					want := slices.Contains(may.roles, role) && (at == "" || here || may.reach == ofOwn || may.reach == ofNone)
					path, body := rt.of(t, may, about)
					w, reached := a.operators.attempt(rt.method(), path, string(role)+at, body)
					tried++
					switch {
					case want && !reached && w.Code >= 400 && w.Code != http.StatusServiceUnavailable:
						t.Errorf("%s%s may ask %s about %q and is answered %d %s", role, at, rt.pattern, about, w.Code, w.Body)
					case !want && (reached || w.Code != http.StatusForbidden || codeOf(t, w).Code != "api.role"):
						t.Errorf("%s%s may not ask %s about %q: it reached its room: %v; %d %s", role, at, rt.pattern, about, reached, w.Code, w.Body)
					}
					if want {
						let++
					}
				}
			}
		}
	}
	for name := range a.operators.rights {
		if !slices.ContainsFunc(a.operators.table, func(rt route) bool { return rt.name == name }) {
			t.Errorf("the table of rights has %s, which is no route", name)
		}
	}
	if tried < 1000 || let < 200 || len(a.operators.rights) != len(rights()) {
		t.Errorf("%d were tried, %d let through, %d lines of the table are there twice", tried, let, len(rights())-len(a.operators.rights))
	}
	t.Logf("%d requests, %d let through", tried, let)
}

// TestRolesKeepToWhatTheyAreFor says of the table what it must not lose when it
// grows.
func TestRolesKeepToWhatTheyAreFor(t *testing.T) {
	changing := map[graphwarden.Role][]string{ // what asks by POST and changes nothing, or is what the role is for
		graphwarden.Auditor: {"readGrants", "listTenantApps"}, graphwarden.Reviewer: {"readGrants", "listTenantApps"}, graphwarden.Helpdesk: {"invitePerson", "revokePerson"}}
	f := staffed().operators
	for _, rt := range f.table {
		if rt.who == anybody {
			continue
		}
		may := f.rights[rt.name]
		if !slices.Contains(may.roles, graphwarden.Owner) {
			t.Errorf("the owner may not ask %s", rt.name)
		}
		for role, fine := range changing {
			if slices.Contains(may.roles, role) && changes(rt.method()) && !slices.Contains(fine, rt.name) {
				t.Errorf("a %s may ask %s, which changes something", role, rt.pattern)
			}
		}
		if slices.Contains([]string{"createOperatorToken", "revokeOperatorToken", "rotateKey"}, rt.name) && (len(may.roles) != 1 || may.reach != ofAll) {
			t.Errorf("%s is for %v at %s: whoever makes tokens could give himself any role", rt.name, may.roles, may.reach)
		}
		if strings.Contains(rt.pattern, "{tenant}") && may.reach != ofPath {
			t.Errorf("%s names a tenant, and its reach is %s", rt.pattern, may.reach)
		}
	}
}

// TestTheDocumentsHaveTheTableOfRoles holds docs/operators.md against the table.
func TestTheDocumentsHaveTheTableOfRoles(t *testing.T) {
	const file, begin, end = "../docs/operators.md", "<!-- rights -->\n", "<!-- end of rights -->"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(raw), begin)
	was, tail, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no place for the table", file)
	}
	table := "| request | what for | roles | a role at one tenant |\n|---|---|---|---|\n"
	for _, one := range Rights() {
		table += fmt.Sprintf("| `%s` | %s | %s | %s |\n", one.Route, one.About, one.Roles, one.Tenants)
	}
	if was == table {
		return
	}
	if u := flags.Lookup("update"); u != nil && u.Value.String() == "true" {
		if err := os.WriteFile(file, []byte(head+begin+table+end+tail), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s is not what the table says: go test ./api -run TableOfRoles -update", file)
}

// ending are badges that are good until they are over.
type ending struct {
	badges
	over atomic.Bool
}

func (e *ending) Still(context.Context, graphwarden.OperatorToken) error {
	if e.over.Load() {
		return errNoToken()
	}
	return nil
}

// TestAStreamOfAnOperatorEndsWithHisToken: whoever listens is asked for his token again.
func TestAStreamOfAnOperatorEndsWithHisToken(t *testing.T) {
	c, tokens := hollow().config, &ending{}
	c.Staff = tokens
	a := New(c)
	begun := make(chan struct{})
	listening := a.operators.serve(route{pattern: "GET /v1/activity", name: "followActivity", out: map[string]any{}, stream: func(r *http.Request, lines *Lines) error {
		err := lines.Beat()
		close(begun)
		<-r.Context().Done()
		return err
	}})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/activity", nil)
		r.Header.Set("Authorization", "Bearer auditor")
		listening.ServeHTTP(httptest.NewRecorder(), r)
	}()
	<-begun
	tokens.over.Store(true)
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Error("the stream goes on without a token that is good")
	}
}

// nobody lets everybody in, and says of nobody who it is.
type nobody struct{ Staff }

func (nobody) Admit(context.Context, string) (graphwarden.OperatorToken, error) {
	return graphwarden.OperatorToken{}, nil
}

// TestWhoIsNobodyIsNotTheOwner: only the token of the owner's file makes an owner.
func TestWhoIsNobodyIsNotTheOwner(t *testing.T) {
	c := hollow().config
	c.Token, c.Staff = seal.FromString("the owner's"), nobody{}
	a := New(c)
	for token, want := range map[string]int{"the owner's": http.StatusOK, "another": http.StatusForbidden} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/operators/me", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		a.Operators.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s is answered %d: %s", token, w.Code, w.Body)
		}
	}
}
