package assemble

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
)

// tableName is the file beside the configuration that holds a newer table of
// Microsoft's permissions than the program came with; beforeName is the one that it
// replaced.
const (
	tableName  = "graphwarden.catalog.gz"
	beforeName = "graphwarden.catalog.before.gz"
)

// largestTable bounds what is read of the file: ten times the present one.
const largestTable = 4 << 20

// TableFile is where a newer table is kept for a configuration file.
func TableFile(config string) string { return filepath.Join(filepath.Dir(config), tableName) }

// Table is Microsoft's permission table as this configuration knows it.
func (c *Config) Table() *catalog.Catalog {
	if c.table == nil {
		return catalog.Load()
	}
	return c.table
}

// By is the configuration as another table has it.
func (c *Config) By(table *catalog.Catalog) *Config {
	other := *c
	other.table = table
	return &other
}

// KeptTable reads the table that is kept beside a configuration file; nil where none
// is. One that is damaged is no reason to go on with an older one: what the flows need
// would change without anybody having said so.
func KeptTable(config string) (*catalog.Catalog, error) {
	file := TableFile(config)
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && info.Size() > largestTable {
		err = fmt.Errorf("it has %d bytes", info.Size())
	}
	var raw []byte
	if err == nil {
		raw, err = os.ReadFile(file)
	}
	var table *catalog.Catalog
	if err == nil {
		table, err = catalog.From(raw)
	}
	if err != nil {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "catalog.damaged", Cause: err,
			Say: fmt.Sprintf("The permission table %s cannot be read.", file),
			Do:  "Take it back with graphwarden catalog undo, or update it anew."}
	}
	return table, nil
}

// KeepTable puts a table beside a configuration file, for whatever reads that file from
// then on, and keeps the one before for ForgetTable. A crash leaves the old one or the
// new one.
func KeepTable(config string, table *catalog.Catalog) error {
	file := TableFile(config)
	if _, err := os.Stat(file); err == nil {
		if err := replace(file, filepath.Join(filepath.Dir(file), beforeName)); err != nil {
			return unkept(file, err)
		}
	}
	packed, err := table.Packed()
	if err == nil {
		err = written(file, packed)
	}
	if err != nil {
		return unkept(file, err)
	}
	return nil
}

// ForgetTable undoes KeepTable: the table before comes back, that of the program where
// there is none. False means that there is nothing to undo.
func ForgetTable(config string) (bool, error) {
	file := TableFile(config)
	before := filepath.Join(filepath.Dir(file), beforeName)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	err := os.Rename(before, file)
	if errors.Is(err, fs.ErrNotExist) {
		err = os.Remove(file)
	}
	if err != nil {
		return false, unkept(file, err)
	}
	return true, nil
}

func unkept(file string, err error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "catalog.unwritable", Cause: err,
		Say: fmt.Sprintf("The permission table cannot be kept as %s: %v.", file, err),
		Do:  "Run it as a user who may write in the folder of the configuration."}
}

// replace makes a second name of a file the file's content, in one step.
func replace(from, to string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return written(to, raw)
}

// written writes a file whole or not at all.
func written(file string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
