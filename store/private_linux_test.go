package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

func TestOnlyItsUserReadsADatabase(t *testing.T) {
	folder := t.TempDir()
	path, backup := filepath.Join(folder, "graphwarden.db"), filepath.Join(folder, "backup.db")
	s, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Update(t.Context(), func(context.Context, graphwarden.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, path + "-wal", backup} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has the mode %04o", filepath.Base(file), mode)
		}
	}
}

func TestADiskWithoutRoomIsNotReady(t *testing.T) {
	var no error
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db"), Room: func(string) error { return no }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Writable(t.Context()); err != nil {
		t.Errorf("with room: %v", err)
	}
	no = syscall.ENOSPC
	var r *graphwarden.Refusal
	if err := s.Writable(t.Context()); !errors.As(err, &r) || r.Code != "storage.full" {
		t.Errorf("without room: %v", err)
	}
}
