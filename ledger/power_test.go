package ledger_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

// forgetful is a source of randomness by which a disk keeps nothing that was not synced.
type forgetful struct{}

func (forgetful) Uint64() uint64 { return 0 }

// TestACheckpointCoversOnlyWhatIsOnTheDisk signs a ledger whose last entries were not
// synced, and one that gains such after it was signed, and cuts the power: what was signed
// is there, and what is not there was never signed, so that the loss is no tampering.
func TestACheckpointCoversOnlyWhatIsOnTheDisk(t *testing.T) {
	for _, test := range []struct {
		situation             string
		synced, signed, after int // how many entries
		left                  int64
	}{
		{"the last entries were not synced before it is signed", 3, 2, 0, 5},
		{"more come after it was signed, and are not synced", 3, 0, 2, 3},
		{"both", 300, 2, 700, 302},
	} {
		t.Run(test.situation, func(t *testing.T) {
			x := &notary{T: t, folder: t.TempDir()}
			disk := faulty.NewPower(t, rand.New(forgetful{}))
			x.onDisk(disk)
			synctest.Test(t, func(t *testing.T) { // in which no time passes
				x := &notary{T: t, folder: x.folder, store: x.store, signer: x.signer}
				x.append(test.synced)
				x.appendUnsynced(test.signed)
				x.sign()
				x.appendUnsynced(test.after)
				disk.CutAfter(0)
			})
			_ = x.store.Close() // it cannot write any more
			if err := disk.Back(); err != nil {
				t.Fatal(err)
			}
			x.onDisk(disk)
			if last, err := x.store.LastEntry(t.Context()); err != nil || last != test.left {
				t.Errorf("%d entries are left, %v, want %d", last, err, test.left)
			}
			if r := x.verify(); !r.Sound() || r.Signed != test.left {
				t.Errorf("%+v", r)
			}
			x.append(4) // under the numbers of those that are gone
			if c := x.sign(); c.Size != test.left+4 {
				t.Errorf("signed %d entries", c.Size)
			}
			if r := x.verify(); !r.Sound() {
				t.Errorf("%+v", r)
			}
		})
	}
}

// onDisk opens the database on a disk.
func (x *notary) onDisk(disk *faulty.Power) {
	x.Helper()
	s, err := store.Open(x.Context(), store.Options{Path: filepath.Join(x.folder, "graphwarden.db"), FileSystem: disk.Name()})
	if err != nil {
		x.Fatal(err)
	}
	x.Cleanup(func() { _ = s.Close() })
	x.store = s
	x.sealed("graphwarden.key")
}

// appendUnsynced appends n entries that nobody waits for the disk for.
func (x *notary) appendUnsynced(n int) {
	x.Helper()
	l := ledger.New(x.store)
	for i := range n {
		err := x.store.UpdateUnsynced(x.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := l.Append(ctx, tx, entry(i))
			return err
		})
		if err != nil {
			x.Fatal(err)
		}
	}
}
