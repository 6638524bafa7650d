package store_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/store"
)

// forgetful is a source of randomness by which a disk keeps nothing that was not synced.
type forgetful struct{}

func (forgetful) Uint64() uint64 { return 0 }

// openForgetful opens a store on a disk that keeps only what was synced.
func openForgetful(t *testing.T) (house, *faulty.Power) {
	t.Helper()
	fileOnly(t) // a server's disk is its own
	disk := faulty.NewPower(t, rand.New(forgetful{}))
	return open(t, func(o *store.Options) { o.FileSystem = disk.Name() }), disk
}

// back cuts the power, and opens the store again when it is back.
func back(t *testing.T, h *house, disk *faulty.Power) {
	t.Helper()
	disk.CutAfter(0)
	_ = h.Close() // it cannot write any more
	if err := disk.Back(); err != nil {
		t.Fatal(err)
	}
	h.Store = reopen(t, *h, func(o *store.Options) { o.FileSystem = disk.Name() })
}

func nothing(context.Context, graphwarden.Tx) error { return nil }

// TestWhatNeedNotBeSyncedIsLostWithThePowerOnly commits without a sync of the disk,
// which everybody sees, and cuts the power before the next one.
func TestWhatNeedNotBeSyncedIsLostWithThePowerOnly(t *testing.T) {
	h, disk := openForgetful(t)
	synctest.Test(t, func(t *testing.T) { // in which no time passes
		h.update(t, pin(h.Store, "synced"))
		before := disk.Syncs()
		if err := h.UpdateUnsynced(t.Context(), pin(h.Store, "unsynced")); err != nil {
			t.Fatal(err)
		}
		if n := disk.Syncs() - before; n != 0 {
			t.Errorf("%d syncs", n)
		}
		if !pinned(t, h.Store, "unsynced") {
			t.Error("nobody sees what was committed")
		}
		disk.CutAfter(0)
	})
	back(t, &h, disk)
	if !pinned(t, h.Store, "synced") {
		t.Error("what was confirmed as synced is lost")
	}
	if pinned(t, h.Store, "unsynced") {
		t.Error("the disk forgot nothing: this shows nothing")
	}
}

// TestAnUpdateTakesToTheDiskWhatWasNotSynced before it, whether or not it writes itself.
func TestAnUpdateTakesToTheDiskWhatWasNotSynced(t *testing.T) {
	t.Parallel()
	for situation, do := range map[string]func(h house) func(context.Context, graphwarden.Tx) error{
		"it writes a row": func(h house) func(context.Context, graphwarden.Tx) error { return pin(h.Store, "another") },
		"it writes an entry": func(h house) func(context.Context, graphwarden.Tx) error {
			return func(ctx context.Context, tx graphwarden.Tx) error {
				_, err := h.AppendEntry(ctx, tx, graphwarden.Entry{Kind: graphwarden.Decided}, leafOf)
				return err
			}
		},
		"it writes nothing": func(house) func(context.Context, graphwarden.Tx) error { return nothing },
		"it writes what is there": func(h house) func(context.Context, graphwarden.Tx) error {
			return pin(h.Store, "unsynced")
		},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			h, disk := openForgetful(t)
			if err := h.UpdateUnsynced(t.Context(), pin(h.Store, "unsynced")); err != nil {
				t.Fatal(err)
			}
			h.update(t, do(h))
			back(t, &h, disk)
			if !pinned(t, h.Store, "unsynced") {
				t.Error("an update was confirmed, and what came before it is lost")
			}
		})
	}
}

// TestWhatWasNotSyncedIsSyncedSoon where no update follows.
func TestWhatWasNotSyncedIsSyncedSoon(t *testing.T) {
	h, disk := openForgetful(t)
	synctest.Test(t, func(t *testing.T) {
		before := disk.Syncs()
		for _, user := range []string{"one", "two", "three"} {
			if err := h.UpdateUnsynced(t.Context(), pin(h.Store, user)); err != nil {
				t.Fatal(err)
			}
		}
		if n := disk.Syncs() - before; n != 0 {
			t.Errorf("%d syncs were waited for", n)
		}
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		if n := disk.Syncs() - before; n != 1 {
			t.Errorf("%d syncs later, want one for all", n)
		}
		time.Sleep(time.Minute)
		if n := disk.Syncs() - before; n != 1 {
			t.Errorf("%d syncs while nothing happened", n)
		}
	})
	back(t, &h, disk)
	if !pinned(t, h.Store, "three") {
		t.Error("it is lost")
	}
}

// TestWhatWasNotSyncedIsSyncedAtTheEnd, also where SQLite does not clear up because
// somebody else has the file open.
func TestWhatWasNotSyncedIsSyncedAtTheEnd(t *testing.T) {
	t.Parallel()
	h, disk := openForgetful(t)
	beside, err := store.OpenBeside(t.Context(), store.Options{Path: h.path, FileSystem: disk.Name()}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.UpdateUnsynced(t.Context(), pin(h.Store, "last")); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	disk.CutAfter(0)
	_ = beside.Close()
	back(t, &h, disk)
	if !pinned(t, h.Store, "last") {
		t.Error("it is lost")
	}
}

// TestWhatMustBeSyncedIsNotInAGroupThatIsNot holds up a group that is not synced until
// updates of each kind wait: one like it goes along, the others come after it.
func TestWhatMustBeSyncedIsNotInAGroupThatIsNot(t *testing.T) {
	h := open(t)
	var order []string
	synctest.Test(t, func(t *testing.T) {
		held := make(chan struct{})
		var all sync.WaitGroup
		put := func(how func(context.Context, func(context.Context, graphwarden.Tx) error) error, name string, until <-chan struct{}) {
			all.Go(func() {
				err := how(t.Context(), func(_ context.Context, tx graphwarden.Tx) error {
					if until != nil {
						<-until
					}
					tx.AfterCommit(func() { order = append(order, name) })
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		put(h.UpdateUnsynced, "leads", held)
		put(h.Update, "synced", nil)
		put(h.UpdateUnsynced, "goes along", nil)
		put(h.UpdateBulk, "bulk", nil)
		close(held)
		all.Wait()
	})
	if want := []string{"leads", "goes along", "bulk", "synced"}; !slices.Equal(order, want) {
		t.Errorf("committed %v, want %v", order, want)
	}
}

// TestAServerIsToldWhatNeedNotBeSynced within the transaction, and for no other one.
func TestAServerIsToldWhatNeedNotBeSynced(t *testing.T) {
	if !onServer() {
		t.Skip("it asks a server")
	}
	h := open(t)
	var waits []string
	ask := func(ctx context.Context, tx graphwarden.Tx) error {
		value, err := store.Setting(ctx, tx, "synchronous_commit")
		waits = append(waits, value)
		return err
	}
	for _, update := range []func(context.Context, func(context.Context, graphwarden.Tx) error) error{h.Update, h.UpdateUnsynced, h.Update, h.UpdateUnsynced, h.UpdateBulk} {
		if err := update(t.Context(), ask); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"on", "off", "on", "off", "on"}; !slices.Equal(waits, want) {
		t.Errorf("synchronous_commit was %v, want %v", waits, want)
	}
}
