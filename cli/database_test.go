package cli_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestADatabaseIsBackedUpCheckedAndRestored runs the three commands, the first two
// while a server works on the database.
func TestADatabaseIsBackedUpCheckedAndRestored(t *testing.T) {
	t.Parallel()
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
	if code, said, wrong := run(t, "check", "--database", backup); code != cli.ExitOK || !strings.Contains(said, "nothing is wrong") {
		t.Errorf("the backup itself: %d %s %s", code, said, wrong)
	}
	rotten := filepath.Join(folder, "rotten.db")
	content, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	spoiled := bytes.ReplaceAll(content, []byte("singleInstance"), []byte("singleInstancf"))
	if err := os.WriteFile(rotten, spoiled, 0o600); err != nil || bytes.Equal(content, spoiled) {
		t.Fatalf("nothing was spoiled: %v", err)
	}
	if code, said, wrong := run(t, "check", "--database", rotten); code != cli.ExitStorage || !strings.Contains(said, "is not the one that was backed up") || !strings.Contains(wrong, "Take an older backup") {
		t.Errorf("a backup in which a body has changed: %d %s %s", code, said, wrong)
	}
	if err := os.Truncate(backup, 16384*7); err != nil {
		t.Fatal(err)
	}
	if code, _, wrong := run(t, "restore", "--from", backup, "--to", restored+"2"); code != cli.ExitStorage || !strings.Contains(wrong, "storage.damaged") ||
		!strings.Contains(wrong, "The backup "+backup+" is damaged; nothing was restored.") {
		t.Errorf("of a damaged backup: %d %s", code, wrong)
	}
	empty := filepath.Join(folder, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for from, says := range map[string]string{empty: empty + " is no backup; nothing was restored.", backup: "Take an older one; nothing can be restored from this one.", empty + "2": "There is no backup " + empty + "2."} {
		if code, _, wrong := run(t, "restore", "--from", from, "--to", restored+"3"); code == cli.ExitOK || !strings.Contains(wrong, says) {
			t.Errorf("of %s: %d %s", from, code, wrong)
		}
	}
	if code, _, wrong := run(t, "check", "--database", backup); code != cli.ExitStorage || !strings.Contains(wrong, "ake an older") {
		t.Errorf("a backup that was cut off: %d %s", code, wrong)
	}
	db, err := sql.Open("sqlite3", "file:"+restored)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `DROP TRIGGER entries_hold; UPDATE entries SET status = status + 1 WHERE seq = 1`); err != nil {
		t.Fatal(err)
	}
	if code, _, wrong := run(t, "ledger", "verify", "--database", restored); code != cli.ExitStorage || strings.Count(wrong, "Entry 1") != 1 || !strings.Contains(wrong, "(ledger.changed") || strings.Contains(wrong, "older backup") {
		t.Errorf("an entry was changed: %d %s", code, wrong)
	}
	for _, args := range [][]string{{"backup", "--config", config}, {"restore"}} {
		if code, _, _ := run(t, args...); code != cli.ExitUsage {
			t.Errorf("%v: %d", args, code)
		}
	}
}
