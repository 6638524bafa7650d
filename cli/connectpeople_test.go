package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/connect"
)

// TestPeopleAreInvitedListedAndRevoked registers an app for people as the guide says,
// has an administrator consent, sends somebody a link, and ends the sign-in, through
// a running server.
func TestPeopleAreInvitedListedAndRevoked(t *testing.T) {
	tn, folder := open(t), t.TempDir()
	listen, operate := freePort(t), freePort(t)
	secret := filepath.Join(folder, "ours.secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	own := func(client string) string {
		path := tn.own(t, folder, client, "code", `, secret_file: ours.secret, people: {return_to: ["https://crm.example/connected"]}`)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("listen: 127.0.0.1:0", fmt.Sprintf("listen: %s\npublic_url: http://%s", listen, listen), "operate: off", "operate: "+operate).Replace(string(raw))
		text = regexp.MustCompile(`mailboxes: \[.*\]`).ReplaceAllString(text, "people: true")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	object, client := tn.register(t, own(nobody))
	var made struct{ SecretText string }
	tn.graph(t, "POST", "/applications/"+object+"/addPassword", map[string]any{}, &made)
	if err := os.WriteFile(secret, []byte(made.SecretText), 0o600); err != nil {
		t.Fatal(err)
	}
	path := own(client)
	server := start(t, "serve", "--config", path)
	server.err.await(t, `running`)
	link := func(more ...string) string {
		code, out, stderr := run(t, append([]string{"connect", "people", "link", "contoso", "ours", "--app", "portal", "--json", "--config", path}, more...)...)
		var begun connect.Invited
		if err := json.Unmarshal([]byte(out), &begun); err != nil || code != cli.ExitOK {
			t.Fatalf("exit code %d: %v\n%s%s", code, err, out, stderr)
		}
		return begun.Link
	}
	came := "http://" + listen + connect.SignedInPath
	person := tn.person(1)
	end, _, err := person.Open(link(), came)
	if err != nil {
		t.Fatal(err)
	}
	_, text := visit(t, end)
	asked := regexp.MustCompile(`https://\S+/adminconsent\?\S+`).FindString(text)
	if asked == "" {
		t.Fatalf("who may not consent is told: %s", text)
	}
	if end, _, err = tn.person(0).Open(asked, "http://"+listen); err != nil {
		t.Fatal(err)
	}
	if status, text := visit(t, end); status != http.StatusOK {
		t.Fatalf("the consent: %d %s", status, text)
	}
	if end, _, err = person.Open(link("--hint", tn.Users[1].UserPrincipalName, "--flow", "office"), came); err != nil {
		t.Fatal(err)
	}
	if status, text := visit(t, end); status != http.StatusOK || !strings.Contains(text, "You are signed in") {
		t.Fatalf("the person: %d %s", status, text)
	}
	if code, out, stderr := run(t, "connect", "people", "list", "--config", path); code != cli.ExitOK || !strings.Contains(out, tn.Users[1].ID) || !strings.Contains(out, "connected") || !strings.Contains(out, "office") {
		t.Errorf("exit code %d:\n%s%s", code, out, stderr)
	}
	if code, out, stderr := run(t, "connect", "people", "list", "contoso", "ours", "--app", "nothing", "--json", "--config", path); code != cli.ExitUsage || !strings.Contains(stderr, "api.name") {
		t.Errorf("exit code %d:\n%s%s", code, out, stderr)
	}
	revoke := []string{"connect", "people", "revoke", "contoso", "ours", tn.Users[1].ID, "--app", "portal", "--config", path}
	if code, out, stderr := run(t, append(revoke, "--dry-run")...); code != cli.ExitOK || !strings.Contains(out+stderr, "ends the sign-in") {
		t.Errorf("exit code %d:\n%s%s", code, out, stderr)
	}
	if code, _, stderr := run(t, "connect", "people", "revoke", "contoso", "ours", tn.Users[0].ID, "--dry-run", "--config", path); code != cli.ExitUsage || !strings.Contains(stderr, "connect.person_unknown") {
		t.Errorf("the rehearsal of nobody: exit code %d:\n%s", code, stderr)
	}
	if code, out, stderr := run(t, append(revoke, "--yes")...); code != cli.ExitOK {
		t.Errorf("exit code %d:\n%s%s", code, out, stderr)
	}
	if code, _, stderr := run(t, append(revoke, "--yes")...); code == cli.ExitOK || !strings.Contains(stderr, "connect.person_unknown") {
		t.Errorf("revoked twice: exit code %d:\n%s", code, stderr)
	}
	if code, _, stderr := run(t, "connect", "people", "link", "contoso", "ours", "--app", "other", "--config", path); code == cli.ExitOK || !strings.Contains(stderr, "connect.no_such_flow") {
		t.Errorf("another app: exit code %d:\n%s", code, stderr)
	}
	if code, _, stderr := run(t, "connect", "contoso", "ours", "--no-input", "--config", path); code != cli.ExitOK || !strings.Contains(stderr, "connect people link") {
		t.Errorf("connected as if for one: exit code %d:\n%s", code, stderr)
	}
	if code, results, _ := diagnosis(t, path, "--online"); results["doctor.sign_in"] == "fail" {
		t.Errorf("the doctor: exit code %d: %v", code, results)
	}
	server.stop()
	server.ends(t, cli.ExitOK)
}
