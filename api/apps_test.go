package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"crypto/rand"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/appkey"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/ledger"
)

const (
	anna = "6e7b768e-07e2-4810-8459-485f84f8f204"
	ben  = "87d349ed-44d7-43e1-9a83-5f2406dee5bd"
	carl = "11111111-44d7-43e1-9a83-5f2406dee5bd"
)

// office is a desk with two apps in two tenants, and a key for each of them.
type office struct {
	*desk
	portal, reader, crm, narrow string // keys; reader may only read, narrow is for one flow
	keys                        *appkey.Desk
	now                         time.Time
	denied                      []api.Denial
}

// flows are what the apps' flows name.
func flows() []flow.Flow {
	mailbox := func(id, name string) graphwarden.Mailbox { return graphwarden.Mailbox{ID: id, UPN: name} }
	return []flow.Flow{
		{Name: "office", App: "portal", Kind: flow.Calendar(), Tenant: "contoso", Mailboxes: graphwarden.MailboxScope{mailbox(anna, "anna@contoso.com"), mailbox(ben, "ben@contoso.com")}},
		{Name: "desks", App: "portal", Kind: flow.Calendar(), Tenant: "contoso", Mailboxes: graphwarden.MailboxScope{mailbox(ben, "ben@contoso.com")}},
		{Name: "sales", App: "crm", Kind: flow.Calendar(), Tenant: "fabrikam", Mailboxes: graphwarden.MailboxScope{mailbox(carl, "carl@fabrikam.com")}},
	}
}

func newOffice(t *testing.T, change ...func(*api.Config)) *office {
	t.Helper()
	o := &office{now: time.Now()}
	o.desk = put(t, append([]func(*api.Config){func(c *api.Config) {
		o.keys = appkey.New(appkey.Config{Store: c.Feeds.(appkey.Store), Ledger: ledger.New(c.Feeds.(ledger.Rows)), Now: func() time.Time { return o.now }, Random: rand.Reader,
			Apps: map[string][]string{"portal": {"office", "desks"}, "crm": {"sales"}}})
		c.Keys, c.AppKeys, c.Flows, c.Tries = o.keys, o.keys, flows, c.Feeds.(api.Tries)
		c.Refused = func(d api.Denial) { o.denied = append(o.denied, d) }
		c.Declared = api.Declared{Flows: []api.Flow{{Name: "office", App: "portal"}, {Name: "desks", App: "portal"}, {Name: "sales", App: "crm"}}}
	}}, change...)...)
	for _, k := range []struct {
		to   *string
		want appkey.Wanted
	}{
		{&o.portal, appkey.Wanted{App: "portal", Write: true}}, {&o.reader, appkey.Wanted{App: "portal"}},
		{&o.crm, appkey.Wanted{App: "crm", Write: true}}, {&o.narrow, appkey.Wanted{App: "portal", Flows: []string{"desks"}}},
	} {
		made, err := o.keys.Create(t.Context(), k.want)
		if err != nil {
			t.Fatal(err)
		}
		*k.to = string(made.Plain)
	}
	return o
}

// as asks the apps' face with a key.
func (o *office) as(t *testing.T, key, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	o.Apps.ServeHTTP(w, r)
	contractOf(t, true).holds(t, method, path, w)
	return w
}

// code is a problem's code, or "" for an answer.
func code(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Code < 400 {
		return ""
	}
	var p api.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return p.Code
}

func TestAnAppSeesTheMailboxesOfItsFlowsAndNoOthers(t *testing.T) {
	o := newOffice(t)
	names := func(key, path string) string {
		var all []string
		for _, m := range read[api.Page[api.Mailbox]](t, o.as(t, key, "GET", path, "")).Items {
			all = append(all, m.Name+":"+strings.Join(m.Flows, "+"))
		}
		return strings.Join(all, " ")
	}
	for _, s := range []struct{ who, key, path, want string }{
		{"an app", o.portal, "/v1/mailboxes", "anna@contoso.com:office ben@contoso.com:office+desks"},
		{"another", o.crm, "/v1/mailboxes", "carl@fabrikam.com:sales"},
		{"a key of one flow", o.narrow, "/v1/mailboxes", "ben@contoso.com:desks"},
		{"one tenant", o.crm, "/v1/tenants/fabrikam/mailboxes", "carl@fabrikam.com:sales"},
		{"page by page", o.portal, "/v1/mailboxes?limit=1", "anna@contoso.com:office"},
	} {
		if got := names(s.key, s.path); got != s.want {
			t.Errorf("%s: %s", s.who, got)
		}
	}
	for _, tenant := range []string{"contoso", "nowhere"} {
		if w := o.as(t, o.crm, "GET", "/v1/tenants/"+tenant+"/mailboxes", ""); w.Code != http.StatusNotFound || code(t, w) != "api.not_there" {
			t.Errorf("%s: %d %s", tenant, w.Code, w.Body)
		}
	}
}

func TestWithoutAGoodKeyAnAppIsToldNothing(t *testing.T) {
	o := newOffice(t)
	for _, s := range []struct{ who, key, code string }{
		{"nobody", "", "api.key_missing"}, {"an operator", token, "api.key_unknown"}, {"a stranger", "gwk_x", "api.key_unknown"},
	} {
		for _, path := range []string{"/v1/mailboxes", "/v1/tenants/contoso/mailboxes", "/v1/nothing"} {
			if w := o.as(t, s.key, "GET", path, ""); w.Code != http.StatusUnauthorized || code(t, w) != s.code || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s at %s: %d %s", s.who, path, w.Code, w.Body)
			}
		}
	}
	for _, path := range []string{"/v1/status", "/v1/feeds", "/metrics", "/v1/apps"} {
		if w := o.as(t, o.portal, "GET", path, ""); w.Code != http.StatusNotFound || code(t, w) != "api.route" {
			t.Errorf("operators' %s shows at the apps' address: %d %s", path, w.Code, w.Body)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/v1/status", nil)
	r.Header.Set("Authorization", "Bearer "+o.portal)
	w := httptest.NewRecorder()
	o.Operators.ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("an app's key opens the operators' address: %d", w.Code)
	}
	if len(o.denied) != 10 || o.denied[0].Code != "api.key_missing" || o.denied[0].Face != "apps" || o.denied[1].Path != "/v1/tenants/{tenant}/mailboxes" {
		t.Errorf("denials: %+v", o.denied)
	}
}

func TestOperatorsMakeFollowAndEndKeys(t *testing.T) {
	o := newOffice(t)
	do := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		o.Operators.ServeHTTP(w, r)
		return w
	}
	made := do("/v1/apps/portal/keys", `{"scope":"write","flows":["desks"],"expires_days":90,"by":"anna"}`)
	var k api.NewAppKey
	if err := json.Unmarshal(made.Body.Bytes(), &k); err != nil || made.Code != http.StatusCreated || k.Scope != "write" || k.ExpiresAt == nil {
		t.Fatalf("%d %s %v", made.Code, made.Body, err)
	}
	if w := o.as(t, string(k.Key), "GET", "/v1/mailboxes", ""); w.Code != http.StatusOK {
		t.Errorf("the new key: %d", w.Code)
	}
	var next api.NewAppKey
	if w := do("/v1/keys/"+k.ID+"/rotate", `{"overlap_hours":0}`); w.Code != http.StatusCreated || json.Unmarshal(w.Body.Bytes(), &next) != nil {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := o.as(t, string(k.Key), "GET", "/v1/mailboxes", ""); code(t, w) != "api.key_expired" || w.Code != http.StatusUnauthorized {
		t.Errorf("the key that was followed without overlap: %d", w.Code)
	}
	if w := do("/v1/keys/"+next.ID+"/revoke", `{}`); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := o.as(t, string(next.Key), "GET", "/v1/mailboxes", ""); code(t, w) != "api.key_revoked" {
		t.Errorf("the revoked key: %d", w.Code)
	}
	list := o.ask(t, "GET", "/v1/apps/portal/keys")
	states := map[string]string{}
	for _, shown := range read[api.Page[api.AppKey]](t, list).Items {
		states[shown.ID] = shown.State + shown.Replaces
	}
	if len(states) != 5 || states[k.ID] != "expired" || states[next.ID] != "revoked"+k.ID {
		t.Errorf("%+v", states)
	}
	if strings.Contains(list.Body.String(), "gwk_") {
		t.Error("the list shows a key")
	}
	for body, want := range map[string]string{`{"scope":"rite"}`: "Did you mean write?", `{"expires":90}`: "expires_days", `{"flows":["sales"]}`: "office, desks", `{"flows":"desks"}`: "list"} {
		if w := do("/v1/apps/portal/keys", body); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

func TestAnAppIsToldHowOftenItMayAskAndHeldToIt(t *testing.T) {
	o := newOffice(t, func(c *api.Config) { c.Rate = 60 })
	for n := range 12 {
		w := o.as(t, o.portal, "GET", "/v1/mailboxes", "")
		limit, left := w.Header().Get("RateLimit-Limit"), w.Header().Get("RateLimit-Remaining")
		if limit != "10" || w.Header().Get("RateLimit-Reset") == "" {
			t.Errorf("%v", w.Header())
		}
		if n < 10 && (w.Code != http.StatusOK || left == "") {
			t.Errorf("request %d: %d, %s left", n, w.Code, left)
		}
		if n >= 11 && (w.Code != http.StatusTooManyRequests || code(t, w) != "api.rate" || w.Header().Get("Retry-After") == "") {
			t.Errorf("request %d: %d %s", n, w.Code, w.Body)
		}
	}
	if w := o.as(t, o.crm, "GET", "/v1/mailboxes", ""); w.Code != http.StatusOK {
		t.Errorf("another app pays for it: %d", w.Code)
	}
}

func TestAnUnknownParameterIsRefusedWithWhatWasPerhapsMeant(t *testing.T) {
	o := newOffice(t)
	for query, want := range map[string]string{
		"limits=1": "Did you mean limit?", "colour=red": "limit, cursor", "limit=1&limit=2": "more than once", "limit=0": "from 1 to 1000",
		"limit=x": "not a number", "cursor=%ff": "cannot be read", "%zz": "parameter %zz", "limit=%zz": "parameter limit", "a;b": "parameter a;b is wrong: it is not escaped", "cursor=" + strings.Repeat("x", 5000): "more than 4096",
	} {
		w := o.as(t, o.portal, "GET", "/v1/mailboxes?"+query, "")
		if w.Code != http.StatusBadRequest || code(t, w) != "api.query" || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.30s: %d %s", query, w.Code, w.Body)
		}
	}
}

func TestAnAnswerThatIsAsItWasIsNotSentAgain(t *testing.T) {
	o := newOffice(t)
	first := o.as(t, o.portal, "GET", "/v1/mailboxes", "")
	tag := first.Header().Get("ETag")
	for given, status := range map[string]int{tag: 304, "W/" + tag: 304, `"other", ` + tag: 304, "*": 304, `"other"`: 200, "": 200} {
		w := o.as(t, o.portal, "GET", "/v1/mailboxes", "", "If-None-Match", given)
		if w.Code != status || status == 304 && w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
			t.Errorf("%s: %d %s", given, w.Code, w.Body)
		}
	}
}
