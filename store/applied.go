package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// appliedVersion is the schema version that the table came with.
const appliedVersion = 18

// Applied is the configuration that was taken last; false when none ever was.
func (s *Store) Applied(ctx context.Context) (a graphwarden.Applied, found bool, err error) {
	err = s.reads.rows(ctx, `SELECT seq, fingerprint, at, taken_by, facts FROM applied ORDER BY seq DESC LIMIT 1`, nil, func(row scanner) error {
		var at int64
		err := row.Scan(&a.Seq, &a.Fingerprint, &at, &a.By, &a.Facts)
		a.At, found = fromMicros(at), true
		return err
	})
	if err != nil {
		return a, false, s.refuse(fmt.Errorf("reading which configuration was taken last: %w", err))
	}
	return a, found, nil
}

// Apply remembers a configuration that is taken. One that says what the last one
// said is not remembered again, and comes back as false.
func (s *Store) Apply(ctx context.Context, tx graphwarden.Tx, a graphwarden.Applied) (fresh bool, err error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	var last string
	var seq int64
	err = t.row(ctx, `SELECT seq, fingerprint FROM applied ORDER BY seq DESC LIMIT 1`, nil, &seq, &last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, wrapped(err, "reading which configuration was taken last")
	}
	if err == nil && last == a.Fingerprint {
		return false, nil
	}
	_, err = t.exec(ctx, `INSERT INTO applied (seq, fingerprint, at, taken_by, facts) VALUES (?, ?, ?, ?, ?)`, seq+1, a.Fingerprint, micros(t.now), a.By, a.Facts)
	return err == nil, wrapped(err, "remembering a configuration")
}
