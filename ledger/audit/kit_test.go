package audit_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// ledgerOf is a signed ledger: a closed database, its checkpoint and the key.
type ledgerOf struct {
	database, checkpoint, key string
	files                     files // exported as tiles
}

func made(t *testing.T, n int) ledgerOf {
	t.Helper()
	folder := t.TempDir()
	return grown(t, folder, n)
}

// grown adds entries to the ledger in a folder, and signs it.
func grown(t *testing.T, folder string, n int) ledgerOf {
	t.Helper()
	out := ledgerOf{database: filepath.Join(folder, "graphwarden.db")}
	s, err := store.Open(t.Context(), store.Options{Path: out.database})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l := ledger.New(s)
	err = s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		for i := range n {
			if _, err := l.Append(ctx, tx, entry(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.OpenKeyFile(filepath.Join(folder, "graphwarden.key"), 0)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "graphwarden.checkpoint")
	signer := &ledger.Signer{Rows: s, Keys: s, Sealer: sealer, Outside: ledger.File(file), Origin: ledger.Origin(s.Origin()), Random: rand.Reader}
	c, err := signer.Sign(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(file + ".vkey")
	if err != nil {
		t.Fatal(err)
	}
	out.checkpoint, out.key = c.Note, string(key)
	tiles := filepath.Join(t.TempDir(), "export")
	if err := ledger.Export(t.Context(), s, c, out.key, tiles); err != nil {
		t.Fatal(err)
	}
	out.files = loaded(t, tiles)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// entry is one whose fields are all in use.
func entry(n int) graphwarden.Entry {
	return graphwarden.Entry{Kind: graphwarden.Decided, Call: fmt.Sprintf("call-%d", n), App: "crm", Flow: "office", Tenant: "contoso", Method: "GET",
		Path: "/users/{id}/calendarView/delta", Mailbox: "id-ada", Allowed: n%2 == 0, Rule: "flow:office", Status: 200, Bytes: int64(n) * 1000, Note: "nötig"}
}

// read gives the checkpoint that was kept elsewhere.
func (l ledgerOf) read(t *testing.T) audit.Checkpoint {
	t.Helper()
	c, err := audit.ReadCheckpoint(l.checkpoint, l.key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// files are a folder in memory.
type files map[string][]byte

func (f files) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid} // only ReadFile is used
}

func (f files) ReadFile(name string) ([]byte, error) {
	raw, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return raw, nil
}

func loaded(t *testing.T, folder string) files {
	t.Helper()
	out := files{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err == nil {
			out[filepath.ToSlash(name)], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// copied copies a database that nobody has open.
func copied(t *testing.T, from string) string {
	t.Helper()
	raw, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(to, bytes.Clone(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// loose opens a copy of a database whose triggers do not hold the ledger any more.
func loose(t *testing.T, from string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+copied(t, from))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	for _, name := range []string{"entries_stay", "entries_hold", "entries_follow"} {
		if _, err := db.ExecContext(t.Context(), `DROP TRIGGER `+name); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// tampered runs statements in a transaction, has the verifier judge what that left, and
// takes them back.
func tampered(t *testing.T, db *sql.DB, against *audit.Checkpoint, statements ...string) audit.Report {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, q := range statements {
		if _, err := tx.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	r, err := audit.Within(t.Context(), tx, against)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
