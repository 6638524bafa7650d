//go:build unix

package cli_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestTheDocumentedCommandsVerifyTheLedger runs every block of docs/ledger.md, in its
// order, by a shell, and then verifies what was tampered with.
func TestTheDocumentedCommandsVerifyTheLedger(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	_, stop := tn.serve(t, config)
	stop() // it signs what came last
	r := tn.follows(t)
	r.folder = filepath.Dir(config)
	said := ""
	for _, block := range snippets(documents(t)["ledger.md"], "sh") {
		said += r.runs(block)
	}
	if strings.Count(said, "all as they were written; a checkpoint covers ") != 3 {
		t.Errorf("the blocks say:\n%s", said)
	}
	proof, err := os.ReadFile(filepath.Join(r.folder, "entry.tlog-proof"))
	if err != nil || !strings.HasPrefix(string(proof), "c2sp.org/tlog-proof@v1\nextra ") {
		t.Errorf("the proof is %q, %v", proof, err)
	}
	database := filepath.Join(r.folder, "graphwarden.db")
	if code, out, wrong := run(t, "ledger", "prove", "999999", "--database", database); code != cli.ExitUsage || !strings.Contains(wrong, "ledger.not_covered") {
		t.Errorf("an entry that there is not: %d %s %s", code, out, wrong)
	}
	db, err := sql.Open("sqlite3", "file:"+database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{`DROP TRIGGER entries_stay`, `DELETE FROM entries WHERE seq >= (SELECT size FROM checkpoints)`} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"ledger", "verify", "--config", config},
		{"ledger", "verify", "--database", database, "--checkpoint", filepath.Join(r.folder, "graphwarden.checkpoint")},
	} {
		if code, out, wrong := run(t, args...); code != cli.ExitStorage || !strings.Contains(wrong, "(ledger.changed") || !strings.Contains(wrong, "is missing") {
			t.Errorf("%v without the last entry: %d %s %s", args, code, out, wrong)
		}
	}
	if code, out, _ := run(t, "ledger", "verify", "--database", database); code != cli.ExitOK || !strings.Contains(out, "nobody can tell") {
		t.Errorf("without a checkpoint: %d %s", code, out)
	}
	other := filepath.Join(t.TempDir(), "other.vkey")
	raw, err := os.ReadFile(filepath.Join(r.folder, "graphwarden.checkpoint.vkey"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, []byte(strings.Replace(string(raw), "ledger/", "ledger/x", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"ledger.other_key":     {"ledger", "verify", "--database", database, "--checkpoint", filepath.Join(r.folder, "graphwarden.checkpoint"), "--key", other},
		"ledger.no_checkpoint": {"ledger", "verify", "--database", database, "--checkpoint", filepath.Join(r.folder, "nowhere")},
		"ledger.export_there":  {"ledger", "export", "--config", config, "--to", filepath.Join(r.folder, "ledger-tiles")},
	} {
		if code, out, wrong := run(t, args...); code == cli.ExitOK || !strings.Contains(wrong, "("+want) {
			t.Errorf("%v: %d %s %s, want %s", args, code, out, wrong, want)
		}
	}
}
