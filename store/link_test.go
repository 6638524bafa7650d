package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// link makes a symbolic link, where the system lets this user.
func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Skip(err)
	}
}

// TestADatabaseIsOwnedByWhateverNameItIsOpened: two processes come by two paths.
func TestADatabaseIsOwnedByWhateverNameItIsOpened(t *testing.T) {
	t.Parallel()
	fileOnly(t)
	situations := map[string]func(t *testing.T, dir, file string) (path string){
		"a link beside it": func(t *testing.T, dir, file string) string {
			link(t, filepath.Base(file), filepath.Join(filepath.Dir(file), "link.db"))
			return filepath.Join(filepath.Dir(file), "link.db")
		},
		"a link elsewhere": func(t *testing.T, dir, file string) string {
			link(t, file, filepath.Join(dir, "link.db"))
			return filepath.Join(dir, "link.db")
		},
		"a link to a link, each relative": func(t *testing.T, dir, file string) string {
			link(t, filepath.Join("small", filepath.Base(file)), filepath.Join(dir, "inner.db"))
			link(t, "inner.db", filepath.Join(dir, "outer.db"))
			return filepath.Join(dir, "outer.db")
		},
		"a folder that is a link": func(t *testing.T, dir, file string) string {
			link(t, "small", filepath.Join(dir, "current"))
			return filepath.Join(dir, "current", filepath.Base(file))
		},
	}
	for name, prepare := range situations {
		for _, exists := range []bool{true, false} {
			for _, linkFirst := range []bool{true, false} {
				t.Run(name+map[bool]string{true: ", on one that is there", false: ", on a new one"}[exists]+map[bool]string{true: ", by the link first", false: ""}[linkFirst], func(t *testing.T) {
					dir := t.TempDir()
					small := filepath.Join(dir, "small")
					if err := os.Mkdir(small, 0o700); err != nil {
						t.Fatal(err)
					}
					file := filepath.Join(small, "graphwarden.db")
					if exists {
						made(t, small)
					}
					first, second := file, prepare(t, dir, file)
					if linkFirst {
						first, second = second, first
					}
					h := house{clock: newClock(), path: first}
					h.Store = reopen(t, h)
					h.update(t, pin(h.Store, "eve@contoso.example"))
					_, err := store.Open(t.Context(), store.Options{Path: second})
					if refusal(t, err, graphwarden.Conflict) != "storage.owned" || !strings.Contains(err.Error(), second) {
						t.Errorf("a second one was told %v", err)
					}
					for _, end := range []string{"-wal", "-owner"} {
						if _, err := os.Stat(file + end); err != nil {
							t.Errorf("not beside the file: %v", err)
						}
					}
					beside := house{clock: h.clock, path: second}.beside(t)
					if !pinned(t, beside, "eve@contoso.example") {
						t.Error("who reads by the other path does not see what was written last")
					}
				})
			}
		}
	}
}

func TestALinkThatLeadsNowhereIsSaidToDoSo(t *testing.T) {
	t.Parallel()
	fileOnly(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "link.db")
	link(t, filepath.Join("unmounted", "graphwarden.db"), path)
	_, err := store.Open(t.Context(), store.Options{Path: path})
	if refusal(t, err, graphwarden.Storage) != "storage.folder" || !strings.Contains(err.Error(), path+" (a link to "+filepath.Join(dir, "unmounted", "graphwarden.db")+")") {
		t.Error(err)
	}
	link(t, "round.db", filepath.Join(dir, "round.db"))
	_, err = store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "round.db")})
	if refusal(t, err, graphwarden.Storage) != "storage.unopenable" {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*-owner")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestABackupIsRestoredToWhereALinkLeads(t *testing.T) {
	t.Parallel()
	h := lived(t)
	dir := t.TempDir()
	file, path := filepath.Join(dir, "backup.db"), filepath.Join(dir, "link.db")
	if _, err := h.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(t.TempDir(), "graphwarden.db")
	link(t, target, path)
	if _, err := store.Restore(t.Context(), file, store.Options{Path: path}, leafOf); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(target); err != nil || !info.Mode().IsRegular() {
		t.Errorf("there is %v, %v", info, err)
	}
	_, err := store.Restore(t.Context(), file, store.Options{Path: path}, leafOf)
	if refusal(t, err, graphwarden.Conflict) != "storage.exists" {
		t.Error(err)
	}
	link(t, file, filepath.Join(dir, "latest.db"))
	if _, err := store.Restore(t.Context(), filepath.Join(dir, "latest.db"), store.Options{Path: filepath.Join(dir, "second.db")}, leafOf); err != nil {
		t.Error(err)
	}
}

// TestADatabaseWithASecondNameIsRefused by everything that opens it, and works again
// once that is gone.
func TestADatabaseWithASecondNameIsRefused(t *testing.T) {
	t.Parallel()
	fileOnly(t)
	path := made(t, t.TempDir())
	second := filepath.Join(t.TempDir(), "second.db")
	if err := os.Link(path, second); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{path, second} {
		o := store.Options{Path: name}
		_, opened := store.Open(t.Context(), o)
		_, beside := store.OpenBeside(t.Context(), o, true)
		_, looked := store.Look(t.Context(), o, true)
		for what, err := range map[string]error{"opened": opened, "opened beside": beside, "looked at": looked} {
			if err == nil {
				t.Fatalf("%s was %s", name, what)
			}
			if refusal(t, err, graphwarden.Storage) != "storage.linked" || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	if err := os.Remove(second); err != nil {
		t.Fatal(err)
	}
	again := reopen(t, house{clock: newClock(), path: path})
	if !pinned(t, again, "ada@contoso.example") {
		t.Error("what was confirmed is gone")
	}
}

// TestABackupMayHaveManyNames, as those have who keep many of them.
func TestABackupMayHaveManyNames(t *testing.T) {
	t.Parallel()
	h := lived(t)
	dir := t.TempDir()
	file, second := filepath.Join(dir, "monday.db"), filepath.Join(dir, "tuesday.db")
	if _, err := h.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(file, second); err != nil {
		t.Skip(err)
	}
	if _, err := store.Restore(t.Context(), second, store.Options{Path: filepath.Join(dir, "restored.db")}, leafOf); err != nil {
		t.Error(err)
	}
	looked, err := store.OpenBeside(t.Context(), store.Options{Path: second}, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := looked.Close(); err != nil {
		t.Error(err)
	}
}

// TestAFileThatWasMovedAwayIsMissed, deleted or replaced, while the store works on it; put
// back, all is well.
func TestAFileThatWasMovedAwayIsMissed(t *testing.T) {
	fileOnly(t)
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open is not moved there")
	}
	h := open(t)
	away := h.path + ".away"
	rename := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	missed := func(how string, want bool) {
		t.Helper()
		err := h.Writable(t.Context())
		if want && refusal(t, err, graphwarden.Storage) != "storage.moved" || !want && err != nil {
			t.Errorf("%s: %v", how, err)
		}
	}
	missed("in its place", false)
	rename(h.path, away)
	missed("moved", true)
	rename(away, h.path)
	missed("put back", false)
	raw, err := os.ReadFile(h.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(away, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	rename(away, h.path)
	missed("replaced by a copy", true)
	if err := os.Remove(h.path); err != nil {
		t.Fatal(err)
	}
	missed("deleted", true)
}

// TestNothingIsRestoredBeneathAServer whose file was moved away while it runs.
func TestNothingIsRestoredBeneathAServer(t *testing.T) {
	fileOnly(t)
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open is not moved there")
	}
	h := open(t)
	backup := filepath.Join(t.TempDir(), "backup")
	if _, err := h.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(h.path+part, h.path+".moved"+part); err != nil {
			t.Fatal(err)
		}
	}
	to := store.Options{Path: h.path}
	for name, restore := range map[string]func(context.Context, string, store.Options, func(graphwarden.Entry) [32]byte) (store.Manifest, error){
		"for real": store.Restore, "rehearsed": store.RehearseRestore} {
		if _, err := restore(t.Context(), backup, to, leafOf); refusal(t, err, graphwarden.Conflict) != "storage.owned" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), backup, to, leafOf); err != nil {
		t.Errorf("when it has stopped: %v", err)
	}
}

// TestARestoreThatWasKilledAtItsEndIsFinished: the file has its name, and still the one
// under which it was written.
func TestARestoreThatWasKilledAtItsEndIsFinished(t *testing.T) {
	t.Parallel()
	fileOnly(t)
	path := made(t, t.TempDir())
	if err := os.Link(path, path+".partial"); err != nil {
		t.Skip(err)
	}
	again := reopen(t, house{clock: newClock(), path: path})
	if !pinned(t, again, "ada@contoso.example") {
		t.Error("what was restored is gone")
	}
	if _, err := os.Lstat(path + ".partial"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the other name is still there: %v", err)
	}
}
