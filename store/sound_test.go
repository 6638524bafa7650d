package store_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/store"
)

// meddle changes a database with nothing of ours in between.
func (h house) meddle(t *testing.T, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if h.url != "" {
			pg.Exec(t, h.url, statement)
			continue
		}
		mustExec(t, raw(t, h.path), statement)
	}
}

func TestWhatCannotBeIsFound(t *testing.T) {
	dropFollow := `DROP TRIGGER entries_follow ON entries`
	dropHold := `DROP TRIGGER entries_stay ON entries`
	if !onServer() {
		dropFollow, dropHold = `DROP TRIGGER entries_follow`, `DROP TRIGGER entries_hold`
	}
	situations := map[string]struct {
		meddle []string
		want   string
	}{
		"nothing was done":              {nil, ""},
		"a change's body is gone":       {[]string{`UPDATE changes SET body = NULL WHERE seq = 5`}, "1 items without the change"},
		"an item points to nothing":     {[]string{`UPDATE items SET seq = 4000 WHERE seq = 5`}, "1 items without the change"},
		"the last number went back":     {[]string{`UPDATE counters SET value = 3 WHERE name = 'changes'`}, "2 changes beyond the last number"},
		"a sink is ahead":               {[]string{`UPDATE sinks SET cursor = 6`}, "1 sinks that are ahead"},
		"a feed was read too far":       {[]string{`UPDATE feeds SET clean = mark + 1`}, "1 feeds read beyond"},
		"a dropped feed has a cursor":   {[]string{`UPDATE feeds SET dropped_at = 1`}, "1 cursors of feeds"},
		"a delivery waits for ever":     {[]string{`UPDATE deliveries SET due_at = NULL`}, "1 deliveries that wait behind nothing"},
		"an entry of the ledger is new": {[]string{dropFollow, `INSERT INTO entries SELECT 9, at, kind, call, app, flow, tenant, method, path, mailbox, allowed, rule, status, bytes, note, leaf FROM entries WHERE seq = 1`}, "5 gaps in the ledger"},
		"an entry was changed":          {[]string{dropHold, `UPDATE entries SET allowed = 1 WHERE seq = 1`}, "entry 1 of the ledger"},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			h := lived(t)
			h.meddle(t, s.meddle...)
			i, err := h.beside(t).Inspect(t.Context(), leafOf)
			if err != nil {
				t.Fatal(err)
			}
			found := strings.Join(i.Wrong, "; ")
			if (s.want == "") != (found == "") || !strings.Contains(found, s.want) {
				t.Errorf("found %q, want %q", found, s.want)
			}
			if i.Tables < 15 || i.Rows < 15 {
				t.Errorf("only %d rows in %d tables were looked at", i.Rows, i.Tables)
			}
		})
	}
}

func TestBytesThatRotAreFoundOnDemand(t *testing.T) {
	fileOnly(t)
	h := lived(t)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	db := raw(t, h.path)
	var page int
	if err := db.QueryRowContext(t.Context(), `SELECT rootpage FROM sqlite_schema WHERE name = 'changes'`).Scan(&page); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	overwrite(t, h.path, func(content []byte) { content[(page-1)*16384+3] ^= 0x41 }) // one byte of the number of cells
	s, err := store.OpenBeside(t.Context(), store.Options{Path: h.path}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if i, err := s.Inspect(t.Context(), leafOf); err == nil && len(i.Wrong) == 0 {
		t.Error("nothing was found")
	}
}

func TestADatabaseThatIsReadBesideIsNotChanged(t *testing.T) {
	h := lived(t)
	s := h.beside(t)
	if err := s.Update(t.Context(), pin(s, "late")); err != store.ErrClosed {
		t.Errorf("Update = %v", err)
	}
	if changes, err := s.ChangesAfter(t.Context(), "office-calendars", 0, 10); err != nil || len(changes) != 5 {
		t.Errorf("it reads %v, %v", told(changes), err)
	}
	h.meddle(t, `DELETE FROM schema_migrations WHERE version > 5`)
	if _, err := store.OpenBeside(t.Context(), store.Options{Path: h.path, URL: h.url}, false); err == nil || !strings.Contains(err.Error(), "older") {
		t.Errorf("an older one: %v", err)
	}
}

func TestTheDatabaseItselfGuardsTheLedger(t *testing.T) {
	h := lived(t)
	db := server(t, h)
	statements := []string{`DELETE FROM entries WHERE seq = 3`, `UPDATE entries SET allowed = 1`,
		`INSERT INTO entries SELECT 9, at, kind, call, app, flow, tenant, method, path, mailbox, allowed, rule, status, bytes, note, leaf FROM entries WHERE seq = 1`}
	if onServer() {
		statements = append(statements, `TRUNCATE entries`)
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "ledger") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// server opens the house's database with nothing of ours in between.
func server(t *testing.T, h house) *sql.DB {
	t.Helper()
	if h.url == "" {
		return raw(t, h.path)
	}
	db, err := sql.Open("pgx", h.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
