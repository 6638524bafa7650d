package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// signsIn has the tenant's administrator enter the codes that a command asks for,
// one after the other.
func (tn *tenant) signsIn(t *testing.T, command *running, times int) {
	t.Helper()
	tn.signsInAs(t, command, times, 0)
}

// signsInAs has one of the tenant's people do so.
func (tn *tenant) signsInAs(t *testing.T, command *running, times, who int) {
	t.Helper()
	seen := ""
	for range times {
		m := command.err.await(t, `(?s)`+seen+`.*?Open (https://\S+) on any device and enter the code (\w+)`)
		person := tn.person(who)
		person.Code = m[2]
		if _, _, err := person.Open(m[1], ""); err != nil {
			t.Fatal(err)
		}
		seen += `.*?enter the code ` + m[2]
	}
}

// TestAnAdministratorRestrictsAnApp: rehearsed, confirmed, done, with a token for
// each service, and undone.
func TestAnAdministratorRestrictsAnApp(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	path := tn.granted(t, folder)
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitOK {
		t.Fatal(stderr)
	}
	restrict := func(more ...string) *running {
		return start(t, append([]string{"restrict", "contoso", "ours", "--config", path, "--administrator", "--json", "--administrator-client", tn.app(t, "public").ClientID}, more...)...)
	}
	for _, c := range []struct {
		flags   []string
		changes int
		applied bool
		state   string
	}{{[]string{"--dry-run"}, 4, false, ""}, {[]string{"--yes"}, 4, true, "waiting"}, {[]string{"--yes"}, 1, true, "waiting"}, {[]string{"--undo", "--yes"}, 4, true, ""}} {
		command := restrict(c.flags...)
		tn.signsIn(t, command, 2)
		command.ends(t, cli.ExitOK)
		var out struct {
			Outcome struct {
				Changes []struct{ Do, What string }
				Applied bool
			}
			State *struct{ State, Inside, Outside string }
		}
		if err := json.Unmarshal([]byte(command.out.String()), &out); err != nil {
			t.Fatalf("%v in:\n%s", err, command.out)
		}
		state := ""
		if out.State != nil {
			state = out.State.State
		}
		if _, proof, _ := run(t, "connect", "contoso", "ours", "--config", path, "--json", "--no-input"); strings.Contains(proof, `"in_exchange"`) != (state != "") {
			t.Errorf("%v: connect says %s", c.flags, proof)
		}
		if _, _, said := run(t, "connect", "contoso", "ours", "--config", path, "--guide"); strings.Contains(said, "undoes that: have consented to nothing.") != (state != "") {
			t.Errorf("%v: the guide warns: %s", c.flags, said)
		}
		if state != "" {
			widened(t, path)
		}
		if len(out.Outcome.Changes) != c.changes || out.Outcome.Applied != c.applied || state != c.state {
			t.Errorf("%v: %s", c.flags, command.out)
		}
	}
	command := start(t, "restrict", "contoso", "ours", "--config", path, "--administrator", "--administrator-client", tn.app(t, "public").ClientID)
	tn.signsIn(t, command, 2)
	command.ends(t, cli.ExitUsage)
	if said := command.err.String(); !strings.Contains(said, "cli.unconfirmed") || !strings.Contains(said, "+ add    service principal") {
		t.Errorf("nobody typed the name:\n%s", said)
	}
}

// widened has the flow write, too: Exchange was told of no role for that, and connect
// does not say so.
func widened(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wider := filepath.Join(filepath.Dir(path), "wider.yaml")
	if err := os.WriteFile(wider, bytes.Replace(raw, []byte("kind: calendar\n"), []byte("kind: calendar\n    direction: both\n"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	_, proof, said := run(t, "connect", "contoso", "ours", "--config", wider, "--json", "--no-input")
	if strings.Contains(proof, `"in_exchange"`) || !strings.Contains(said, "lacks Calendars.ReadWrite") {
		t.Errorf("connect says of a role that nobody assigned: %s%s", proof, said)
	}
}

// TestWhoMayNotRestrictIsTold: somebody signs in who lacks a role. What is missing is
// said in words, no consent is taken away, and the same command goes on once the role
// is there.
func TestWhoMayNotRestrictIsTold(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	path := tn.granted(t, folder)
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitOK {
		t.Fatal(stderr)
	}
	public := tn.app(t, "public").ClientID
	attempt := func(visits int) *running {
		t.Helper()
		command := start(t, "restrict", "contoso", "ours", "--config", path, "--administrator", "--now", "--yes", "--administrator-client", public)
		tn.signsInAs(t, command, visits, 2)
		return command
	}
	refused := func(command *running, exit int, code, words string) {
		t.Helper()
		command.ends(t, exit)
		if said := command.err.String(); !strings.Contains(said, code) || !strings.Contains(said, words) {
			t.Errorf("it is not said that %s:\n%s", code, said)
		}
		if _, proof, _ := run(t, "connect", "contoso", "ours", "--config", path, "--json", "--no-input"); !strings.Contains(proof, `"Calendars.Read"`) {
			t.Errorf("the consent is gone: %s", proof)
		}
	}
	refused(attempt(1), cli.ExitCredential, "entra.consent_declined", "Tell an administrator")

	// The organization has consented to the app that administrators sign in to.
	tn.consentForAll(t, public, "00000003-0000-0000-c000-000000000000", "Application.Read.All AppRoleAssignment.ReadWrite.All Directory.Read.All")
	tn.consentForAll(t, public, "00000002-0000-0ff1-ce00-000000000000", "Exchange.Manage")
	refused(attempt(2), cli.ExitCredential, "exchange.not_administrator", "Exchange Administrator")

	tn.promote(t, 2, "29232cdf-9323-42fd-ade2-1d097af3e4de") // Exchange Administrator
	refused(attempt(2), cli.ExitCredential, "restrict.may_not_revoke", "Privileged Role Administrator")

	tn.promote(t, 2, "e8611ab8-c189-46e8-94e1-60213ab1f814") // Privileged Role Administrator
	command := attempt(2)
	command.ends(t, cli.ExitOK)
	if said := command.out.String(); !strings.Contains(said, "Restricted by roles: waiting") {
		t.Errorf("in the end:\n%s", said)
	}
}

// consentForAll has the organization consent to what an app may do in people's names.
func (tn *tenant) consentForAll(t *testing.T, client, resource, scope string) {
	t.Helper()
	id := func(app string) string {
		var found struct{ Value []struct{ ID string } }
		tn.graph(t, "GET", "/servicePrincipals?$filter=appId%20eq%20%27"+app+"%27", nil, &found)
		if len(found.Value) != 1 {
			t.Fatalf("%d of %s", len(found.Value), app)
		}
		return found.Value[0].ID
	}
	app, of := id(client), id(resource)
	var had struct {
		Value []struct{ ID, ConsentType, ResourceID, Scope string }
	}
	tn.graph(t, "GET", "/servicePrincipals/"+app+"/oauth2PermissionGrants", nil, &had)
	for _, g := range had.Value {
		if g.ResourceID == of && g.ConsentType == "AllPrincipals" {
			tn.graph(t, "PATCH", "/oauth2PermissionGrants/"+g.ID, map[string]string{"scope": g.Scope + " " + scope}, nil)
			return
		}
	}
	tn.graph(t, "POST", "/oauth2PermissionGrants", map[string]string{"clientId": app, "resourceId": of, "consentType": "AllPrincipals", "scope": scope}, nil)
}

// promote gives somebody a directory role.
func (tn *tenant) promote(t *testing.T, who int, role string) {
	t.Helper()
	var made struct{ ID string }
	tn.graph(t, "POST", "/directoryRoles", map[string]string{"roleTemplateId": role}, &made)
	tn.graph(t, "POST", "/directoryRoles/"+made.ID+"/members/$ref", map[string]string{"@odata.id": tn.Graph + "/v1.0/directoryObjects/" + tn.Users[who].ID}, nil)
}

// TestFlagsOfRestrictAreNotPassedOver: a flag that would do nothing is refused, with what
// it goes with.
func TestFlagsOfRestrictAreNotPassedOver(t *testing.T) {
	for flags, wants := range map[string]string{
		"--now": "--administrator", "--undo": "--administrator", "--outside somebody@contoso.com": "--administrator", "--policy-kind access-policy": "--administrator",
		"--status --now": "leave --now out", "--status --administrator": "leave --administrator", "--status --out x.ps1": "--out out", "--administrator --out x.ps1": "without one",
	} {
		says(t, cli.ExitUsage, wants, append([]string{"restrict", "contoso", "ours", "--config", "nowhere.yaml"}, strings.Fields(flags)...)...)
	}
}

// TestAScriptDoesNotWriteOverWhatIsThere: the same script again does no harm.
func TestAScriptDoesNotWriteOverWhatIsThere(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	path, script := tn.granted(t, folder), filepath.Join(folder, "restrict.ps1")
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitOK {
		t.Fatal(stderr)
	}
	for range 2 {
		says(t, cli.ExitOK, "The script is in "+script, "restrict", "contoso", "ours", "--config", path, "--out", script)
	}
	if err := os.WriteFile(script, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, cli.ExitUsage, "name another file, or remove it", "restrict", "contoso", "ours", "--config", path, "--out", script)
	if raw, err := os.ReadFile(script); err != nil || string(raw) != "mine" {
		t.Errorf("it is %q, %v", raw, err)
	}
}
