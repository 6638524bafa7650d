package assemble_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/sim"
	"github.com/graphwarden/graphwarden/store"
)

const itsAPI = "api://graphwarden.example"

// issued has the tenant issue a token to one of its apps.
func (j *journey) issued(app, scope string) string {
	j.Helper()
	a := j.ready.Apps[slices.IndexFunc(j.ready.Apps, func(a sim.ReadyApp) bool { return a.Name == app })]
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}, "scope": {scope}}
	r := httptest.NewRequestWithContext(j.Context(), http.MethodPost, "https://"+host+"/"+j.ready.Tenant.ID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	j.sim.Handler().ServeHTTP(w, r)
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.Token == "" {
		j.Fatalf("Entra answered %d %s", w.Code, w.Body)
	}
	return out.Token
}

// TestAnAppIsKnownByATokenOfItsTenant, by the API and by the proxy alike, without a key of
// Graphwarden's; the ledger says by which; and it is known no more a moment after its
// entry was taken out of the configuration.
func TestAnAppIsKnownByATokenOfItsTenant(t *testing.T) {
	j := begin(t, 3)
	j.through("    private: full\n    operations: [\"GET /users/{id}/events\", \"POST /users/{id}/events\"]\n")
	api := j.outlook(http.MethodPost, "/v1.0/applications", map[string]any{"displayName": "Graphwarden", "identifierUris": []string{itsAPI}})
	j.outlook(http.MethodPost, "/v1.0/servicePrincipals", map[string]any{"appId": api["appId"]})
	client := j.ready.Apps[slices.IndexFunc(j.ready.Apps, func(a sim.ReadyApp) bool { return a.Name == "everything" })].ClientID
	entry := fmt.Sprintf("  portal-prod: {app: portal, tenant: contoso, client: %s, flows: [portal-graph]}\n", client)
	also := "  another: {app: portal, tenant: contoso, client: 11111111-2222-3333-4444-555555555555}\n"
	through := j.changed
	j.changed = func() {
		through()
		j.replace("    registrations:\n", "    audiences: ["+itsAPI+"]\n    registrations:\n")
		j.replace("flows:\n", "callers:\n"+entry+also+"flows:\n")
	}
	j.operate, j.apps = j.listen(), j.listen()
	stop := j.run("15m")
	token, graphs := j.issued("everything", itsAPI+"/.default"), j.issued("everything", "https://graph.microsoft.com/.default")
	events := "/graph/v1.0/users/" + j.ready.Users[0].UserPrincipalName + "/events"
	see := func(token, method, path string, status int, code string) {
		t.Helper()
		body := ""
		if method == http.MethodPost {
			body = "{}"
		}
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+j.apps.Addr().String()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != status || code != "" && !strings.Contains(string(text), `"`+code+`"`) {
			t.Errorf("%s %s answered %d %s, %v, want %d %s", method, path, answer.StatusCode, text, err, status, code)
		}
	}
	see(token, http.MethodGet, events, http.StatusOK, "")
	see(token, http.MethodGet, "/v1/mailboxes", http.StatusOK, "")
	see(token, http.MethodPost, events, http.StatusForbidden, "api.key_scope")
	for _, path := range []string{events, "/v1/mailboxes"} {
		see(graphs, http.MethodGet, path, http.StatusUnauthorized, "api.entra_graph")
		see(j.issued("reader", itsAPI+"/.default"), http.MethodGet, path, http.StatusUnauthorized, "api.entra_app")
		see(token[:len(token)-9]+"AAAAAAAAA", http.MethodGet, path, http.StatusUnauthorized, "api.entra_forged")
	}
	// What a head says of who asks is nothing to go by.
	if status, _ := j.call(j.apps, "gwk_none", http.MethodGet, "/v1/mailboxes", map[string]any{}, "X-MS-CLIENT-PRINCIPAL-ID", client, "X-Forwarded-Client-Cert", "Subject=\"CN=portal\""); status != http.StatusUnauthorized {
		t.Errorf("a head lets an app in: %d", status)
	}
	j.replace(entry, "")
	begun := time.Now()
	if _, err := j.serving.Reload(t.Context(), "anna", func(assemble.Plan) error { return nil }); err != nil {
		t.Fatal(err)
	}
	t.Logf("another configuration was in force after %s", time.Since(begun))
	for _, path := range []string{events, "/v1/mailboxes"} {
		see(token, http.MethodGet, path, http.StatusUnauthorized, "api.entra_app")
	}
	stop()
	known := map[string]bool{}
	for _, e := range j.ledger() {
		if strings.Contains(e.Note, "by token:"+client+"/") {
			known[fmt.Sprintf("%s %s %t", e.App, e.Path, e.Allowed)] = true
		}
	}
	for _, want := range []string{"portal /v1.0/users/{mailbox}/events true", "portal /v1.0/users/{mailbox}/events false"} {
		if !known[want] {
			t.Errorf("the ledger does not say by which token: %s; it has %v", want, known)
		}
	}
}

// ledger reads the entries of a gateway that has ended.
func (j *journey) ledger() (list []graphwarden.Entry) {
	j.Helper()
	s, err := store.Open(j.Context(), store.Options{Path: filepath.Join(j.folder, "graphwarden.db")})
	if err != nil {
		j.Fatal(err)
	}
	defer s.Close()
	err = s.EntriesAfter(j.Context(), 0, 100_000, func(e graphwarden.Entry, _ [32]byte) error {
		list = append(list, e)
		return nil
	})
	if err != nil {
		j.Fatal(err)
	}
	return list
}
