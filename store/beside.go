package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"

	"github.com/graphwarden/graphwarden"
)

// OpenBeside opens a database to be read, whether or not a process works on it. It
// changes nothing in it, also not its schema: one that an older version made is
// refused, unless older is allowed. Update returns ErrClosed.
func OpenBeside(ctx context.Context, o Options, older bool) (*Store, error) {
	s := &Store{Options: o.withDefaults(), once: true}
	err := s.openBeside(ctx, older)
	if err != nil {
		for _, f := range s.closing {
			_ = f() // what was wrong is already known
		}
		return nil, s.refuse(err)
	}
	return s, nil
}

func (s *Store) openBeside(ctx context.Context, older bool) error {
	reads, err := s.besideReads(ctx)
	if err != nil {
		return err
	}
	s.reads = &statements{on: reads, engine: s.engine}
	s.pooled = reads
	s.writer = newWriter(nil, nil, s)
	s.writer.close()
	s.closing = append([]func() error{s.reads.close}, s.closing...)
	list, err := readMigrations()
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, reads)
	switch {
	case err != nil:
		return s.missing(err)
	case version > len(list):
		return s.problem("newer", fmt.Errorf("schema version %d, newest known %d", version, len(list)))
	case version < len(list) && !older:
		return s.problem("older", fmt.Errorf("schema version %d, this program's is %d", version, len(list)))
	}
	_, err = s.reads.row(ctx, `SELECT id FROM identity`, nil, &s.id)
	return err
}

// missing makes a refusal of a database that has no schema of ours.
func (s *Store) missing(err error) error {
	if s.engine.problem(err) == "" {
		return s.problem("not_a_database", err)
	}
	return err
}

// besideReads gives the pool to read from.
func (s *Store) besideReads(ctx context.Context) (*sql.DB, error) {
	connections := max(4, runtime.GOMAXPROCS(0))
	if s.URL == "" {
		s.onFile()
		switch header, err := readHeader(s.Path, os.O_RDONLY); {
		case header == nil && err == nil:
			return nil, s.absent()
		default:
			if err := s.placeAs(os.O_RDONLY); err != nil {
				return nil, err
			}
		}
		return s.readable(ctx, connections, readerCache)
	}
	e := postgres{shown: Shown(s.URL)}
	s.engine = e
	config, err := s.server()
	if err != nil {
		return nil, err
	}
	e.tls = config.TLSConfig != nil
	s.engine = e
	return s.pool(config, connections, `SET default_transaction_read_only = on`), nil
}

// readable opens a file to be read. A copy that lies where this user may write
// nothing is read as it is: SQLite would want its files beside it, which it needs
// only where somebody writes, and whoever does has them there. A log that lies there
// stays there: it may be of a server whose file was replaced by this one.
func (s *Store) readable(ctx context.Context, connections, cache int) (*sql.DB, error) {
	_, err := os.Lstat(s.Path + "-wal")
	s.leaveLog = err == nil
	open := func() (*sql.DB, error) {
		return s.connectAs("deferred", connections, "query_only(1)", fmt.Sprintf("cache_size(-%d)", cache))
	}
	db, err := open()
	if err != nil {
		return nil, err
	}
	if _, err := schemaVersion(ctx, db); err == nil || !slices.Contains([]string{"read_only", "unopenable"}, s.engine.problem(err)) || !s.copied() {
		return db, nil // what else is wrong, the first query says
	}
	s.frozen = true
	return open()
}

// copied says whether none of the files lies beside the database that it has while
// somebody works on it, or that hold a part of it after a crash.
func (s *Store) copied() bool {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(s.Path + suffix); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// absent refuses a file that is not there, or in which nothing is.
func (s *Store) absent() error {
	r := &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "storage.absent",
		Say: fmt.Sprintf("There is no database %s.", s.Path), Do: "Correct the path in the configuration, or start the server, which makes it."}
	if s.Flag != "" {
		r.Do = "Name the file of a database, or a backup, with " + s.Flag + "."
	}
	if _, err := os.Stat(s.Path); err == nil {
		r.Say = fmt.Sprintf("The file %s is empty: there is no database in it.", s.Path)
	}
	return r
}

// snapshot gives a transaction that sees the database as it is now, whatever is
// written meanwhile.
func (s *Store) snapshot(ctx context.Context) (*sql.Tx, error) {
	o := &sql.TxOptions{ReadOnly: true}
	if s.URL != "" {
		o.Isolation = sql.LevelRepeatableRead
	}
	return s.pooled.BeginTx(ctx, o)
}
