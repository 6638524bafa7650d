//go:build unix

package cli_test

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/ledger"
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
	if !strings.Contains(said, "entry 1 is in the ledger, as it was signed with ") || !strings.Contains(said, "calendarView/delta") {
		t.Errorf("the blocks prove or find nothing:\n%s", said)
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
		if code, out, wrong := run(t, args...); code != cli.ExitStorage || !strings.Contains(wrong, "(ledger.changed") || !strings.Contains(wrong, "is missing") || !strings.Contains(wrong, `docs/ledger.md, "When it is not"`) {
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
	forged := filepath.Join(r.folder, "forged.tlog-proof")
	if err := os.WriteFile(forged, []byte(strings.Replace(string(proof), "\nindex 0\n", "\nindex 1\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(r.folder, "graphwarden.checkpoint.vkey")
	shown := says(t, cli.ExitOK, `"proven"`, "ledger", "verify", "--proof", filepath.Join(r.folder, "entry.tlog-proof"), "--config", config, "--json")
	validates(t, "ledger verify", shown)
	for want, args := range map[string][]string{
		"ledger.not_proven: another place":   {"ledger", "verify", "--proof", forged, "--key", key},
		"ledger.not_proven: another key":     {"ledger", "verify", "--proof", filepath.Join(r.folder, "entry.tlog-proof"), "--key", other},
		"ledger.no_checkpoint: no key there": {"ledger", "verify", "--proof", forged, "--key", filepath.Join(r.folder, "nowhere")},
	} {
		want, _, _ = strings.Cut(want, ":")
		if code, out, wrong := run(t, args...); code == cli.ExitOK || out != "" || !strings.Contains(wrong, "("+want) {
			t.Errorf("%v: %d %s %s, want %s", args, code, out, wrong, want)
		}
	}
	says(t, cli.ExitUsage, "--key is missing", "ledger", "verify", "--proof", forged)
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

// TestASearchOfTheLedgerShowsCallsWithTheirEnd searches beside a running server.
func TestASearchOfTheLedgerShowsCallsWithTheirEnd(t *testing.T) {
	t.Parallel()
	tn := open(t)
	mine := tn.Users[1]
	config := tn.server(t, func(s *settings) {
		s.more = "  known: {app: crm, kind: calendar, tenant: contoso, registration: calendar, mailboxes: [" + mine.UserPrincipalName + "], sink: {type: none}}\n"
	})
	tn.awaitFeeds(t, config, "known", true)
	search := func(code int, wants string, args ...string) string {
		t.Helper()
		return says(t, code, wants, append([]string{"ledger", "search", "--config", config}, args...)...)
	}
	found := func(args ...string) (records []ledger.Record) {
		t.Helper()
		out := search(cli.ExitOK, "", append(args, "--json")...)
		validates(t, "ledger search", out)
		if err := json.Unmarshal([]byte(out), &records); err != nil {
			t.Fatal(err)
		}
		return records
	}
	read := found("--app", "crm", "--mailbox", mine.UserPrincipalName, "--operation", "GET /users/{id}/calendars/{id}/calendarView/delta", "--outcome", "answered")
	if len(read) == 0 || read[0].Mailbox != mine.ID || read[0].Name != mine.UserPrincipalName || read[0].Closed == nil || read[0].Closed.Status != 200 {
		t.Fatalf("the mailbox was read so: %+v\n%s", read, search(cli.ExitOK, "", "--app", "crm"))
	}
	call := found("--call", read[0].Call, "--until", read[0].At.Add(time.Second).Format(time.RFC3339Nano))
	if len(call) != 1 || call[0].Seq != read[0].Seq || call[0].Outcome != ledger.Answered {
		t.Errorf("the call is %+v", call)
	}
	if none := found("--app", "nobody"); none == nil || len(none) != 0 {
		t.Errorf("of nobody there are %v", none)
	}
	for want, args := range map[string][]string{
		", 200": {"--call", read[0].Call}, mine.UserPrincipalName: {"--call", read[0].Call},
		"Nothing in the ledger is so.": {"--since", "2999-01-01T00:00:00Z"}, "Older ones match, too: --before ": {"--limit", "1"},
	} {
		if code, out, wrong := run(t, append([]string{"ledger", "search", "--config", config}, args...)...); code != cli.ExitOK || !strings.Contains(out+wrong, want) {
			t.Errorf("%v: %d %s %s, want %s", args, code, out, wrong, want)
		}
	}
	search(cli.ExitUsage, "--outcome \"lost\" is none of", "--outcome", "lost")
	search(cli.ExitUsage, "--limit is 0", "--limit", "0")
	search(cli.ExitUsage, "--since", "--since", "yesterday")
}
