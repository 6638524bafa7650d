package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver" // it registers itself with database/sql as "sqlite3", too
)

// Settings of the file and its connections. Items are a few kilobytes: on pages
// of 16 kB several share one and a third less is written than on 4 kB; a log of
// 4,000 pages (64 MB) lets a page that changes often be copied back seldom. Caches
// are memory that an idle server keeps for good; the operating system has the
// pages at hand anyway, and more cache did not make a first sync cheaper
// (measured).
const (
	pageSize    = 16 << 10
	logPages    = 4000
	writerCache = 16 << 10 // KiB
	readerCache = 2 << 10  // KiB, for each connection
)

// Open opens the database, making or migrating it as needed. What is wrong with
// it comes back as a Refusal of kind Storage, whose codes are in problem.go; in
// none of these cases is anything in the file lost.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{Options: o.withDefaults(), once: true} // what is wrong at start, it is not open
	open := s.openFile
	if o.URL != "" {
		open = s.openServer
	}
	if err := open(ctx); err != nil {
		for _, f := range s.closing {
			_ = f() // what was wrong is already known
		}
		return nil, s.refuse(err)
	}
	s.once = false
	return s, nil
}

// openFile opens an SQLite file.
func (s *Store) openFile(ctx context.Context) error {
	s.onFile()
	if err := s.unsettle(); err != nil {
		return err
	}
	if err := s.place(); err != nil {
		return err
	}
	if err := s.own(ctx); err != nil {
		return err
	}
	db, err := s.connect(1, fmt.Sprintf("page_size(%d)", pageSize), fmt.Sprintf("application_id(%d)", applicationID),
		"journal_mode(wal)", "synchronous(full)", "fullfsync(1)", "foreign_keys(1)",
		fmt.Sprintf("wal_autocheckpoint(%d)", logPages), fmt.Sprintf("journal_size_limit(%d)", logPages*pageSize),
		fmt.Sprintf("cache_size(-%d)", writerCache))
	if err != nil {
		return err
	}
	if err := s.check(ctx, db); err != nil {
		return err
	}
	if err := s.greet(ctx, db); err != nil {
		return err
	}
	if err := s.alone(ctx, db, func(tx *sql.Tx) error { return s.release(ctx, tx) }); err != nil {
		return err
	}
	if s.file, err = os.Stat(s.Path); err != nil {
		return err
	}
	reads, err := s.connect(max(4, runtime.GOMAXPROCS(0)), "query_only(1)", fmt.Sprintf("cache_size(-%d)", readerCache))
	if err != nil {
		return err
	}
	return s.work(ctx, db, reads)
}

// greet brings a database up to date and writes that it was opened.
func (s *Store) greet(ctx context.Context, db *sql.DB) error {
	if err := s.migrate(ctx, db); err != nil {
		return err
	}
	return s.alone(ctx, db, func(tx *sql.Tx) error { return s.identify(ctx, tx) })
}

// work begins to read and write.
func (s *Store) work(ctx context.Context, writes, reads *sql.DB) error {
	conn, err := writes.Conn(ctx)
	if err != nil {
		return fmt.Errorf("taking the connection that writes: %w", err)
	}
	s.reads, s.pooled = &statements{on: reads, engine: s.engine}, reads
	s.writer = newWriter(writes, conn, s)
	s.closing = append([]func() error{s.reads.close, s.writer.release}, s.closing...)
	return nil
}

// own keeps a second Graphwarden off the file for as long as this process lives:
// an empty database beside it, locked by a transaction that never ends. The lock
// is the operating system's, so it ends with the process, however that ends.
func (s *Store) own(ctx context.Context) error {
	db, err := sql.Open("sqlite3", s.uri(s.Path+"-owner", "_txlock", "immediate", "_pragma", "busy_timeout(0)"))
	if err != nil {
		return fmt.Errorf("opening the owner's lock: %w", err)
	}
	s.closing = append(s.closing, db.Close)
	// Not ctx: the transaction outlives Open, and a cancelled one would end it.
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	switch {
	case errors.Is(err, sqlite3.BUSY):
		return s.problem("owned", err)
	case errors.Is(err, sqlite3.CANTOPEN):
		return s.problem("read_only", err)
	case err != nil:
		return fmt.Errorf("taking the owner's lock: %w", err)
	}
	s.closing = append([]func() error{tx.Rollback}, s.closing...)
	return nil
}

// connect opens a pool on the database; what it opened is closed by Close, the
// last first.
func (s *Store) connect(connections int, pragmas ...string) (*sql.DB, error) {
	return s.connectAs("immediate", connections, pragmas...)
}

func (s *Store) connectAs(lock string, connections int, pragmas ...string) (*sql.DB, error) {
	params := []string{"_txlock", lock,
		"_pragma", fmt.Sprintf("busy_timeout(%d)", s.LockWait.Milliseconds()), "_pragma", "temp_store(memory)"}
	for _, p := range pragmas {
		params = append(params, "_pragma", p)
	}
	switch {
	case s.frozen:
		params = append(params, "immutable", "1", "mode", "ro")
	case s.FileSystem == "":
		private(s.Path)
		params = append(params, "modeof", s.Path) // the log beside it has its rights
	}
	db, err := driver.Open(s.uri(s.Path, params...), func(c *sqlite3.Conn) error {
		if !s.leaveLog {
			return nil
		}
		_, err := c.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	s.closing = append([]func() error{db.Close}, s.closing...)
	return db, nil
}

// uri names a file for SQLite (https://sqlite.org/uri.html).
func (s *Store) uri(path string, params ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		q.Add(params[i], params[i+1])
	}
	if s.FileSystem != "" {
		q.Set("vfs", s.FileSystem)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}
	return u.String()
}

// check reads through the file for damage, for a bounded time.
func (s *Store) check(ctx context.Context, db *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, s.CheckFor)
	defer cancel()
	var found string
	err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		s.Log.Warn("the database is too large to be checked at start", "path", s.Path, "waited", s.CheckFor)
		return nil
	case err != nil:
		return fmt.Errorf("checking the database: %w", err)
	case found != "ok":
		return s.problem("damaged", errors.New(found))
	}
	return nil
}

// release frees the feeds and duties that a process held which is gone: who has
// the file is alone, so that nothing waits for a lease to run out.
func (s *Store) release(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM leases`)
	if err == nil { // who looked for them is gone; one that was put off is looked for early
		_, err = tx.ExecContext(ctx, `UPDATE removals SET holder = '', due_at = ?1 WHERE due_at > ?1`, micros(s.Now()))
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE intents SET due_at = ?1 WHERE holder <> '' AND state = 'open'`, micros(s.Now()))
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM holds`)
	}
	if err != nil {
		return fmt.Errorf("freeing what a process held that is gone: %w", err)
	}
	return nil
}

// identify reads the database's id, giving a new one its own, and writes that it
// was opened: a database that cannot be written is found out now, not later.
func (s *Store) identify(ctx context.Context, tx *sql.Tx) error {
	now := micros(s.Now())
	err := tx.QueryRowContext(ctx, `SELECT id FROM identity`).Scan(&s.id)
	if errors.Is(err, sql.ErrNoRows) {
		var random [8]byte
		if _, err := io.ReadFull(s.Random, random[:]); err != nil {
			return fmt.Errorf("reading random bytes: %w", err)
		}
		s.id = hex.EncodeToString(random[:])
		_, err = tx.ExecContext(ctx, s.engine.translate(`INSERT INTO identity (id, made_at, opened_at) VALUES (?, ?, ?)`), s.id, now, now)
	} else if err == nil {
		_, err = tx.ExecContext(ctx, s.engine.translate(`UPDATE identity SET opened_at = ?`), now)
	}
	if err != nil {
		return fmt.Errorf("writing that the database was opened: %w", err)
	}
	return nil
}
