package api_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/staff"
)

// TestAnOperatorIsKnownByHisOwnToken goes from the owner's token to one of somebody
// else: what it opens, whose name the ledger has, and that it ends.
func TestAnOperatorIsKnownByHisOwnToken(t *testing.T) {
	var acts []api.Act
	o := newOffice(t, func(c *api.Config) {
		c.Staff = staff.New(staff.Config{Store: c.Feeds.(staff.Store), Ledger: ledger.New(c.Feeds.(ledger.Rows)), Now: time.Now, Random: rand.Reader, Tenants: []string{"contoso", "fabrikam"}})
		c.Record = func(_ context.Context, a api.Act) error { acts = append(acts, a); return nil }
		c.Declared.Tenants = []api.Tenant{{Name: "contoso"}, {Name: "fabrikam"}}
		c.Declared.Flows = append(c.Declared.Flows, api.Flow{Name: "there", App: "crm", Tenant: "fabrikam"})
	})
	ask := func(as, method, path, body string) (*httptest.ResponseRecorder, map[string]any) {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+as)
		w := httptest.NewRecorder()
		o.Operators.ServeHTTP(w, r)
		var in map[string]any
		_ = json.Unmarshal(w.Body.Bytes(), &in)
		return w, in
	}
	made := func(body string) (plain, id string) {
		w, in := ask(token, "POST", "/v1/operators", body)
		if w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return in["token"].(string), in["id"].(string)
	}
	anna, annas := made(`{"operator":"anna","roles":["operator"],"by":"the admin"}`)
	bert, _ := made(`{"operator":"bert","roles":["auditor@fabrikam"],"expires_days":7}`)
	if _, me := ask(bert, "GET", "/v1/operators/me", ""); me["operator"] != "bert" || me["roles"].([]any)[0] != "auditor@fabrikam" {
		t.Errorf("bert is %v", me)
	}
	if _, me := ask(token, "GET", "/v1/operators/me", ""); me["operator"] != staff.TheOwner {
		t.Errorf("the owner is %v", me)
	}
	for path, name := range map[string]string{"/v1/tenants": "fabrikam", "/v1/flows": "there"} {
		w, in := ask(bert, "GET", path, "")
		if items := in["items"].([]any); len(items) != 1 || items[0].(map[string]any)["name"] != name {
			t.Errorf("%s shows an auditor of fabrikam %s", path, w.Body)
		}
	}
	if w, in := ask(anna, "POST", "/v1/operators", `{"operator":"carl","roles":["owner"]}`); w.Code != http.StatusForbidden || in["code"] != "api.role" {
		t.Errorf("an operator made an owner: %d %s", w.Code, w.Body)
	}
	if d := o.denied[len(o.denied)-1]; d.Operator != "anna" || d.Key != annas || d.Code != "api.role" {
		t.Errorf("it was denied to %+v", d)
	}
	if w, in := ask(bert, "GET", "/v1/feeds?tenant=contoso", ""); w.Code != http.StatusForbidden || in["code"] != "api.role" {
		t.Errorf("an auditor of fabrikam sees contoso: %d %s", w.Code, w.Body)
	}
	// Nobody acts in another's name.
	if w, _ := ask(anna, "POST", "/v1/apps/crm/keys", `{"by":"bert"}`); w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if a := acts[len(acts)-1]; a.Operator != "anna" || a.Token != annas || a.Path != "/v1/apps/{app}/keys" {
		t.Errorf("recorded as %+v", a)
	}
	entries := notes(t, o)
	if text := entries["appkey.create"]; !strings.HasSuffix(text, ", by anna") {
		t.Errorf("the ledger says of the key: %s", text)
	}
	if text := entries["staff.create"]; !strings.Contains(text, "of bert, may auditor@fabrikam, until ") || !strings.HasSuffix(text, "by owner") {
		t.Errorf("the ledger says of the last token: %s", text)
	}
	if w, _ := ask(token, "POST", "/v1/operators/"+annas+"/revoke", `{}`); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w, in := ask(anna, "GET", "/v1/status", ""); w.Code != http.StatusUnauthorized || in["code"] != "api.token_revoked" {
		t.Errorf("after its end: %d %s", w.Code, w.Body)
	}
}

// notes are the notes of the ledger's acts, by what was done; the last counts.
func notes(t *testing.T, o *office) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := o.store.EntriesAfter(t.Context(), 0, 1000, func(e graphwarden.Entry, _ [32]byte) error {
		what, _, _ := strings.Cut(e.Path, " ")
		out[what] = e.Note
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
