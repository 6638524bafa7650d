package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestNoStrangerSpeaksToTheTerminal: what somebody calls an app or a file is shown
// without what a terminal would obey.
func TestNoStrangerSpeaksToTheTerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plan\x1b[31m.txt")
	if err := os.WriteFile(path, []byte("Application permission: Mail.Read\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := run(t, "assess", path); code != cli.ExitOK || strings.Contains(out, "\x1b") || !strings.Contains(out, "\uFFFD[31m") {
		t.Errorf("exit code %d\n%q", code, out)
	}
	tn := open(t)
	config := tn.configure(t, func(*settings) {})
	tn.steer(t, "/sim/foreign", `{"name":"x\u202etxt","publisher":"Evil \u001b[31mCo","application":["Mail.Read"]}`)
	command := start(t, "tenants", "apps", "contoso", "--config", config, "--administrator", "--administrator-client", tn.app(t, "public").ClientID)
	tn.signsIn(t, command, 1)
	command.ends(t, cli.ExitOK)
	if out := command.out.String(); !strings.Contains(out, "Evil \uFFFD[31mCo") || strings.ContainsAny(out, "\x1b\u202e") {
		t.Errorf("%q", out)
	}
}
