package state_test

import (
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestAFullDiskLosesNothing limits how large this process's files may grow: a
// write across the limit is cut off in the middle of its line.
func TestAFullDiskLosesNothing(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "journal")
	k := open(t, path)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 2000, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before) }()
	k.put(t, "tom", pet{"Tom", "cat"})
	err := k.tryPut("big", pet{strings.Repeat("x", 3000), "cat"})
	if err == nil {
		t.Fatal("the disk is full, and Update returned nil")
	}
	k.put(t, "ada", pet{"Ada", "cat"})
	want := []string{"Tom", "Ada"}
	if got := k.names(t, "cat"); !slices.Equal(got, want) {
		t.Errorf("cats %v", got)
	}
	k.Close()
	if got := open(t, path).names(t, "cat"); !slices.Equal(got, want) {
		t.Errorf("cats from the journal: %v", got)
	}
}
