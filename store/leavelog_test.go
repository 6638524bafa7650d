package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/graphwarden/graphwarden/store"
)

// TestWhoReadsBesideLeavesTheLogOfAReplacedFile: somebody puts another database in the
// place of the one that a store works on. Who reads that one finds a log that is not its
// own; were it copied in and removed, what was confirmed last would be lost.
func TestWhoReadsBesideLeavesTheLogOfAReplacedFile(t *testing.T) {
	fileOnly(t)
	h, other := open(t), open(t)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	h.ensure(t, calendar("confirmed"))
	log := func() []byte {
		t.Helper()
		raw, err := os.ReadFile(h.path + "-wal")
		if err != nil || len(raw) == 0 {
			t.Fatalf("there is no log: %v", err)
		}
		return raw
	}
	before := log()
	away := filepath.Join(t.TempDir(), "away.db")
	foreign, err := os.ReadFile(other.path)
	if err := errors.Join(err, os.Rename(h.path, away), os.WriteFile(h.path, foreign, 0o600)); err != nil {
		t.Fatal(err)
	}
	if beside, err := store.OpenBeside(t.Context(), store.Options{Path: h.path, Now: h.clock.Now}, true); err == nil {
		_ = beside.Ping(t.Context())
		if err := beside.Close(); err != nil {
			t.Error(err)
		}
	}
	if after := log(); !bytes.Equal(before, after) {
		t.Errorf("the log had %d bytes, and has %d", len(before), len(after))
	}
	if now, err := os.ReadFile(h.path); err != nil || !bytes.Equal(now, foreign) {
		t.Errorf("the other file was changed, %v", err)
	}
	if err := os.Rename(away, h.path); err != nil {
		t.Fatal(err)
	}
	if list, err := h.FeedMailboxes(t.Context(), calendar("").Flow); err != nil || len(list) != 1 {
		t.Errorf("put back, it has %v, %v", list, err)
	}
}
