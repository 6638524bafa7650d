package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Manifest says what a backup holds, as it was written into it.
type Manifest struct {
	Database string    // what it was made of, without secrets
	ID       string    // of that database
	Made     time.Time // when it was begun: it holds everything confirmed before
	Version  int       // of the schema
	Rows     int64
	Changes  int64 // how many it has
	Entries  int64 // the number of the ledger's last entry
	Bytes    int64 // of the file
}

// Backup writes a copy of the database, as it is at one moment, into a new file,
// reads it back and compares. Work on the database goes on meanwhile. The copy is
// an SQLite database whatever the engine, and holds no key: its sealed rows are
// worthless without the key file. A file that exists is not overwritten, and one
// that is there is whole. Where the database can be written, it remembers when
// this was done.
func (s *Store) Backup(ctx context.Context, to string) (Manifest, error) {
	if err := free(to); err != nil {
		return Manifest{}, err
	}
	partial := to + ".partial"
	if err := remove(partial); err != nil {
		return Manifest{}, problem("unopenable", to, err)
	}
	m, err := s.backup(ctx, partial, to)
	if err == nil {
		err = settle(partial, to)
	}
	if err != nil {
		return Manifest{}, errors.Join(err, remove(partial))
	}
	info, err := os.Stat(to)
	if err != nil {
		return Manifest{}, problem("unopenable", to, err)
	}
	m.Bytes = info.Size()
	if err := s.noteBeside(ctx, m, to); err != nil {
		s.Log.Warn("the backup is whole; the database could not be told of it", "reason", err)
	}
	return m, nil
}

// RehearseBackup refuses what Backup would, as far as that is known without writing: it
// looks where the file is to be, and reads all that it would hold.
func (s *Store) RehearseBackup(ctx context.Context, path string) error {
	if err := free(path); err != nil {
		return err
	}
	to := aBackup(Options{Path: path + ".partial", Now: s.Now}, path)
	if err := to.place(); err != nil {
		return err
	}
	if err := to.mayMake(); err != nil {
		return err
	}
	snapshot, err := s.snapshot(ctx)
	if err != nil {
		return s.refuse(err)
	}
	defer snapshot.Rollback() // it only reads
	_, err = s.tallies(ctx, snapshot)
	return err
}

// mayMake refuses a file that this process may not make, as far as can be asked.
func (s *Store) mayMake() error {
	if err := writable(filepath.Dir(s.Path)); err != nil {
		return s.problem("unopenable", err)
	}
	return nil
}

// aBackup is a file that is to become a backup, with what it is to be called then.
func aBackup(o Options, called string) *Store {
	o.Flag = "--to"
	to := &Store{Options: o.withDefaults(), once: true, noun: "backup"}
	to.engine = sqlite{path: o.Path, called: called, room: to.Room}
	return to
}

// backup fills a file that is to be called final.
func (s *Store) backup(ctx context.Context, file, final string) (m Manifest, err error) {
	to := aBackup(Options{Path: file, Now: s.Now}, final)
	defer func() {
		for _, f := range to.closing {
			err = errors.Join(err, f())
		}
	}()
	if err := to.place(); err != nil {
		return m, err
	}
	db, err := to.connect(1, fmt.Sprintf("page_size(%d)", pageSize), fmt.Sprintf("application_id(%d)", applicationID),
		"journal_mode(off)", "synchronous(off)", fmt.Sprintf("cache_size(-%d)", writerCache))
	if err != nil {
		return m, to.refuse(err)
	}
	snapshot, err := s.snapshot(ctx)
	if err != nil {
		return m, s.refuse(err)
	}
	defer snapshot.Rollback() // it only reads
	if m, err = s.about(ctx, snapshot); err != nil {
		return m, s.refuse(fmt.Errorf("reading what is to be backed up: %w", err))
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return m, to.refuse(err)
	}
	defer tx.Rollback() // after Commit it does nothing
	held, err := s.copyTo(ctx, snapshot, to, sqliteTarget{tx}, tx, m.Version)
	if err != nil {
		return m, err
	}
	m.Rows, m.Changes = held.rows(), held.sums["changes"].rows
	if err := writeManifest(ctx, tx, m, held.sums); err != nil {
		return m, to.refuse(err)
	}
	if err := tx.Commit(); err != nil {
		return m, to.refuse(err)
	}
	return m, to.compare(ctx, db, held)
}

// about says what a snapshot holds.
func (s *Store) about(ctx context.Context, snapshot *sql.Tx) (Manifest, error) {
	m := Manifest{Database: s.engine.name(), Made: s.Now().UTC().Truncate(time.Microsecond)}
	err := snapshot.QueryRowContext(ctx, `SELECT (SELECT max(version) FROM schema_migrations), (SELECT id FROM identity),
(SELECT coalesce(max(seq), 0) FROM entries)`).
		Scan(&m.Version, &m.ID, &m.Entries)
	return m, err
}

// content is what a database holds: its tables, each after those that it needs,
// and their tallies by name.
type content struct {
	tables []table
	sums   map[string]tally
}

func (c content) rows() (n int64) {
	for _, sum := range c.sums {
		n += sum.rows
	}
	return n
}

// copyTo copies all tables of a schema version into an empty database, whose
// schema it makes in the transaction that it is given.
func (s *Store) copyTo(ctx context.Context, from querier, to *Store, into target, tx *sql.Tx, version int) (content, error) {
	tables, err := to.schemaIn(ctx, tx, version)
	if err != nil {
		return content{}, to.refuse(fmt.Errorf("making the schema: %w", err))
	}
	all := content{tables, map[string]tally{}}
	for _, t := range tables {
		var read, wrote error // what is wrong with the one is not blamed on the other
		sum, err := t.read(ctx, from, func(next func() ([]any, error)) error {
			wrote = into.put(ctx, t, func() (row []any, err error) {
				row, read = next()
				return row, read
			})
			return wrote
		})
		switch {
		case read != nil:
			return content{}, s.refuse(fmt.Errorf("reading the table %s: %w", t.name, read))
		case wrote != nil:
			return content{}, to.refuse(fmt.Errorf("copying the table %s: %w", t.name, wrote))
		case err != nil:
			return content{}, s.refuse(fmt.Errorf("copying the table %s: %w", t.name, err))
		}
		all.sums[t.name] = sum
	}
	return all, nil
}

// schemaIn makes the schema of a version without its first rows, and lists its
// tables.
func (s *Store) schemaIn(ctx context.Context, tx *sql.Tx, version int) ([]table, error) {
	list, err := readMigrations()
	if err != nil {
		return nil, err
	}
	text, err := s.engine.schema(migration{sql: migrationsTable})
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return nil, err
	}
	if err := s.applyIn(ctx, tx, list[:version]...); err != nil {
		return nil, err
	}
	tables, err := knownTables(ctx, version)
	if err != nil {
		return nil, err
	}
	for i := range tables {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+tables[len(tables)-1-i].name); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// knownTables lists the tables of a schema version, whatever the engine: it asks
// an SQLite database that is made for it and forgotten.
func knownTables(ctx context.Context, version int) ([]table, error) {
	db, err := sql.Open("sqlite3", "file::memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	list, err := readMigrations()
	if err != nil {
		return nil, err
	}
	for _, m := range list[:version] {
		if _, err := db.ExecContext(ctx, m.sql); err != nil {
			return nil, err
		}
	}
	return tablesOf(ctx, db)
}

// compare reads a database again and refuses one that does not hold what it
// should.
func (s *Store) compare(ctx context.Context, q querier, want content) error {
	for _, t := range want.tables {
		got, err := t.read(ctx, q, drain)
		if err != nil {
			return s.refuse(fmt.Errorf("reading the table %s again: %w", t.name, err))
		}
		if wanted := want.sums[t.name]; got != wanted {
			return s.problem("differs", fmt.Errorf("the table %s holds %d rows where %d were written, or others", t.name, got.rows, wanted.rows))
		}
	}
	return nil
}

// free refuses to overwrite.
func free(path string) error {
	switch _, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return problem("unopenable", path, err)
	}
	return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "storage.exists",
		Say: fmt.Sprintf("%s exists, and is not overwritten.", path), Do: "Name another file, or move this one away."}
}

// remove removes a file that may not be there.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// settle gives a file that is whole its name, and both to the disk.
func settle(partial, to string) error {
	f, err := os.OpenFile(partial, os.O_RDWR, 0)
	if err != nil {
		return problem("unopenable", to, err)
	}
	err = errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Link(partial, to) // unlike a rename, it overwrites nothing
	}
	if err == nil {
		err = remove(partial)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(to))
	}
	if err != nil {
		return problem("unopenable", to, err)
	}
	return nil
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
