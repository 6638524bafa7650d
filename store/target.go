package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// target is where a table's rows are copied to.
type target interface {
	put(ctx context.Context, t table, next func() ([]any, error)) error
}

// sqliteTarget writes into an SQLite file.
type sqliteTarget struct{ tx *sql.Tx }

func (to sqliteTarget) put(ctx context.Context, t table, next func() ([]any, error)) error {
	stmt, err := to.tx.PrepareContext(ctx, `INSERT INTO `+t.name+` (`+strings.Join(t.columns, ", ")+`) VALUES (`+marks(len(t.columns))+`)`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for {
		row, err := next()
		if row == nil || err != nil {
			return err
		}
		if _, err := stmt.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
}

// serverTarget writes into a PostgreSQL database, on a connection that is in a
// transaction.
type serverTarget struct {
	conn *sql.Conn
	tx   *sql.Tx
}

func (to serverTarget) put(ctx context.Context, t table, next func() ([]any, error)) error {
	err := to.conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromFunc(next))
		return err
	})
	if err != nil || t.columns[0] != "id" || len(t.order) != 1 {
		return err
	}
	// Numbers that the server gives out itself go on after those.
	var sequence sql.NullString
	err = to.tx.QueryRowContext(ctx, `SELECT pg_get_serial_sequence('`+t.name+`', 'id')`).Scan(&sequence)
	if err != nil || !sequence.Valid {
		return err
	}
	_, err = to.tx.ExecContext(ctx, `SELECT setval('`+sequence.String+`', (SELECT max(id) FROM `+t.name+`))`)
	return err
}
