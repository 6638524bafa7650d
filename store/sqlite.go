package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// sqlite is the engine of a file. Its words are those the store's SQL is in.
type sqlite struct {
	path   string
	called string // what it is called where it has another name for now; "" is path
	room   func(folder string) error
	// relaxed says that the connection that writes does not wait for the disk now; nil
	// where there is none.
	relaxed *bool
}

func (e sqlite) name() string                            { return cmp.Or(e.called, e.path) }
func (e sqlite) translate(query string) string           { return query }
func (e sqlite) values(args []any) []any                 { return args }
func (e sqlite) arrays() bool                            { return false }
func (e sqlite) prepares() bool                          { return true }
func (e sqlite) schema(m migration) (string, error)      { return m.sql, nil }
func (e sqlite) lock(_ context.Context, _ *sql.Tx) error { return nil } // one process has the file
func (e sqlite) reconnects() bool                        { return false }
func (e sqlite) patience() time.Duration                 { return 0 }

// begin sets before the transaction whether its commit waits, which within one SQLite
// refuses (https://sqlite.org/pragma.html#pragma_synchronous). NORMAL in place of FULL
// leaves out the sync of the log after a commit, and nothing else: what is copied into
// the file was synced before, and what is lost with the power are the last commits.
func (e sqlite) begin(ctx context.Context, conn *sql.Conn, synced bool) (ending, error) {
	if e.relaxed != nil && *e.relaxed == synced {
		level := "NORMAL"
		if synced {
			level = "FULL"
		}
		if _, err := conn.ExecContext(ctx, `PRAGMA synchronous = `+level); err != nil {
			return sqliteEnding{}, fmt.Errorf("setting whether a commit waits for the disk: %w", err)
		}
		*e.relaxed = !synced
	}
	tx, err := conn.BeginTx(ctx, nil)
	return sqliteEnding{tx}, err
}

func (e sqlite) savepoint(anew bool) []string {
	if anew {
		return []string{`RELEASE job`, `SAVEPOINT job`}
	}
	return []string{`SAVEPOINT job`}
}

// sqliteEnding has nobody to tell: one process has the file.
type sqliteEnding struct{ tx *sql.Tx }

func (e sqliteEnding) commit([]string) error { return e.tx.Commit() }
func (e sqliteEnding) rollback() error       { return e.tx.Rollback() }

// harm takes every error but a constraint's for the end of the transaction:
// SQLite may have rolled it back (https://sqlite.org/lang_transaction.html,
// "Response To Errors Within A Transaction"), and a statement after that would
// commit by itself.
func (e sqlite) harm(_ *sql.Conn, err error) harm {
	var code sqlite3.ErrorCode
	if errors.As(err, &code) && code != sqlite3.CONSTRAINT {
		return whole
	}
	return none
}

// problem names the problem behind an SQLite result code
// (https://sqlite.org/rescode.html).
func (e sqlite) problem(err error) string {
	var code sqlite3.ErrorCode
	if !errors.As(err, &code) {
		return ""
	}
	if e.noRoom(err) {
		return "full"
	}
	switch code {
	case sqlite3.NOTADB:
		return "not_a_database"
	case sqlite3.CORRUPT:
		return "damaged"
	case sqlite3.READONLY:
		return "read_only"
	case sqlite3.CANTOPEN, sqlite3.PERM, sqlite3.AUTH:
		return "unopenable"
	case sqlite3.FULL:
		return "full"
	case sqlite3.BUSY, sqlite3.LOCKED, sqlite3.PROTOCOL:
		return "busy"
	case sqlite3.IOERR, sqlite3.NOMEM:
		return "disk"
	}
	return ""
}

// noRoom says whether an error of reading and writing is a full disk. SQLite has
// no code of its own for that in the file of shared memory, and a write that was
// cut short it reports like one that failed; then the disk is asked for room.
func (e sqlite) noRoom(err error) bool {
	if errors.Is(err, sqlite3.IOERR_SHMSIZE) || errors.Is(err, sqlite3.IOERR_SHMMAP) || errors.Is(err, syscall.ENOSPC) {
		return true
	}
	return errors.Is(err, sqlite3.IOERR_WRITE) && errors.Is(e.room(filepath.Dir(e.path)), syscall.ENOSPC)
}

// hasRoom is the refusal of a disk that is full; what else keeps a file from being
// made there is none of the database's.
func (e sqlite) hasRoom() error {
	if err := e.room(filepath.Dir(e.path)); errors.Is(err, syscall.ENOSPC) {
		return problem("full", e.path, err)
	}
	return nil
}

// private makes a database's file that only its user reads: it holds what stands in
// mailboxes. One that is there keeps the rights that it was given.
func private(path string) {
	if f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		_ = f.Close()
	} // else it is there, or SQLite says what is wrong
}

// room writes as much into a folder as a database needs to go on, and takes it
// away again.
func room(folder string) error {
	f, err := os.CreateTemp(folder, ".room-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, roomAsked))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// roomAsked is less than a database needs to go on.
const roomAsked = 256 << 10
