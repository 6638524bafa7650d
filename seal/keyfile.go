package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/graphwarden/graphwarden"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// OpenKeyFile reads the key file, a Tink keyset in JSON that lives outside the
// database and its backups. Where there is none yet it is made, readable by its
// owner only, unless the database already holds sealed rows: a new key would
// open none of them. Refusals are of kind Storage, with the codes
// seal.key_missing, seal.key_exposed, seal.key_damaged and seal.key_unreadable.
func OpenKeyFile(path string, sealedRows int) (*Sealer, error) {
	ring, err := openKeyring(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && sealedRows == 0:
		return makeKeyFile(path)
	case errors.Is(err, fs.ErrNotExist):
		return nil, refuseKey("seal.key_missing", err,
			fmt.Sprintf("The key file %s is missing, and the database holds %d secrets sealed with it.", path, sealedRows),
			"Put the key file back from its own backup. Where it is lost, run graphwarden key create, and connect each registration anew.")
	case err != nil:
		return nil, err
	}
	return &Sealer{path: path, ring: ring}, nil
}

// readKeyFile gives the file's bytes, once sure that only its owner can read it.
func readKeyFile(path string) ([]byte, os.FileInfo, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if err != nil {
		return nil, nil, unreadable(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, unreadable(path, err)
	}
	// Windows has no such bits: os reports 0666 for every writable file there.
	if exposed := info.Mode().Perm() & 0o077; exposed != 0 && runtime.GOOS != "windows" {
		return nil, nil, refuseKey("seal.key_exposed", nil,
			fmt.Sprintf("The key file %s can be read or written by others (mode %04o).", path, info.Mode().Perm()),
			fmt.Sprintf("Run: chmod 600 %s, and renew the key if somebody may have read it.", path))
	}
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(f); err != nil {
		return nil, nil, unreadable(path, err)
	}
	return raw.Bytes(), info, nil
}

// makeKeyFile writes a new key beside its final name and links it there, so that
// a crash leaves a whole file or none, and a file that appeared meanwhile is
// never overwritten.
func makeKeyFile(path string) (*Sealer, error) {
	keys, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	var raw bytes.Buffer
	if err := insecurecleartextkeyset.Write(keys, keyset.NewJSONWriter(&raw)); err != nil {
		return nil, fmt.Errorf("writing a key as JSON: %w", err)
	}
	defer clear(raw.Bytes())
	// Another process may have made it meanwhile: then its key is the one.
	if err := writeOnce(path, raw.Bytes()); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, unwritable(path, err)
	}
	ring, err := openKeyring(path)
	if err != nil {
		return nil, err
	}
	return &Sealer{path: path, ring: ring}, nil
}

// writeOnce puts content on disk under a name that must not exist yet.
func writeOnce(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a new name durable; systems that cannot sync a folder (such
// as Windows) write names through.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if runtime.GOOS == "windows" {
		return nil
	}
	return d.Sync()
}

func unreadable(path string, err error) error {
	return refuseKey("seal.key_unreadable", err,
		fmt.Sprintf("The key file %s cannot be read.", path), "Let this user read it: it must own the file.")
}

func damaged(path string, err error) error {
	return refuseKey("seal.key_damaged", err,
		fmt.Sprintf("The key file %s is not a key file, or it is damaged.", path), "Put it back from its own backup.")
}

func refuseKey(code string, cause error, say, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Storage, Code: code, Say: say, Do: do, Cause: cause}
}
