package cli_test

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/internal/canary"
)

// unzip gives the files of an archive.
func unzip(t *testing.T, file string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(text)
	}
	return out
}

// spoken is a person's name as people write it: Ida Kowalczyk.
func spoken(mailbox string) string {
	local, _, _ := strings.Cut(mailbox, "@")
	first, last, _ := strings.Cut(local, ".")
	return strings.ToUpper(first[:1]) + first[1:] + " " + strings.ToUpper(last[:1]) + last[1:]
}

// TestASupportBundleHoldsWhatExplainsAndNothingThatIsSecret plants secrets and people
// where a bundle looks: in the configuration and its comments, the files it names, the
// log, the ledger, the calendar. None is in any part, and what helps is.
func TestASupportBundleHoldsWhatExplainsAndNothingThatIsSecret(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t); s.more = "    sinks: {warehouse: {type: table}}\n" })
	planted := map[string]string{"subject": "Psychotherapy with Dr Sommer", "token in an address": "T0K3N-of-the-receiver-4711", "comment": "comment-swordfish-0815", "another mailbox": "ottilie.vonderheide@contoso.example",
		"mailbox": tn.Users[0].UserPrincipalName, "person": spoken(tn.Users[0].UserPrincipalName), "mailbox's id": tn.Users[0].ID,
		"tenant's id": tn.Tenant.ID, "app registration's id": tn.app(t, "calendar").ClientID}
	rewrite(t, config, "/changes\"", "/changes/"+planted["token in an address"]+"?key="+planted["comment"]+"\"")
	rewrite(t, config, "\nflows:\n", "\n# the password is "+planted["comment"]+"\nflows:\n  team:\n    app: portal\n    kind: calendar\n    tenant: contoso\n    registration: calendar\n    mailboxes: ["+planted["another mailbox"]+"]\n    sink: {type: none}\n")
	server := start(t, "serve", "--config", config)
	server.err.await(t, "msg=running")
	key := regexp.MustCompile(`gwk_\w+`).FindString(says(t, cli.ExitOK, "gwk_", "apps", "key", "create", "portal", "--config", config))
	planted["key of an app"] = key
	tn.graph(t, http.MethodPost, "/users/"+tn.Users[0].ID+"/events", map[string]any{"subject": planted["subject"], "start": map[string]any{"dateTime": "2026-12-03T10:00:00", "timeZone": "UTC"},
		"end": map[string]any{"dateTime": "2026-12-03T11:00:00", "timeZone": "UTC"}}, nil)
	tn.awaitFeeds(t, config, "office", true)
	tail := says(t, cli.ExitOK, planted["mailbox"], "logs", "tail", "--last", "10000", "--end", "--json", "--config", config) // it is there to be found
	if !strings.Contains(tail, planted["mailbox's id"]) {
		t.Error("the activity does not have the mailbox's id, so that it is not there is no proof")
	}
	flock := secretsOf(t, config, planted)
	folder := t.TempDir()
	file := filepath.Join(folder, "support.zip")

	out := says(t, cli.ExitOK, "{", "support-bundle", "--dry-run", "--json", "--out", file, "--config", config)
	validates(t, "support-bundle", out)
	var rehearsed cli.Bundle
	if left, _ := os.ReadDir(folder); json.Unmarshal([]byte(out), &rehearsed) != nil || len(left) > 0 || rehearsed.File != "" {
		t.Errorf("the rehearsal wrote %v: %s", left, out)
	}
	said := says(t, cli.ExitOK, "Look into it before you send it", "support-bundle", "--out", file, "--config", config)
	says(t, cli.ExitConflict, "cli.bundle", "support-bundle", "--out", file, "--config", config)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	parts := unzip(t, file)
	var manifest cli.Bundle
	if err := json.Unmarshal([]byte(parts["manifest.json"]), &manifest); err != nil {
		t.Fatal(err)
	}
	var names, before []string
	for _, p := range manifest.Parts {
		sum := sha256.Sum256([]byte(parts[p.Name]))
		if hex.EncodeToString(sum[:]) != p.SHA256 || p.Bytes != len(parts[p.Name]) || p.Bytes < 3 || !strings.Contains(said, p.Name) {
			t.Errorf("%+v is not what the archive has: %d bytes", p, len(parts[p.Name]))
		}
		names = append(names, p.Name)
	}
	for _, p := range rehearsed.Parts {
		before = append(before, p.Name)
	}
	want := []string{"configuration.yaml", "system.json", "doctor.json", "database.json", "server/status.json", "server/notices.json", "server/connections.json", "server/sinks.json",
		"server/skipped.json", "server/feeds.json", "server/metrics.txt", "server/activity.ndjson"}
	if !slices.Equal(names, want) || !slices.Equal(before, want) || len(manifest.LeftOut) > 0 || len(parts) != len(want)+1 {
		t.Errorf("it has %v, rehearsed %v, left out %v", names, before, manifest.LeftOut)
	}
	for name, text := range parts {
		if found := flock.Find(name, []byte(text)); len(found) > 0 {
			t.Error(found)
		}
	}
	for name, wants := range map[string][]string{"configuration.yaml": {"kind: calendar", "[person 1]", "registration: calendar", "woken: 1s", "[file]", `client_id: "[id `},
		"doctor.json": {"doctor.database", `"result": "pass"`}, "database.json": {`"sound": true`, `"schema":`}, "server/metrics.txt": {"# TYPE graphwarden_"},
		"server/activity.ndjson": {`"message":"running"`, `"kind":"close"`, `"mailbox":"[person`}, "server/sinks.json": {"http://127.0.0.1:"}, "server/skipped.json": {"[person"}} {
		for _, w := range wants {
			if !strings.Contains(parts[name], w) {
				t.Errorf("%s lacks %q:\n%.3000s", name, w, parts[name])
			}
		}
	}
	server.stop()
	server.ends(t, cli.ExitOK)
	out = says(t, cli.ExitOK, "{", "support-bundle", "--dry-run", "--json", "--config", config)
	if err := json.Unmarshal([]byte(out), &rehearsed); err != nil || len(rehearsed.LeftOut) != 1 || rehearsed.LeftOut[0].Name != "server/" {
		t.Errorf("without a server: %s", out)
	}
	t.Logf("%d parts, %d secrets and people looked for, taken out %v", len(parts), len(flock), manifest.Hidden)
}

// TestWhatCannotBeLearntKeepsTheBundleFromBeingMade: a secret that cannot be read
// cannot be looked for.
func TestWhatCannotBeLearntKeepsTheBundleFromBeingMade(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, nil)
	secret := filepath.Join(filepath.Dir(config), "sink.secret")
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(secret, 0o700); err != nil {
		t.Fatal(err)
	}
	says(t, cli.ExitCredential, "cli.bundle", "support-bundle", "--dry-run", "--config", config)
	if err := os.WriteFile(config, []byte("tenants: {contoso: {id: planted-swordfish-0815, planted-swordfish-0815: x, registrations: {main: {mode: planted-swordfish-0815}}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := says(t, cli.ExitOK, "left out", "support-bundle", "--dry-run", "--config", config)
	if found := (canary.Flock{"secret": []byte("planted-swordfish-0815")}).Find("a wrong configuration", []byte(out)); len(found) > 0 {
		t.Error(found)
	}
}
