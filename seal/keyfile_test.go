package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

func sealer(t *testing.T, path string, sealedRows int) *seal.Sealer {
	t.Helper()
	s, err := seal.OpenKeyFile(path, sealedRows)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func refusedWith(t *testing.T, err error, code string) {
	t.Helper()
	var r *graphwarden.Refusal
	if !errors.As(err, &r) || r.Kind != graphwarden.Storage || r.Code != code || r.Say == "" || r.Do == "" {
		t.Fatalf("got %v, want the refusal %s", err, code)
	}
}

var place = seal.About{Tenant: "contoso", Registration: "calendar", Version: 7}

func TestASealedSecretOpensOnlyInItsPlace(t *testing.T) {
	s := sealer(t, filepath.Join(t.TempDir(), "key"), 0)
	sealed, err := s.Seal(seal.FromString(canary), place)
	if err != nil {
		t.Fatal(err)
	}
	if spoken(string(sealed)) != "" {
		t.Errorf("sealed, it still says %q", sealed)
	}
	opened, err := s.Open(sealed, place)
	if err != nil || !opened.Equal(seal.FromString(canary)) {
		t.Fatalf("opened: %v, %v", opened, err)
	}
	elsewhere := map[string]seal.About{
		"another tenant":        {Tenant: "fabrikam", Registration: "calendar", Version: 7},
		"another registration":  {Tenant: "contoso", Registration: "mail", Version: 7},
		"another version":       {Tenant: "contoso", Registration: "calendar", Version: 8},
		"names cut differently": {Tenant: "contosoc", Registration: "alendar", Version: 7},
		"nowhere":               {},
	}
	for name, about := range elsewhere {
		if got, err := s.Open(sealed, about); err == nil || !got.Empty() {
			t.Errorf("%s: it opened", name)
		} else {
			refusedWith(t, err, "seal.wrong_key")
		}
	}
	for i := range sealed {
		flipped := bytes.Clone(sealed)
		flipped[i] ^= 1
		if _, err := s.Open(flipped, place); err == nil {
			t.Errorf("with byte %d of %d flipped, it opened", i, len(sealed))
		}
	}
}

func TestAKeyFileIsMadeOnceAndForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	sealed, err := sealer(t, path, 0).Seal(seal.FromString(canary), place)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file's mode is %v (%v)", info.Mode(), err)
	}
	before, _ := os.ReadFile(path)
	if opened, err := sealer(t, path, 1).Open(sealed, place); err != nil || !opened.Equal(seal.FromString(canary)) {
		t.Errorf("read again, the key opens %v, %v", opened, err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) || len(before) == 0 {
		t.Error("reading changed the key file")
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the key file lie %v", left)
	}
}

func TestAKeyFileThatCannotBeTrustedIsRefused(t *testing.T) {
	situations := map[string]struct {
		prepare    func(t *testing.T, path string)
		sealedRows int
		want       string
	}{
		"it is gone and rows are sealed": {func(*testing.T, string) {}, 3, "seal.key_missing"},
		"others may read it": {func(t *testing.T, path string) {
			sealer(t, path, 0)
			if err := os.Chmod(path, 0o640); err != nil {
				t.Fatal(err)
			}
		}, 1, "seal.key_exposed"},
		"others may write it": {func(t *testing.T, path string) {
			sealer(t, path, 0)
			if err := os.Chmod(path, 0o602); err != nil {
				t.Fatal(err)
			}
		}, 1, "seal.key_exposed"},
		"it holds something else": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(`{"key": "none"}`), 0o600); err != nil {
				t.Fatal(err)
			}
		}, 1, "seal.key_damaged"},
		"it is empty": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, 0, "seal.key_damaged"},
		"it was cut off": {func(t *testing.T, path string) {
			sealer(t, path, 0)
			if err := os.Truncate(path, 60); err != nil {
				t.Fatal(err)
			}
		}, 1, "seal.key_damaged"},
		"it is a folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, 1, "seal.key_unreadable"},
		"its folder is missing": {func(t *testing.T, path string) {
			if err := os.Remove(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}, 0, "seal.key_unwritable"},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keys", "key")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			s.prepare(t, path)
			before, _ := os.ReadFile(path)
			_, err := seal.OpenKeyFile(path, s.sealedRows)
			refusedWith(t, err, s.want)
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the refused file was changed")
			}
		})
	}
}

func TestAnotherKeyOpensNothing(t *testing.T) {
	dir := t.TempDir()
	sealed, err := sealer(t, filepath.Join(dir, "one"), 0).Seal(seal.FromString(canary), place)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sealer(t, filepath.Join(dir, "two"), 0).Open(sealed, place)
	refusedWith(t, err, "seal.wrong_key")
}

func FuzzOpenTakesNothingForASecret(f *testing.F) {
	s, err := seal.OpenKeyFile(filepath.Join(f.TempDir(), "key"), 0)
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := s.Seal(seal.FromString(canary), place)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, in []byte) {
		if got, err := s.Open(in, place); err == nil && !bytes.Equal(in, sealed) {
			t.Errorf("%x opened as %d bytes", in, len(revealed(got)))
		}
	})
}

func revealed(s seal.Secret) (out string) {
	s.Reveal(func(plain []byte) { out = string(plain) })
	return out
}
