package truth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/graphwarden/graphwarden/sim/truth"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// house is a world with a table to write into and its ledger.
type house struct {
	*world.World
	*truth.Ledger
	things *state.Table[string]
}

// open starts over the files in dir; kept goes on with what is there.
func open(t *testing.T, dir string, kept bool) (house, error) {
	t.Helper()
	o := world.Options{Seed: 3, Domain: "contoso.example"}
	path := ""
	if dir != "" {
		path = filepath.Join(dir, "truth")
	}
	if kept {
		o.Journal = filepath.Join(dir, "journal")
	}
	w := world.New(o)
	h := house{w, truth.New(w, slog.New(slog.DiscardHandler)), state.NewTable[string](w.Store, "things")}
	if err := w.Open(func(*state.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close(); h.Ledger.Close() })
	err := h.Ledger.Open(w, path, kept)
	if err != nil {
		w.Close()
	}
	return h, err
}

func mustOpen(t *testing.T, dir string, kept bool) house {
	t.Helper()
	h, err := open(t, dir, kept)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h house) read(object string) {
	_ = h.View(func(tx *state.Tx) error {
		h.Saw(tx, world.Effect{Object: object, Effect: world.Read})
		return nil
	})
}

func (h house) write(object string, fate error) error {
	return h.Update(func(tx *state.Tx) error {
		h.things.Put(tx, object, object)
		h.Saw(tx, world.Effect{Object: object, Effect: world.Create})
		h.Saw(tx, world.Effect{Object: object + "'", Effect: world.Send})
		return fate
	})
}

// rows gives the ledger's rows after a number as "object effect", and complains
// of gaps.
func (h house) rows(t *testing.T, after uint64) []string {
	t.Helper()
	var out []string
	err := h.After(after, func(line []byte) bool {
		var e world.Effect
		if err := json.Unmarshal(line, &e); err != nil || e.Seq != after+uint64(len(out))+1 || !bytes.HasSuffix(line, []byte("\n")) {
			t.Fatalf("row %q after %d others (%v)", line, len(out), err)
		}
		out = append(out, e.Object+" "+string(e.Effect))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRowsTellWhatReallyHappened(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		h := mustOpen(t, dir, false)
		h.read("a")
		if err := h.write("b", nil); err != nil {
			t.Fatal(err)
		}
		broken := errors.New("no")
		if err := h.write("c", broken); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		_ = h.Update(func(tx *state.Tx) error { h.things.Put(tx, "unseen", ""); return nil })
		h.read("d")
		want := []string{"a read", "b create", "b' send", "d read"}
		if got := h.rows(t, 0); !slices.Equal(got, want) {
			t.Errorf("rows %v, want %v", got, want)
		}
		if got := h.rows(t, 3); !slices.Equal(got, want[3:]) {
			t.Errorf("rows after 3: %v", got)
		}
	}
}

func TestARowHasTheKeysThatWerePromised(t *testing.T) {
	h := mustOpen(t, "", false)
	h.read("a")
	_ = h.After(0, func(line []byte) bool {
		var keys map[string]any
		if err := json.Unmarshal(line, &keys); err != nil {
			t.Fatal(err)
		}
		for _, k := range strings.Fields("seq time client_request_id app principal method path mailbox object effect status") {
			if _, ok := keys[k]; !ok {
				t.Errorf("no %q in %s", k, line)
			}
			delete(keys, k)
		}
		if len(keys) != 0 {
			t.Errorf("more than was promised: %v", keys)
		}
		return true
	})
}

func TestTheFileCatchesUpWithTheJournal(t *testing.T) {
	dir := t.TempDir()
	h := mustOpen(t, dir, true)
	h.read("a")
	_ = h.write("b", nil)
	h.read("c")
	_ = h.write("d", nil)
	h.World.Close()
	h.Ledger.Close()
	whole, err := os.ReadFile(filepath.Join(dir, "truth"))
	if err != nil {
		t.Fatal(err)
	}
	// Killed at any moment after the journal was written, the file is cut short
	// somewhere. Reads may be lost with it, for their answers were not sent.
	for cut := range len(whole) + 1 {
		if err := os.WriteFile(filepath.Join(dir, "truth"), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		back := mustOpen(t, dir, true)
		var writes []string
		for _, row := range back.rows(t, 0) {
			if !strings.HasSuffix(row, " read") {
				writes = append(writes, row)
			}
		}
		if want := []string{"b create", "b' send", "d create", "d' send"}; !slices.Equal(writes, want) {
			t.Fatalf("cut at %d: writes %v", cut, writes)
		}
		back.World.Close()
		back.Ledger.Close()
	}
}

func TestALedgerOfAnotherTenantIsRefused(t *testing.T) {
	dir := t.TempDir()
	h := mustOpen(t, dir, true)
	_ = h.write("a", nil)
	h.World.Close()
	if err := os.Remove(filepath.Join(dir, "journal")); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir, true); err == nil || !strings.Contains(err.Error(), "not of one tenant") {
		t.Errorf("Open = %v", err)
	}
	for _, bad := range []string{"nonsense\n", `{"seq":2,"effect":"read"}` + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, "truth"), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, dir, true); err == nil {
			t.Errorf("a ledger of %q was taken", bad)
		}
	}
}

func TestANewTenantStartsANewFile(t *testing.T) {
	dir := t.TempDir()
	h := mustOpen(t, dir, false)
	_ = h.write("a", nil)
	if got := mustOpen(t, dir, false).rows(t, 0); len(got) != 0 {
		t.Errorf("rows of the tenant before: %v", got)
	}
}

func TestALedgerThatCannotBeWrittenSaysSo(t *testing.T) {
	h := mustOpen(t, t.TempDir(), false)
	h.read("a")
	h.Ledger.Close()
	h.read("b")
	err := h.After(0, func([]byte) bool { return true })
	if err == nil {
		t.Error("a row is missing and nobody was told")
	}
}

func TestManyAtOnceLeaveNoGap(t *testing.T) {
	h := mustOpen(t, t.TempDir(), true)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				h.read("r")
				_ = h.write(fmt.Sprint(i, "-", j), nil)
			}
		})
	}
	all.Wait()
	if n := len(h.rows(t, 0)); n != 8*50*3 {
		t.Errorf("%d rows, want %d", n, 8*50*3)
	}
}

func TestATornLineLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	h := mustOpen(t, dir, true)
	h.read("a")
	h.World.Close()
	path := filepath.Join(dir, "truth")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, bytes.Repeat([]byte("x"), 4096)...), 0o600); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, dir, true).read("b")
	if whole, err = os.ReadFile(path); err != nil || bytes.Contains(whole, []byte("xx")) || bytes.Count(whole, []byte("\n")) != 2 {
		t.Errorf("%v\n%s", err, whole)
	}
}
