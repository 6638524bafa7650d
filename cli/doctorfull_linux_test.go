package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestTheDoctorSeesAFullDisk fills the disk of a server's database while the notice
// of a disk that is nearly full stands. It runs in a mount namespace of its own.
func TestTheDoctorSeesAFullDisk(t *testing.T) {
	if at := os.Getenv("GRAPHWARDEN_SMALL_DISK"); at != "" {
		examineAFullDisk(t, at)
		return
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTheDoctorSeesAFullDisk$", "-test.v")
	c.Env = append(os.Environ(), "GRAPHWARDEN_SMALL_DISK="+t.TempDir())
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}}
	out, err := c.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EINVAL), bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("this system lets no test mount a disk: %v %s", err, out)
	case err != nil:
		t.Fatalf("%v: %s", err, out)
	}
}

func examineAFullDisk(t *testing.T, at string) {
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		t.Skip(err)
	}
	if err := syscall.Mount("small", at, "tmpfs", 0, "size=40m"); err != nil {
		t.Skip(err)
	}
	tn := open(t)
	config := tn.server(t, func(s *settings) { s.database = filepath.Join(at, "graphwarden.db") })
	if _, results, _ := diagnosis(t, config); results["notice.disk_low"] != "fail" || results["notice.database"] != "pass" {
		t.Fatalf("before: %v", results)
	}
	full, err := os.Create(filepath.Join(at, "full"))
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	for chunk := make([]byte, 4096); err == nil; {
		_, err = full.Write(chunk)
	}
	_, out, _ := run(t, "doctor", "--config", config)
	if !strings.Contains(out, "The disk that holds the database") || strings.Contains(out, "takes entries") || strings.Count(out, " 0 MB left") != 2 {
		t.Errorf("the doctor says:\n%s", out)
	}
	if _, out, _ = run(t, "feeds", "--config", config); !strings.Contains(out, "not stored") || !strings.Contains(out, "storage.full") || strings.Contains(out, "in step") {
		t.Errorf("the feeds say:\n%s", out)
	}
}
