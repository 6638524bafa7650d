package ledger_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// notary is a ledger with a signer and a checkpoint file.
type notary struct {
	*testing.T
	folder string
	store  *store.Store
	signer *ledger.Signer
}

// founded makes one with n entries, nothing signed yet.
func founded(t *testing.T, n int, step func(string, func() error) error) *notary {
	t.Helper()
	x := &notary{T: t, folder: t.TempDir()}
	x.open("graphwarden.db", step)
	x.append(n)
	return x
}

// open opens a database of the folder, with the folder's key and checkpoint file.
func (x *notary) open(name string, step func(string, func() error) error) {
	x.Helper()
	s, err := store.Open(x.Context(), store.Options{Path: filepath.Join(x.folder, name), Step: step})
	if err != nil {
		x.Fatal(err)
	}
	x.Cleanup(func() { _ = s.Close() })
	x.store = s
	x.sealed("graphwarden.key")
}

// sealed has the signing key sealed with a key file of the folder.
func (x *notary) sealed(name string) {
	x.Helper()
	sealer, err := seal.OpenKeyFile(filepath.Join(x.folder, name), 0)
	if err != nil {
		x.Fatal(err)
	}
	x.signer = &ledger.Signer{Rows: x.store, Keys: x.store, Sealer: sealer, Outside: ledger.File(x.file()),
		Origin: ledger.Origin(x.store.Origin()), Random: rand.Reader}
}

func (x *notary) file() string { return filepath.Join(x.folder, "graphwarden.checkpoint") }

func (x *notary) append(n int) {
	x.Helper()
	l := ledger.New(x.store)
	err := x.store.Update(x.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		for i := range n {
			e := entry(i)
			e.Note = strings.ReplaceAll(e.Note, "\x00", "") // which PostgreSQL does not take
			if _, err := l.Append(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		x.Fatal(err)
	}
}

func (x *notary) sign() graphwarden.Checkpoint {
	x.Helper()
	c, err := x.signer.Sign(x.Context())
	if err != nil {
		x.Fatal(err)
	}
	return c
}

func (x *notary) read(name string) string {
	x.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		x.Fatal(err)
	}
	return string(raw)
}

// held is the checkpoint in the file, read by the verifier.
func (x *notary) held() *audit.Checkpoint {
	x.Helper()
	c, err := audit.ReadCheckpoint(x.read(x.file()), x.read(x.file()+".vkey"))
	if err != nil {
		x.Fatal(err)
	}
	return &c
}

// verify judges the ledger by the checkpoint in the file.
func (x *notary) verify() audit.Report {
	x.Helper()
	r, err := audit.Database(x.Context(), x.store, x.held())
	if err != nil {
		x.Fatal(err)
	}
	return r
}

// rawDB opens a database behind the store's back.
func rawDB(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func hexOf(raw []byte) string { return hex.EncodeToString(raw) }
