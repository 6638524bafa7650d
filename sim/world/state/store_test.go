package state_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

type pet struct {
	Name, Kind string
}

// kennel is a store with one table and one index, as the tests need it.
type kennel struct {
	*state.Store
	pets   *state.Table[pet]
	byKind *state.Index[pet]
}

func open(t *testing.T, path string) kennel {
	t.Helper()
	s := state.New(state.Options{Path: path, Seed: 7, Now: func() time.Time { return time.Unix(1e9, 0) }})
	pets := state.NewTable[pet](s, "pets")
	k := kennel{s, pets, state.NewIndex(pets, func(p pet) []string { return []string{p.Kind} })}
	err := s.Open(func(tx *state.Tx) error {
		pets.Put(tx, "rex", pet{"Rex", "dog"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return k
}

func (k kennel) names(t *testing.T, kind string) []string {
	t.Helper()
	var names []string
	err := k.View(func(tx *state.Tx) error {
		for _, p := range k.byKind.Find(tx, kind) {
			names = append(names, p.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func (k kennel) put(t *testing.T, id string, p pet) {
	t.Helper()
	if err := k.tryPut(id, p); err != nil {
		t.Fatal(err)
	}
}

func (k kennel) tryPut(id string, p pet) error {
	return k.Update(func(tx *state.Tx) error { k.pets.Put(tx, id, p); return nil })
}

func TestWhatUpdateReturnedSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	k := open(t, path)
	k.put(t, "tom", pet{"Tom", "cat"})
	k.put(t, "rex", pet{"Rex", "wolf"})
	k.put(t, "ada", pet{"Ada", "cat"})
	err := k.Update(func(tx *state.Tx) error {
		k.pets.Delete(tx, "tom")
		k.pets.Put(tx, "tom", pet{"Tom II", "cat"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	k.Clock().Advance(time.Hour)
	k.put(t, "zoe", pet{"Zoe", "dog"})

	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	last := lines[len(lines)-2]
	for cut := range len(last) {
		torn := filepath.Join(t.TempDir(), "torn")
		if err := os.WriteFile(torn, whole[:len(whole)-len(last)+cut], 0o600); err != nil {
			t.Fatal(err)
		}
		back := open(t, torn)
		if got := back.names(t, "dog"); len(got) != 0 {
			t.Fatalf("cut at %d of the last line: dogs %v, want none", cut, got)
		}
		if got := back.names(t, "cat"); !slices.Equal(got, []string{"Ada", "Tom II"}) {
			t.Fatalf("cut at %d of the last line: cats %v", cut, got)
		}
		back.put(t, "eve", pet{"Eve", "fish"})
		back.Close()
		if got := open(t, torn).names(t, "fish"); !slices.Equal(got, []string{"Eve"}) {
			t.Fatalf("cut at %d: after going on, fish %v", cut, got)
		}
	}
	k.Close()
	back := open(t, path)
	if got := back.Clock().Now(); !got.Equal(time.Unix(1e9, 0).Add(time.Hour)) {
		t.Errorf("the clock came back as %v", got)
	}
}

func TestAFailedUpdateLeavesNothingBehind(t *testing.T) {
	k := open(t, filepath.Join(t.TempDir(), "journal"))
	broken := errors.New("no")
	err := k.Update(func(tx *state.Tx) error {
		k.pets.Put(tx, "tom", pet{"Tom", "cat"})
		k.pets.Put(tx, "rex", pet{"Rex", "cat"})
		k.pets.Delete(tx, "rex")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatalf("Update = %v", err)
	}
	if got := k.names(t, "cat"); len(got) != 0 {
		t.Errorf("cats after the failure: %v", got)
	}
	if got := k.names(t, "dog"); !slices.Equal(got, []string{"Rex"}) {
		t.Errorf("dogs after the failure: %v", got)
	}
}

func TestIterationKeepsTheOrderOfArrival(t *testing.T) {
	k := open(t, "")
	for i := range 500 {
		k.put(t, fmt.Sprint(i), pet{fmt.Sprint(i), "ant"})
	}
	err := k.Update(func(tx *state.Tx) error {
		for i := range 500 {
			if i%5 != 0 {
				k.pets.Delete(tx, fmt.Sprint(i))
			}
		}
		k.pets.Put(tx, "7", pet{"7", "ant"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := 0; i < 500; i += 5 {
		want = append(want, fmt.Sprint(i))
	}
	want = append(want, "7")
	if got := k.names(t, "ant"); !slices.Equal(got, want) {
		t.Errorf("order by index: %v", got)
	}
	var got []string
	_ = k.View(func(tx *state.Tx) error {
		for id, p := range k.pets.All(tx) {
			if p.Kind == "ant" {
				got = append(got, id)
			}
		}
		return nil
	})
	if !slices.Equal(got, want) {
		t.Errorf("order of All: %v", got)
	}
}

func TestIdsAreDrawnFromTheSeedAndNeverTwice(t *testing.T) {
	draw := func() []string {
		k := open(t, "")
		var ids []string
		for i := range 20 {
			_ = k.Update(func(tx *state.Tx) error {
				ids = append(ids, tx.GUID(), tx.GUID())
				k.pets.Put(tx, fmt.Sprint(i), pet{})
				return nil
			})
		}
		return ids
	}
	a, b := draw(), draw()
	if !slices.Equal(a, b) {
		t.Error("the same seed drew other ids")
	}
	slices.Sort(a)
	if n := len(slices.Compact(a)); n != 40 {
		t.Errorf("%d different ids of 40", n)
	}
}

func TestWatchersHearOfCommittedTransactionsOnly(t *testing.T) {
	k := open(t, "")
	var heard []uint64
	k.Watch(func(tx *state.Tx) { heard = append(heard, tx.Seq()) })
	k.put(t, "a", pet{})
	_ = k.Update(func(tx *state.Tx) error { k.pets.Put(tx, "b", pet{}); return errors.New("no") })
	_ = k.Update(func(*state.Tx) error { return nil })
	k.put(t, "c", pet{})
	if !slices.Equal(heard, []uint64{1, 2}) {
		t.Errorf("heard of %v", heard)
	}
}

func TestATenantIsMadeAtTheSameTimeAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	made := func(now time.Time) (at time.Time) {
		s := state.New(state.Options{Path: path, Now: func() time.Time { return now }})
		if err := s.Open(func(tx *state.Tx) error { at = tx.Now(); return nil }); err != nil {
			t.Fatal(err)
		}
		s.Close()
		return at
	}
	first := made(time.Unix(1e9, 0))
	if again := made(time.Unix(2e9, 0)); !again.Equal(first) {
		t.Errorf("made at %v, and the second time at %v", first, again)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if again := made(time.Unix(2e9, 0)); !again.Equal(time.Unix(2e9, 0)) {
		t.Errorf("after the first line was torn: made at %v", again)
	}
}

func TestAJournalThatIsNoneIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(path, []byte("not a journal\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := state.New(state.Options{Path: path}).Open(func(*state.Tx) error { return nil })
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte(path)) {
		t.Errorf("Open = %v, want the file's name", err)
	}
}

func TestAJournalIsOpenedOnItsOwnBaseOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	open := func(base string) error {
		s := state.New(state.Options{Path: path, Base: base})
		defer s.Close()
		return s.Open(func(*state.Tx) error { return nil })
	}
	if err := errors.Join(open("seed 1"), open("seed 1")); err != nil {
		t.Fatal(err)
	}
	err := open("seed 2")
	if err == nil || !strings.Contains(err.Error(), "seed 1") || !strings.Contains(err.Error(), path) {
		t.Errorf("Open = %v, want the journal and what it was begun with", err)
	}
}
