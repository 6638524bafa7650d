package ledger_test

import (
	"crypto/rand"
	"path/filepath"
	"testing"

	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// TestProcessesThatShareAServerSignOneLedger has two append and sign in turn, as the
// duty passes from one to the other, with the same key file and a checkpoint file each.
func TestProcessesThatShareAServerSignOneLedger(t *testing.T) {
	url, folder := pg.New(t), t.TempDir()
	var all []*notary
	for range 2 {
		s, err := store.Open(t.Context(), store.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		sealer, err := seal.OpenKeyFile(filepath.Join(folder, "graphwarden.key"), 0)
		if err != nil {
			t.Fatal(err)
		}
		x := &notary{T: t, folder: t.TempDir(), store: s}
		x.signer = &ledger.Signer{Rows: s, Keys: s, Sealer: sealer, Outside: ledger.File(x.file()), Origin: ledger.Origin(s.Origin()), Random: rand.Reader}
		all = append(all, x)
	}
	size := int64(0)
	for i, n := range []int{3, 260, 1, 300, 12} {
		all[i%2].append(n)
		size += int64(n)
		signer := all[i/2%2]
		if c := signer.sign(); c.Size != size {
			t.Errorf("signed %d entries, want %d", c.Size, size)
		}
		if r := signer.verify(); !r.Sound() || r.Signed != size {
			t.Errorf("at %d: %+v", size, r)
		}
	}
	one, other := all[0].read(all[0].file()+".vkey"), all[1].read(all[1].file()+".vkey")
	if one != other {
		t.Errorf("they sign with the keys %s and %s", one, other)
	}
	signed := all[1].held()
	if r, err := audit.Database(t.Context(), all[0].store, signed); err != nil || !r.Sound() {
		t.Errorf("%+v, %v", r, err)
	}
}
