package state_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

func TestAJournalBelongsToOneStoreAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	k := open(t, path)
	k.put(t, "tom", pet{"Tom", "cat"})
	second := state.New(state.Options{Path: path})
	err := second.Open(func(*state.Tx) error { return nil })
	if !errors.Is(err, state.ErrTaken) || !strings.Contains(err.Error(), path) {
		t.Fatalf("a second Open = %v, want %v with the file's name", err, state.ErrTaken)
	}
	k.put(t, "ada", pet{"Ada", "cat"})
	k.Close()
	if got := open(t, path).names(t, "cat"); len(got) != 2 {
		t.Errorf("cats after the first had closed: %v", got)
	}
}

// TestDamageInTheMiddleIsNamedByLine flips each byte of a journal, and takes each
// line away; only what stands in the last line may go unseen, as its torn end.
func TestDamageInTheMiddleIsNamedByLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	k := open(t, path)
	for i := range 4 {
		k.put(t, fmt.Sprint(i), pet{fmt.Sprint("Pet ", i), "cat"})
	}
	k.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken")
	try := func(b []byte) error {
		if err := os.WriteFile(broken, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s := state.New(state.Options{Path: broken})
		state.NewTable[pet](s, "pets")
		err := s.Open(func(*state.Tx) error { return nil })
		if err == nil {
			s.Close()
		}
		return err
	}
	if err := try(whole); err != nil {
		t.Fatal(err)
	}
	for at := range whole[:len(whole)-1] {
		b := bytes.Clone(whole)
		b[at] ^= 1
		line := 1 + bytes.Count(whole[:at], []byte("\n"))
		if err := try(b); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("line %d: ", line)) || !strings.Contains(err.Error(), broken) {
			t.Fatalf("byte %d of line %d changed: Open = %v", at, line, err)
		}
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for i := 1; i < len(lines)-2; i++ {
		b := bytes.Join(append(append([][]byte{}, lines[:i]...), lines[i+1:]...), nil)
		if err := try(b); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("line %d: ", i+1)) {
			t.Errorf("line %d taken away: Open = %v", i+1, err)
		}
	}
}
