package store_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/store"
)

// TestADiskThatFailsLosesNothingThatWasConfirmed breaks the disk under a working
// store, in each way and at each of many places, mends it, and works on.
func TestADiskThatFailsLosesNothingThatWasConfirmed(t *testing.T) {
	t.Parallel()
	fileOnly(t)
	full := func(string) error { return &fs.PathError{Op: "write", Err: syscall.ENOSPC} }
	situations := map[string]struct {
		fail func(d *faulty.Disk, round int)
		room func(string) error // nil: the disk has room
		want string
	}{
		"the disk is full":                 {func(d *faulty.Disk, round int) { d.Fill(int64(round) * 7000) }, nil, "storage.full"},
		"writing fails":                    {func(d *faulty.Disk, _ int) { d.BreakWrite() }, nil, "storage.disk"},
		"syncing fails":                    {func(d *faulty.Disk, _ int) { d.BreakSync() }, nil, "storage.disk"},
		"the last page fits":               {func(d *faulty.Disk, round int) { d.Fill(int64(round)*16408 + 24) }, nil, "storage.full"},
		"a write is cut short, no room":    {func(d *faulty.Disk, round int) { d.CutShort(int64(round) * 7000) }, full, "storage.full"},
		"a write is cut short, room left":  {func(d *faulty.Disk, round int) { d.CutShort(int64(round) * 7000) }, nil, "storage.disk"},
		"a write is cut short in a header": {func(d *faulty.Disk, round int) { d.CutShort(int64(round)*16408 + 12) }, full, "storage.full"},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			disk := faulty.NewDisk(t)
			h := open(t, func(o *store.Options) { o.FileSystem, o.Room = disk.Name(), s.room })
			var confirmed []string
			refused := 0
			for round := range 24 {
				user := fmt.Sprintf("user%d@contoso.example", round)
				s.fail(disk, round)
				err := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
					if err := pin(h.Store, user)(ctx, tx); err != nil {
						return err
					}
					// More than one page, so that the disk may fail in the middle.
					return h.PutToken(ctx, tx, graphwarden.SealedToken{Tenant: "contoso", Registration: user, Version: 1,
						Sealed: []byte(strings.Repeat("x", 60_000)), ExpiresAt: tx.Now()})
				})
				disk.Mend()
				if err == nil {
					confirmed = append(confirmed, user)
					continue
				}
				refused++
				if code := refusal(t, err, graphwarden.Storage); code != s.want {
					t.Errorf("refused with %s, want %s", code, s.want)
				}
				h.update(t, pin(h.Store, user+".again"))
				confirmed = append(confirmed, user+".again")
			}
			if refused == 0 {
				t.Fatal("the disk never failed")
			}
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			again := reopen(t, h)
			for _, user := range confirmed {
				if !pinned(t, again, user) {
					t.Errorf("%s was confirmed and is gone", user)
				}
			}
		})
	}
}

func TestAStoreDoesNotOpenOnAFullDisk(t *testing.T) {
	fileOnly(t)
	disk := faulty.NewDisk(t)
	h := open(t)
	h.update(t, pin(h.Store, "ada@contoso.example"))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	disk.Fill(0)
	_, err := store.Open(t.Context(), store.Options{Path: h.path, FileSystem: disk.Name()})
	if code := refusal(t, err, graphwarden.Storage); code != "storage.full" {
		t.Errorf("refused with %s", code)
	}
	disk.Mend()
	if again := reopen(t, h); !pinned(t, again, "ada@contoso.example") {
		t.Error("what was confirmed is gone")
	}
}

func TestADiskThatCannotBeReadIsSaidToBe(t *testing.T) {
	fileOnly(t)
	disk := faulty.NewDisk(t)
	h := open(t)
	h.update(t, pin(h.Store, "ada@contoso.example"))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	disk.BreakRead()
	if _, err := store.Open(t.Context(), store.Options{Path: h.path, FileSystem: disk.Name()}); refusal(t, err, graphwarden.Storage) != "storage.disk" {
		t.Errorf("at start: %v", err)
	}
	disk.Mend()
	h.Store = reopen(t, h, func(o *store.Options) { o.FileSystem = disk.Name() })
	disk.BreakRead()
	if _, _, err := h.Mailbox(t.Context(), "contoso", "ada@contoso.example"); refusal(t, err, graphwarden.Storage) != "storage.disk" {
		t.Errorf("at work: %v", err)
	}
	disk.Mend()
	if !pinned(t, h.Store, "ada@contoso.example") {
		t.Error("mended, it is gone")
	}
}

// TestAFullDiskInAGroupFailsAllOfIt shows that nobody is told that something is
// stored when another's write broke the transaction they shared.
func TestAFullDiskInAGroupFailsAllOfIt(t *testing.T) {
	fileOnly(t)
	disk := faulty.NewDisk(t)
	h := open(t, func(o *store.Options) { o.FileSystem = disk.Name() })
	outcome := make([]error, 5)
	first := inGroup(t, h, len(outcome), func(i int) {
		outcome[i] = h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			if i == 4 {
				disk.Fill(0)
			}
			return pin(h.Store, fmt.Sprint("user", i))(ctx, tx)
		})
	})
	disk.Mend()
	if code := refusal(t, first, graphwarden.Storage); code != "storage.full" {
		t.Errorf("the first was refused with %s", code)
	}
	for i, err := range outcome {
		if there := pinned(t, h.Store, fmt.Sprint("user", i)); there != (err == nil) {
			t.Errorf("update %d returned %v and is there: %v", i, err, there)
		}
	}
	h.update(t, pin(h.Store, "later"))
}

// TestAnErrorOfTheDiskCannotBeIgnored has a closure carry on after SQLite may
// have rolled its transaction back: what it does then would be committed alone.
func TestAnErrorOfTheDiskCannotBeIgnored(t *testing.T) {
	fileOnly(t)
	disk := faulty.NewDisk(t)
	h := open(t, func(o *store.Options) { o.FileSystem = disk.Name() })
	err := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		disk.Fill(1 << 20)
		tooMuch := make([]byte, 40<<20) // more than is kept in memory before it is written
		ignored := h.PutToken(ctx, tx, graphwarden.SealedToken{Tenant: "contoso", Registration: "calendar", Version: 1, Sealed: tooMuch, ExpiresAt: tx.Now()})
		disk.Mend()
		if ignored == nil {
			t.Error("the disk did not fill up")
		}
		_ = pin(h.Store, "ada@contoso.example")(ctx, tx)
		return nil
	})
	if code := refusal(t, err, graphwarden.Storage); code != "storage.full" {
		t.Errorf("refused with %s", code)
	}
	if pinned(t, h.Store, "ada@contoso.example") {
		t.Error("what was done after the error stayed")
	}
}
