package cli_test

import (
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
	seen := ""
	for range times {
		m := command.err.await(t, `(?s)`+seen+`.*?Open (https://\S+) on any device and enter the code (\w+)`)
		person := tn.person(0)
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

// TestTheDocumentedCommandsRestrict runs those of docs/restricting.md that wait for
// nobody.
func TestTheDocumentedCommandsRestrict(t *testing.T) {
	text := strings.Join(snippets(documents(t)["restricting.md"], "sh"), "\n")
	tn := open(t)
	path := tn.configure(t, nil)
	t.Chdir(filepath.Dir(path))
	if code, _, stderr := run(t, "serve", "--check"); code != cli.ExitOK {
		t.Fatal(stderr)
	}
	ran := 0
	for line := range strings.Lines(text) {
		args := strings.Fields(line)
		if len(args) == 0 || strings.Contains(line, "--administrator") {
			continue
		}
		ran++
		if code, out, stderr := run(t, args[1:]...); code != cli.ExitOK || out == "" {
			t.Errorf("%s: exit code %d:\n%s%s", strings.TrimSpace(line), code, out, stderr)
		}
	}
	script, err := os.ReadFile("restrict.ps1")
	if err != nil || !strings.Contains(string(script), "New-ManagementScope") || ran != 3 {
		t.Errorf("%d commands ran; the script: %v", ran, err)
	}
}
