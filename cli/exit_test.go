package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/sim"
)

// TestAnAddressThatIsNotAdmittedIsTheConfigurationsFault and no credential's.
func TestAnAddressThatIsNotAdmittedIsTheConfigurationsFault(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, nil)
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	raw = regexp.MustCompile(`(?m)^admit: .*$`).ReplaceAll(raw, []byte("admit: []"))
	if err := os.WriteFile(config, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, "serve", "--check", "--config", config); code != cli.ExitUsage || !strings.Contains(stderr, "outbound.address") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

// TestAJournalThatIsTakenIsAConflict and no mistake of the command line.
func TestAJournalThatIsTakenIsAConflict(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal")
	s, err := sim.New(sim.Options{Users: 1, Journal: journal})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	says(t, cli.ExitConflict, "cli.sim_journal", "sim", "--addr", "127.0.0.1:0", "--users", "1", "--journal", journal)
}
