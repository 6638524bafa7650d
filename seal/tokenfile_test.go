package seal_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

func TestTheOperatorsTokenIsMadeOnceForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "operator.token")
	made, err := seal.MakeTokenFile(path, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v: %v", info.Mode(), err)
	}
	again, err := seal.MakeTokenFile(path, rand.Reader)
	if err != nil || !again.Equal(made) {
		t.Errorf("the second time it is another: %v", err)
	}
	read, err := seal.ReadTokenFile(path)
	if err != nil || !read.Equal(made) {
		t.Errorf("read it is another: %v", err)
	}
	raw, _ := os.ReadFile(path)
	if !strings.HasPrefix(string(raw), "gwop_") || len(raw) != len("gwop_")+43+1 {
		t.Errorf("the file has %d bytes", len(raw))
	}
}

func TestATokenFileThatCannotBeTrustedIsRefused(t *testing.T) {
	for code, prepare := range map[string]func(path string) error{
		"seal.token_unreadable": func(string) error { return nil },
		"seal.token_exposed":    func(p string) error { return os.WriteFile(p, []byte(strings.Repeat("x", 40)), 0o640) },
		"seal.token_damaged":    func(p string) error { return os.WriteFile(p, nil, 0o600) },
	} {
		path := filepath.Join(t.TempDir(), "operator.token")
		if err := prepare(path); err != nil {
			t.Fatal(err)
		}
		_, err := seal.ReadTokenFile(path)
		var r *graphwarden.Refusal
		if !errors.As(err, &r) || r.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	_, err := seal.MakeTokenFile(filepath.Join(t.TempDir(), "nowhere", "operator.token"), rand.Reader)
	var r *graphwarden.Refusal
	if !errors.As(err, &r) || r.Code != "seal.token_unwritable" {
		t.Errorf("in a folder that is not there: %v", err)
	}
}
