package assemble_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim"
)

// through adds a flow by which an app uses Graph itself.
func (j *journey) through(more string) {
	j.Helper()
	app := j.ready.Apps[slices.IndexFunc(j.ready.Apps, func(a sim.ReadyApp) bool { return a.Name == "everything" })]
	j.changed = func() {
		if err := os.WriteFile(filepath.Join(j.folder, "portal.secret"), []byte(app.ClientSecret), 0o600); err != nil {
			j.Fatal(err)
		}
		j.replace("flows:\n", fmt.Sprintf("      portal: {client_id: %s, secret_file: portal.secret}\nflows:\n  portal-graph:\n    app: portal\n    kind: graph\n    tenant: contoso\n    registration: portal\n    mailboxes: [%s]\n%s",
			app.ClientID, j.ready.Users[0].UserPrincipalName, more))
	}
}

// TestAnAppUsesGraphItself, at its address, by a key of its own: within its flow, and
// not an inch beside it.
func TestAnAppUsesGraphItself(t *testing.T) {
	j := begin(t, 3)
	j.through("    private: full\n    operations: [\"GET /users/{id}/events\", \"POST /users/{id}/events\"]\n")
	j.operate, j.apps = j.listen(), j.listen()
	j.run("15m")
	token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	_, made := j.call(j.operate, strings.TrimSpace(string(token)), http.MethodPost, "/v1/apps/portal/keys", map[string]any{"scope": "write"})
	key, _ := made["key"].(string)
	in, out := "/graph/v1.0/users/"+j.ready.Users[0].UserPrincipalName, "/graph/v1.0/users/"+j.ready.Users[1].UserPrincipalName
	event := map[string]any{"subject": "by its own SDK", "start": map[string]any{"dateTime": "2027-03-01T09:00:00", "timeZone": "UTC"}, "end": map[string]any{"dateTime": "2027-03-01T10:00:00", "timeZone": "UTC"}}
	if status, created := j.call(j.apps, key, http.MethodPost, in+"/events", event); status != http.StatusCreated || created["subject"] != "by its own SDK" {
		t.Fatalf("creating answered %d %v", status, created)
	}
	for path, want := range map[string]string{out + "/events": "proxy.mailbox", in + "/calendar/events": "proxy.operation", "/graph/v2/me": "proxy.version", "/graph/v1.0/me/events": "proxy.me"} {
		status, said := j.call(j.apps, key, http.MethodPost, path, event)
		if e, _ := said["error"].(map[string]any); status < 400 || e["innerError"].(map[string]any)["code"] != want {
			t.Errorf("%s answered %d %v, want %s", path, status, said, want)
		}
	}
}

// TestRefusalsOfAKeyAreCounted as its requests to the API are, by apps_rate.
func TestRefusalsOfAKeyAreCounted(t *testing.T) {
	j := begin(t, 2)
	j.through("    private: full\n    operations: [\"GET /users/{id}/events\"]\n")
	first := j.changed
	j.changed = func() {
		first()
		j.replace("public_url:", "apps_rate: 12\npublic_url:") // two at once
	}
	j.operate, j.apps = j.listen(), j.listen()
	j.run("15m")
	token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	_, made := j.call(j.operate, strings.TrimSpace(string(token)), http.MethodPost, "/v1/apps/portal/keys", map[string]any{"scope": "read"})
	key, _ := made["key"].(string)
	l := &line{T: t, at: j.apps.Addr().String()}
	t.Cleanup(l.end)
	waits := false
	for range 1000 { // on the slowest machine some are closer together than five seconds
		if a := l.ask(http.MethodGet, "/graph/v1.0/users/"+j.ready.Users[1].UserPrincipalName+"/events", key, ""); a.status == http.StatusTooManyRequests {
			waits = true
			break
		}
	}
	if !waits {
		t.Error("a key is refused without end")
	}
	if a := l.ask(http.MethodGet, "/graph/v1.0/users/"+j.ready.Users[0].UserPrincipalName+"/events?$top=1", key, ""); a.status != http.StatusOK {
		t.Errorf("what it may is answered %d %s", a.status, a.body)
	}
}
