package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// File keeps the newest checkpoint in a file, and beside it, with .vkey after its name,
// the key that others check its signature with.
type File string

// Held gives the checkpoint in the file; "" when there is no file.
func (f File) Held() (string, error) {
	raw, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the checkpoint file: %w", err)
	}
	return string(raw), nil
}

// Hold writes the key and then the checkpoint, each whole or not at all.
func (f File) Hold(checkpoint, key string) error {
	vkey := string(f) + ".vkey"
	if before, err := os.ReadFile(vkey); err != nil || string(before) != key+"\n" {
		if err := writeWhole(vkey, key+"\n"); err != nil {
			return fmt.Errorf("writing the key of the checkpoint file: %w", err)
		}
	}
	if err := writeWhole(string(f), checkpoint); err != nil {
		return fmt.Errorf("writing the checkpoint file: %w", err)
	}
	return nil
}

// writeWhole puts a text on disk in the place of what is there; everybody may read it.
func writeWhole(path, text string) error {
	w, err := os.CreateTemp(filepath.Dir(path), ".checkpoint-*")
	if err != nil {
		return err
	}
	defer os.Remove(w.Name()) // after the rename it is gone
	_, err = w.WriteString(text)
	if err == nil {
		err = w.Chmod(0o644)
	}
	if err == nil {
		err = w.Sync()
	}
	if err = errors.Join(err, w.Close()); err == nil {
		err = os.Rename(w.Name(), path)
	}
	if err != nil || runtime.GOOS == "windows" {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
