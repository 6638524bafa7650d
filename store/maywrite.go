package store

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// MayWrite refuses a database in a file that this process could read and not work on.
// It changes nothing, and says nothing of a server's.
func MayWrite(o Options) error {
	if o.URL != "" {
		return nil
	}
	file := Resolve(o.Path)
	for _, name := range []string{file, filepath.Dir(file)} {
		if err := writable(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return problem("read_only", o.Path, err)
		}
	}
	return nil
}
