package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/cli"
)

// TestTheAPIWorksAsDocumented runs the snippets of docs/api.md, in their order,
// against a gateway that is served.
func TestTheAPIWorksAsDocumented(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not here")
	}
	apps := freePort(t)
	text := documents(t)["api.md"]
	tn := open(t)
	config := tn.server(t, func(s *settings) { s.more = "\napps: " + apps + "\n" })
	t.Chdir(filepath.Dir(config))
	t.Setenv("MAILBOX", tn.Users[0].UserPrincipalName)
	said := 0
	for _, block := range snippets(text, "sh") {
		for line := range strings.Lines(block) {
			line = strings.ReplaceAll(strings.TrimSpace(line), "127.0.0.1:8082", apps)
			if args, ours := strings.CutPrefix(line, "graphwarden "); ours {
				args, file, kept := strings.Cut(args, " > ")
				code, out, wrong := run(t, strings.Fields(args)...)
				if code != cli.ExitOK || strings.Contains(wrong, "gwk_") {
					t.Fatalf("%s: %d %s%s", line, code, out, wrong)
				}
				if kept {
					if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				continue
			}
			said++
			answered(t, line)
		}
	}
	if said < 6 {
		t.Errorf("only %d snippets ask", said)
	}
}

// answered runs a line of a shell until its answer is no refusal: a gateway that
// has just begun does not know its mailboxes yet.
func answered(t *testing.T, line string) {
	t.Helper()
	var out []byte
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		var err error
		if out, err = exec.CommandContext(t.Context(), "bash", "-c", line).Output(); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var p api.Problem
		if err := json.Unmarshal(out, &p); err != nil {
			t.Fatalf("%s: %s: %v", line, out, err)
		}
		if p.Code == "" {
			return
		}
		if p.Code != "api.not_there" {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s: %s", line, out)
}

// TestKeysAreMadeFollowedAndEnded by the commands, with and without a server.
func TestKeysAreMadeFollowedAndEnded(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, nil)
	ask := func(want int, args ...string) (string, string) {
		t.Helper()
		code, out, wrong := run(t, append([]string{"apps", "key"}, append(args, "--config", config)...)...)
		if code != want {
			t.Fatalf("%v: %d %s%s", args, code, out, wrong)
		}
		return out, wrong
	}
	key, about := ask(cli.ExitOK, "create", "portal", "--scope", "write", "--expires", "90d", "--flow", "office", "--note", "of the test")
	if !regexp.MustCompile(`^gwk_[a-z2-9]{59}\n$`).MatchString(key) || !strings.Contains(about, "may write, until") {
		t.Errorf("%q %q", key, about)
	}
	id := regexp.MustCompile(`key_\w+`).FindString(about)
	next, about := ask(cli.ExitOK, "rotate", id, "--overlap", "0h", "--json")
	validates(t, "apps key rotate", next)
	if about != "" || strings.Contains(next, strings.TrimSpace(key)) {
		t.Errorf("%q %q", next, about)
	}
	var made api.NewAppKey
	if err := json.Unmarshal([]byte(next), &made); err != nil || made.Replaces != id {
		t.Errorf("%v %s", err, next)
	}
	ask(cli.ExitUsage, "revoke", made.ID)
	if out, _ := ask(cli.ExitOK, "revoke", made.ID, "--yes"); !strings.Contains(out, "is revoked") {
		t.Errorf("%q", out)
	}
	list, _ := ask(cli.ExitOK, "list", "portal")
	for _, want := range []string{id + " ", "expired", made.ID, "revoked", "of the test", "write"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q:\n%s", want, list)
		}
	}
	if strings.Contains(list, "gwk_") {
		t.Error("the list shows a key")
	}
	ask(cli.ExitUsage, "create", "nobody")
	// A rehearsal refuses what the command itself refuses.
	ask(cli.ExitUsage, "create", "nobody", "--dry-run")
	ask(cli.ExitUsage, "create", "portal", "--flow", "nothing", "--dry-run")
	ask(cli.ExitUsage, "rotate", "key_nope", "--dry-run")
	ask(cli.ExitUsage, "revoke", "key_nope", "--dry-run")
	ask(cli.ExitConflict, "rotate", id, "--dry-run")
	if _, about := ask(cli.ExitOK, "create", "portal", "--dry-run"); strings.Contains(about, "gwk_") {
		t.Errorf("a rehearsal made %q", about)
	}
	ask(cli.ExitUsage, "create", "portal", "--expires", "soon")
	if code, out, _ := run(t, "openapi"); code != cli.ExitOK || !json.Valid([]byte(out)) || out != string(api.Describe(true)) {
		t.Errorf("openapi: %d", code)
	}
}
