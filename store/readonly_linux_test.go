package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// asNobody runs do on a thread that opens files as an ordinary user, even where
// tests run as root, who may write everything. The thread ends with the test.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		do()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: Go discards the thread
		const nobody = 65534
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0); errno != 0 {
			t.Error(errno)
			return
		}
		do()
	}()
	<-done
}

func TestAReadOnlyDatabaseIsRefused(t *testing.T) {
	fileOnly(t)
	situations := map[string]struct {
		missing      bool
		file, folder os.FileMode
	}{
		"the file cannot be written":            {false, 0o444, 0o777},
		"the file cannot even be read":          {false, 0o000, 0o777},
		"the folder cannot be written":          {false, 0o666, 0o555},
		"neither the file nor its folder can":   {false, 0o444, 0o555},
		"there is no file and none can be made": {true, 0, 0o555},
		"the folder cannot be entered":          {false, 0o666, 0o000},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "readonly-*")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = os.Chmod(dir, 0o700)
				_ = os.RemoveAll(dir)
			})
			path := filepath.Join(dir, "graphwarden.db")
			if !s.missing {
				made(t, dir)
				if err := os.Remove(path + "-owner"); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(path, s.file); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(dir, s.folder); err != nil {
				t.Fatal(err)
			}
			asNobody(t, func() {
				if may := store.MayWrite(store.Options{Path: path}); may == nil || refusal(t, may, graphwarden.Storage) != "storage.read_only" {
					t.Errorf("before it is opened: %v", may)
				}
				var got *store.Store
				got, err = store.Open(t.Context(), store.Options{Path: path})
				if err == nil {
					_ = got.Close()
				}
			})
			if err == nil {
				t.Fatal("it was opened")
			}
			if code := refusal(t, err, graphwarden.Storage); code != "storage.read_only" {
				t.Errorf("refused with %s (%v)", code, err)
			}
		})
	}
}

// TestACopyThatNobodyMayWriteIsRead: auditors have such copies. One with files beside
// it is not read, because somebody may work on it.
func TestACopyThatNobodyMayWriteIsRead(t *testing.T) {
	fileOnly(t)
	for name, s := range map[string]struct {
		file, folder os.FileMode
		beside       string
		reads        bool
	}{
		"in a folder for everybody":          {0o444, 0o777, "", true},
		"in a folder that cannot be written": {0o444, 0o555, "", true},
		"a log lies beside it":               {0o444, 0o555, "-wal", false},
		"it cannot even be read":             {0o000, 0o555, "", false},
		"it may be written, not its folder":  {0o666, 0o555, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "readonly-*")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = os.Chmod(dir, 0o700)
				_ = os.RemoveAll(dir)
			})
			path := filepath.Join(dir, "graphwarden.db")
			made(t, dir)
			err = errors.Join(os.Remove(path+"-owner"), os.Chmod(path, s.file))
			if s.beside != "" {
				err = errors.Join(err, os.WriteFile(path+s.beside, make([]byte, 32), 0o444))
			}
			if err := errors.Join(err, os.Chmod(dir, s.folder)); err != nil {
				t.Fatal(err)
			}
			asNobody(t, func() {
				var got *store.Store
				if got, err = store.OpenBeside(t.Context(), store.Options{Path: path}, false); err == nil {
					_, err = got.Skipped(t.Context(), "")
					err = errors.Join(err, got.Close())
				}
			})
			if (err == nil) != s.reads {
				t.Errorf("it is read: %v", err)
			}
		})
	}
}

// TestARehearsalSeesThatNothingMayBeWritten where a backup, or a restored database, is to be.
func TestARehearsalSeesThatNothingMayBeWritten(t *testing.T) {
	h := lived(t)
	dir, err := os.MkdirTemp("", "readonly-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	good := filepath.Join(dir, "good.db")
	if _, err := h.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(dir, "closed")
	if err := errors.Join(os.Chmod(dir, 0o777), os.Chmod(good, 0o644), os.Mkdir(closed, 0o555)); err != nil {
		t.Fatal(err)
	}
	asNobody(t, func() {
		to := filepath.Join(closed, "new.db")
		_, made := h.Backup(t.Context(), to)
		_, restored := store.Restore(t.Context(), good, store.Options{Path: to}, leafOf)
		_, rehearsed := store.RehearseRestore(t.Context(), good, store.Options{Path: to}, leafOf)
		for what, err := range map[string]error{"the backup": made, "its rehearsal": h.RehearseBackup(t.Context(), to), "the restore": restored, "the rehearsal of that": rehearsed} {
			if refusal(t, err, graphwarden.Storage) != "storage.unopenable" {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}
