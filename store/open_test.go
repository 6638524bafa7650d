package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// made leaves a closed database with one pinned mailbox in dir.
func made(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "graphwarden.db")
	s, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), pin(s, "ada@contoso.example")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// pin pins a mailbox whose id is "id of" its name.
func pin(s *store.Store, upn string) func(context.Context, graphwarden.Tx) error {
	return func(ctx context.Context, tx graphwarden.Tx) error {
		return s.PinMailbox(ctx, tx, "contoso", graphwarden.Mailbox{ID: "id of " + upn, UPN: upn})
	}
}

// pinned says whether a mailbox was pinned.
func pinned(t *testing.T, s *store.Store, upn string) bool {
	t.Helper()
	_, ok, err := s.Mailbox(t.Context(), "contoso", upn)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// raw opens a file with nothing of ours in between.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func mustExec(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// overwrite changes a file in place.
func overwrite(t *testing.T, path string, change func(content []byte)) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	change(content)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestADatabaseThatCannotBeTrustedIsRefused(t *testing.T) {
	fileOnly(t)
	situations := map[string]struct {
		prepare func(t *testing.T, dir string) (path string)
		want    string
	}{
		"the folder is missing": {func(_ *testing.T, dir string) string {
			return filepath.Join(dir, "missing", "graphwarden.db")
		}, "storage.folder"},
		"the folder is a file": {func(t *testing.T, dir string) string {
			return filepath.Join(made(t, dir), "graphwarden.db")
		}, "storage.folder"},
		"the path is a folder": {func(_ *testing.T, dir string) string { return dir }, "storage.not_a_database"},
		"the file is a text": {func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "notes.txt")
			if err := os.WriteFile(path, []byte("buy milk"), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, "storage.not_a_database"},
		"the file is of zeros": {func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "zeros")
			if err := os.WriteFile(path, make([]byte, 40_000), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, "storage.not_a_database"},
		"the file is another program's database": {func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "other.db")
			db := raw(t, path)
			mustExec(t, db, `CREATE TABLE recipes (name TEXT)`)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			return path
		}, "storage.not_a_database"},
		"a page that nothing reads at start is overwritten": {func(t *testing.T, dir string) string {
			path := made(t, dir)
			var page int
			db := raw(t, path)
			if err := db.QueryRowContext(t.Context(), `SELECT rootpage FROM sqlite_schema WHERE name = 'mailboxes'`).Scan(&page); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, func(content []byte) {
				copy(content[(page-1)*16384:], bytes.Repeat([]byte{0xA5}, 16384))
			})
			return path
		}, "storage.damaged"},
		"the file was cut off": {func(t *testing.T, dir string) string {
			path := made(t, dir)
			if err := os.Truncate(path, 3*16384+100); err != nil {
				t.Fatal(err)
			}
			return path
		}, "storage.damaged"},
		"a newer version made it": {func(t *testing.T, dir string) string {
			path := made(t, dir)
			mustExec(t, raw(t, path), `INSERT INTO schema_migrations VALUES (9999, '9999_future', 0)`)
			return path
		}, "storage.newer"},
		"another Graphwarden runs on it": {func(t *testing.T, dir string) string {
			path := made(t, dir)
			s, err := store.Open(t.Context(), store.Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return path
		}, "storage.owned"},
		"another program has locked it": {func(t *testing.T, dir string) string {
			path := made(t, dir)
			db := raw(t, path)
			db.SetMaxOpenConns(1)
			mustExec(t, db, `BEGIN EXCLUSIVE`)
			return path
		}, "storage.busy"},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			path := s.prepare(t, t.TempDir())
			before, _ := os.ReadFile(path) // a folder has no content
			got, err := store.Open(t.Context(), store.Options{Path: path, LockWait: time.Millisecond})
			if err == nil {
				_ = got.Close()
				t.Fatal("it was opened")
			}
			kind := graphwarden.Storage
			if s.want == "storage.owned" {
				kind = graphwarden.Conflict
			}
			if code := refusal(t, err, kind); code != s.want {
				t.Errorf("refused with %s (%v), want %s", code, errors.Unwrap(err), s.want)
			}
			if !strings.Contains(err.Error(), path) {
				t.Errorf("%q does not say which file", err)
			}
			if after, _ := os.ReadFile(path); s.want == "storage.not_a_database" && !bytes.Equal(before, after) {
				t.Error("the foreign file was changed")
			}
		})
	}
}

func TestADatabaseWorksAgainOnceTheReasonIsGone(t *testing.T) {
	fileOnly(t)
	h := open(t)
	h.update(t, pin(h.Store, "ada@contoso.example"))
	if _, err := store.Open(t.Context(), store.Options{Path: h.path}); err == nil {
		t.Fatal("two at once")
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if again := reopen(t, h); !pinned(t, again, "ADA@contoso.example") {
		t.Error("what was confirmed is gone")
	}
}

func TestAClosedStoreRefusesWork(t *testing.T) {
	h := open(t)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.Update(t.Context(), pin(h.Store, "late@contoso.example")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update on a closed store = %v", err)
	}
	if _, err := os.Stat(h.path + "-wal"); err == nil && !onServer() {
		t.Error("the log was not folded into the file")
	}
}
