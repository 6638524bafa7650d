package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestADatabaseIsBackedUpCheckedAndRestored runs the three commands, the first two
// while a server works on the database.
func TestADatabaseIsBackedUpCheckedAndRestored(t *testing.T) {
	tn := open(t)
	config := tn.server(t, nil)
	folder := t.TempDir()
	backup := filepath.Join(folder, "backup.db")
	code, said, wrong := run(t, "backup", "--config", config, "--to", backup)
	if code != cli.ExitOK || !strings.Contains(said, "read back and the same") {
		t.Fatalf("backup: %d %s %s", code, said, wrong)
	}
	if code, _, wrong := run(t, "backup", "--config", config, "--to", backup); code != cli.ExitConflict || !strings.Contains(wrong, "storage.exists") {
		t.Errorf("over a file: %d %s", code, wrong)
	}
	if code, said, wrong := run(t, "check", "--config", config); code != cli.ExitOK || !strings.Contains(said, "nothing is wrong") || !strings.Contains(said, backup) {
		t.Errorf("check: %d %s %s", code, said, wrong)
	}
	restored := filepath.Join(folder, "restored.db")
	if code, said, wrong := run(t, "restore", "--from", backup, "--to", restored); code != cli.ExitOK || !strings.Contains(said, "read back and the same") {
		t.Errorf("restore: %d %s %s", code, said, wrong)
	}
	if code, _, wrong := run(t, "restore", "--from", backup, "--config", config); code != cli.ExitConflict {
		t.Errorf("over the database of a server that runs: %d %s", code, wrong)
	}
	if code, said, wrong := run(t, "ledger", "verify", "--database", restored); code != cli.ExitOK {
		t.Errorf("its ledger: %d %s %s", code, said, wrong)
	}
	if err := os.Truncate(backup, 16384*7); err != nil {
		t.Fatal(err)
	}
	if code, _, wrong := run(t, "restore", "--from", backup, "--to", restored+"2"); code != cli.ExitStorage || !strings.Contains(wrong, "storage.damaged") {
		t.Errorf("of a damaged backup: %d %s", code, wrong)
	}
	for _, args := range [][]string{{"backup", "--config", config}, {"restore"}} {
		if code, _, _ := run(t, args...); code != cli.ExitUsage {
			t.Errorf("%v: %d", args, code)
		}
	}
}
