package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// postgres is the engine of a PostgreSQL server that many processes share. One
// transaction writes at a time in the whole cluster: each takes an advisory lock
// first, so that numbers are given out and seen in order, as on SQLite.
type postgres struct {
	shown string        // the URL without secrets
	self  string        // this process, among those that listen
	tls   bool          // the URL wants it
	wait  time.Duration // how long an update may take
}

// Of the cluster.
const (
	// writeLock is the advisory lock that a transaction holds while it writes:
	// "GWRD", as a file of ours begins.
	writeLock = applicationID
	// channel is where processes tell each other what they have written.
	channel = "graphwarden"
)

func (e postgres) name() string            { return e.shown }
func (e postgres) arrays() bool            { return true }
func (e postgres) prepares() bool          { return false } // the driver does, and notices when a plan grows old
func (e postgres) reconnects() bool        { return true }
func (e postgres) hasRoom() error          { return nil } // the server says it of each write
func (e postgres) patience() time.Duration { return e.wait }

// translate numbers placeholders: ? becomes $1, and ?2 becomes $2.
func (e postgres) translate(query string) string {
	if !strings.Contains(query, "?") {
		return query
	}
	var out strings.Builder
	out.Grow(len(query) + 32)
	quoted, next := false, 1
	for i := 0; i < len(query); i++ {
		c := query[i]
		if c == '\'' {
			quoted = !quoted
		}
		if c != '?' || quoted {
			out.WriteByte(c)
			continue
		}
		out.WriteByte('$')
		if i+1 < len(query) && '0' <= query[i+1] && query[i+1] <= '9' {
			continue // it has its number
		}
		out.WriteString(strconv.Itoa(next))
		next++
	}
	return out.String()
}

// values writes yes and no as the numbers that the columns hold.
func (e postgres) values(args []any) []any {
	for i, v := range args {
		if yes, ok := v.(bool); ok {
			args[i] = 0
			if yes {
				args[i] = 1
			}
		}
	}
	return args
}

func (e postgres) lock(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(`+strconv.Itoa(writeLock)+`)`)
	return err
}

// begin leaves it to the server to bring to its disk, within three times its
// wal_writer_delay, what need not be synced; what is synced afterwards takes it along
// (https://www.postgresql.org/docs/current/wal-async-commit.html).
func (e postgres) begin(ctx context.Context, conn *sql.Conn, synced bool) (ending, error) {
	ctx, cancel := context.WithTimeout(ctx, e.wait)
	begin := `BEGIN; `
	if !synced {
		begin = `BEGIN; SET LOCAL synchronous_commit = off; `
	}
	_, err := conn.ExecContext(ctx, begin+`SELECT pg_advisory_xact_lock(`+strconv.Itoa(writeLock)+`)`)
	return &postgresEnding{ctx, cancel, conn, e.self}, err
}

func (e postgres) savepoint(anew bool) []string {
	if anew {
		return []string{`RELEASE job; SAVEPOINT job`} // one way to the server and back
	}
	return []string{`SAVEPOINT job`}
}

// postgresEnding ends a transaction on its connection.
type postgresEnding struct {
	ctx    context.Context
	cancel func()
	conn   *sql.Conn
	self   string
}

// commit commits. The SELECT before it fails in a transaction that has failed, of
// which COMMIT alone would make a rollback and say nothing.
func (e *postgresEnding) commit(touched []string) error {
	query := `SELECT 1; COMMIT`
	if len(touched) > 0 {
		// Names are words of this package; nothing needs to be quoted.
		query = fmt.Sprintf(`SELECT pg_notify('%s', '%s/%s'); COMMIT`, channel, e.self, strings.Join(touched, ","))
	}
	_, err := e.conn.ExecContext(e.ctx, query)
	if err == nil {
		e.cancel()
	}
	return err
}

func (e *postgresEnding) rollback() error {
	defer e.cancel()
	if e.ctx.Err() != nil {
		return nil // committed, or the connection is gone
	}
	_, err := e.conn.ExecContext(e.ctx, `ROLLBACK`)
	return err
}

// harm asks the connection how its transaction stands.
func (e postgres) harm(conn *sql.Conn, err error) harm {
	if err == nil {
		return none
	}
	status := byte(0)
	if conn.Raw(func(driver any) error {
		if c := driver.(*stdlib.Conn).Conn(); !c.IsClosed() {
			status = c.PgConn().TxStatus()
		}
		return nil
	}) != nil {
		return whole
	}
	switch status {
	case 'T':
		return none
	case 'E':
		return part
	}
	return whole
}
