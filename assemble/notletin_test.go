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

// TestAKnownKeyThatIsNotLetInIsOnRecord: by app, key or token, reason and address, at the
// proxy as at the API; a flood of them is counted in few entries. Of what nobody knows it is
// on record that it was tried, and no app and no address.
func TestAKnownKeyThatIsNotLetInIsOnRecord(t *testing.T) {
	j := begin(t, 3)
	j.through("    private: full\n    operations: [\"GET /users/{id}/events\"]\n")
	registered := j.outlook(http.MethodPost, "/v1.0/applications", map[string]any{"displayName": "Graphwarden", "identifierUris": []string{itsAPI}})
	j.outlook(http.MethodPost, "/v1.0/servicePrincipals", map[string]any{"appId": registered["appId"]})
	client := j.ready.Apps[slices.IndexFunc(j.ready.Apps, func(a sim.ReadyApp) bool { return a.Name == "everything" })].ClientID
	through := j.changed
	j.changed = func() {
		through()
		j.replace("    registrations:\n", "    audiences: ["+itsAPI+"]\n    registrations:\n")
		j.replace("flows:\n", "callers:\n  portal-prod: {app: portal, tenant: contoso, client: "+client+", networks: [192.0.2.0/24]}\nflows:\n")
	}
	j.operate, j.apps = j.listen(), j.listen()
	stop := j.run("15m")
	strange, strangeID := j.portals(map[string]any{"networks": []string{"192.0.2.0/24"}})
	revoked, revokedID := j.portals(map[string]any{})
	if status, said := j.call(j.operate, j.operator(), http.MethodPost, "/v1/keys/"+revokedID+"/revoke", map[string]any{}); status >= 300 {
		t.Fatalf("revoking answered %d %v", status, said)
	}
	token := j.issued("everything", itsAPI+"/.default")
	forged := token[:len(token)-9] + "AAAAAAAAA"
	const flood = 120
	for _, s := range []struct {
		key    string
		times  int
		status int
	}{
		{revoked, flood, http.StatusUnauthorized},
		{strange, 1, http.StatusForbidden},
		{token, 1, http.StatusForbidden},
		{"gwk_nobodys", 1, http.StatusUnauthorized},
		{forged, 1, http.StatusUnauthorized},
	} {
		for i := range s.times {
			for _, path := range []string{fmt.Sprintf("/graph/v1.0/users/%d/events", i), "/v1/changes"} {
				if status, said := j.call(j.apps, s.key, http.MethodGet, path, nil); status != s.status {
					t.Fatalf("%s answered %d %v, want %d", path, status, said, s.status)
				}
			}
		}
	}
	stop() // what is gathered is written down at the end
	rows, times := map[string]int{}, map[string]int{}
	for _, e := range j.ledger() {
		note, n := e.Note, 1
		if at := strings.LastIndex(note, ", "); strings.HasSuffix(note, " times") {
			if _, err := fmt.Sscanf(note[at:], ", %d times", &n); err != nil {
				t.Error(err)
			}
			note = note[:at]
		}
		if strings.HasPrefix(note, "denied to apps") {
			note, _, _ = strings.Cut(note, "/") // the object of a token
			what := fmt.Sprintf("%s %s %s %d %s", e.App, e.Rule, e.Path, e.Status, note)
			rows[what]++
			times[what] += n
		}
	}
	want := map[string]int{}
	for _, path := range []string{"/graph/", "/v1/changes"} {
		want["portal api.key_revoked "+path+" 401 denied to apps, key "+revokedID+", from 127.0.0.1"] = flood
		want["portal api.key_network "+path+" 403 denied to apps, key "+strangeID+", from 127.0.0.1"] = 1
		want["portal api.entra_network "+path+" 403 denied to apps, key token:"+client] = 1
		want["graphwarden api.key_unknown "+path+" 401 denied to apps"] = 1
		want["graphwarden api.entra_forged "+path+" 401 denied to apps"] = 1
	}
	for what, n := range want {
		if times[what] != n || rows[what] > flood/2 {
			t.Errorf("%s: %d times in %d entries, want %d", what, times[what], rows[what], n)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("on record is %v", rows)
	}
}

// operator is the token of the owner's file.
func (j *journey) operator() string {
	j.Helper()
	raw, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
	if err != nil {
		j.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

// portals has a key of the app portal made, and gives it and its id.
func (j *journey) portals(of map[string]any) (key, id string) {
	j.Helper()
	status, said := j.call(j.operate, j.operator(), http.MethodPost, "/v1/apps/portal/keys", of)
	key, _ = said["key"].(string)
	id, _ = said["id"].(string)
	if key == "" || id == "" {
		j.Fatalf("making a key answered %d %v", status, said)
	}
	return key, id
}
