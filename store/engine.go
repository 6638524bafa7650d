package store

import (
	"context"
	"database/sql"
	"time"
)

// engine is what SQLite and PostgreSQL do differently. The store's SQL is written
// once, in words that both understand; an engine knows what is left.
type engine interface {
	// name is what a person calls the database by; it holds no password.
	name() string
	// translate puts a query into the engine's words.
	translate(query string) string
	// values puts a query's arguments into the engine's words.
	values(args []any) []any
	// prepares says whether the store prepares queries itself.
	prepares() bool
	// arrays says whether many rows go over in one statement as arrays.
	arrays() bool
	// schema puts a migration into the engine's words.
	schema(m migration) (string, error)
	// lock keeps the migrations of other processes out for as long as tx lasts.
	lock(ctx context.Context, tx *sql.Tx) error
	// begin starts a transaction on the connection that writes. Its commit waits for the
	// disk if it is synced.
	begin(ctx context.Context, conn *sql.Conn, synced bool) (ending, error)
	// savepoint says how a savepoint named job is made, and how in place of an
	// older one.
	savepoint(anew bool) []string
	// harm says what an error leaves of the transaction on conn.
	harm(conn *sql.Conn, err error) harm
	// reconnects says whether a connection that broke is replaced.
	reconnects() bool
	// patience is how long one update may take; 0 is for ever.
	patience() time.Duration
	// hasRoom is the refusal of a disk that is full, as far as this program can see it.
	hasRoom() error
	// problem names the problem behind an error: a code of problems(), or "" when
	// it is none of the database's.
	problem(err error) string
}

// ending is how a transaction ends.
type ending interface {
	// commit makes the work last; other processes are told what it touched.
	commit(touched []string) error
	rollback() error
}

// harm is what an error did to the transaction that it happened in.
type harm int

const (
	none  harm = iota // what came before it stands, and the work may go on
	part              // nothing more can be done until the savepoint, or all, is taken back
	whole             // nothing of the transaction happened
)
