package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"

	"github.com/graphwarden/graphwarden"
)

// OpenBeside opens a database to be read, whether or not a process works on it. It
// changes nothing in it, also not its schema: one that an older version made is
// refused, unless older is allowed. Update returns ErrClosed.
func OpenBeside(ctx context.Context, o Options, older bool) (*Store, error) {
	s := &Store{Options: o.withDefaults()}
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
	reads, err := s.besideReads()
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
func (s *Store) besideReads() (*sql.DB, error) {
	connections := max(4, runtime.GOMAXPROCS(0))
	if s.URL == "" {
		s.engine = sqlite{path: s.Path, room: s.Room}
		switch header, err := readHeader(s.Path); {
		case header == nil && err == nil:
			return nil, s.absent()
		default:
			if err := s.place(); err != nil {
				return nil, err
			}
		}
		return s.connectAs("deferred", connections, "query_only(1)", fmt.Sprintf("cache_size(-%d)", readerCache))
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

// absent refuses a file that is not there.
func (s *Store) absent() error {
	return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "storage.absent",
		Say: fmt.Sprintf("There is no database %s.", s.Path), Do: "Name the one that the configuration names."}
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
