package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// TestADiskThatIsFullAtStartIsCalledFull opens new databases on real disks that
// are too small for one, in a process of its own that may mount them.
func TestADiskThatIsFullAtStartIsCalledFull(t *testing.T) {
	fileOnly(t)
	const inside = "GRAPHWARDEN_SMALL_DISKS"
	if folder := os.Getenv(inside); folder != "" {
		openOnSmallDisks(t, folder)
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), inside+"="+t.TempDir())
	self := []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: self, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}}
	out, err := c.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EINVAL), bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("this system lets no test mount a disk: %v %s", err, out)
	case err != nil:
		t.Fatalf("%v: %s", err, out)
	}
}

// backUpToASmallDisk has a backup run out of room: it says so of the file that was
// asked for, and promises nothing, since the command has ended.
func backUpToASmallDisk(t *testing.T, folder string) {
	h := lived(t)
	if err := syscall.Mount("small", folder, "tmpfs", 0, "size=128k"); err != nil {
		t.Skip(err)
	}
	_, err := h.beside(t).Backup(t.Context(), filepath.Join(folder, "b.db"))
	reads(t, err, "storage.full", "The disk that holds the backup "+filepath.Join(folder, "b.db")+" is full.", "Make room on it, or name a place elsewhere; nothing is left there.")
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := syscall.Unmount(folder, 0); err != nil {
		t.Error(err)
	}
}

func openOnSmallDisks(t *testing.T, folder string) {
	// Nothing of what happens here reaches the system's own mounts.
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		t.Skip(err)
	}
	backUpToASmallDisk(t, folder)
	for size := 16; size <= 200; size += 8 {
		at := filepath.Join(folder, fmt.Sprint(size))
		if err := os.Mkdir(at, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mount("small", at, "tmpfs", 0, fmt.Sprintf("size=%dk", size)); err != nil {
			t.Skip(err)
		}
		s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(at, "small.db")})
		if err == nil {
			t.Errorf("a database fits on %d kB: %v", size, s.Close())
		} else if code := refusal(t, err, graphwarden.Storage); code != "storage.full" {
			t.Errorf("on %d kB: refused with %s: %v", size, code, err)
		}
		left, globErr := filepath.Glob(filepath.Join(at, ".room-*"))
		if globErr != nil || len(left) > 0 {
			t.Errorf("on %d kB: left behind: %v", size, left)
		}
		if err := syscall.Unmount(at, 0); err != nil {
			t.Errorf("on %d kB: %v", size, err)
		}
	}
}
