package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// invariants are what always holds in a database, as queries that count what
// breaks it. They name only what the first migration made: a backup may be old.
func invariants() []struct{ what, query string } {
	return []struct{ what, query string }{
		{"items without the change that brought them", `SELECT count(*) FROM items i LEFT JOIN changes c ON c.seq = i.seq
WHERE c.seq IS NULL OR c.feed <> i.feed OR c.body IS NULL`},
		{"changes of a feed that is not there", `SELECT count(*) FROM changes c LEFT JOIN feeds f ON f.id = c.feed WHERE f.id IS NULL`},
		{"changes beyond the last number", `SELECT count(*) FROM changes WHERE seq > (SELECT value FROM counters WHERE name = 'changes')`},
		{"cursors of feeds that are dropped or not there", `SELECT count(*) FROM cursors c LEFT JOIN feeds f ON f.id = c.feed WHERE f.id IS NULL OR f.dropped_at <> 0`},
		{"feeds read beyond their last mark", `SELECT count(*) FROM feeds WHERE clean > mark`},
		{"sinks that are ahead of the last change", `SELECT count(*) FROM sinks WHERE cursor > (SELECT value FROM counters WHERE name = 'changes')`},
		{"deliveries of a change or a sink that is not there", `SELECT count(*) FROM deliveries d LEFT JOIN changes c ON c.seq = d.seq
LEFT JOIN sinks s ON s.name = d.sink WHERE c.seq IS NULL OR s.name IS NULL`},
		{"deliveries that wait behind nothing", `SELECT count(*) FROM deliveries d WHERE d.due_at IS NULL AND NOT EXISTS
(SELECT 1 FROM deliveries e WHERE e.sink = d.sink AND e.item = d.item AND e.seq < d.seq)`},
		{"gaps in the ledger", `SELECT coalesce(max(seq), 0) - count(*) FROM entries`},
	}
}

// Inspection is what Inspect found.
type Inspection struct {
	Tables  int
	Rows    int64
	Entries int64 // of the ledger, hashed again
	Backup  bool  // it is a backup, held against its own list
	Wrong   []string
}

// Inspect reads the whole database, as it is at one moment, and says what cannot
// be: damage that the engine sees, rows that point to what is not there, entries
// of the ledger whose leaf hash is not what leaf gives, and in a backup tables that
// are not as they were written. The error is what kept it from looking.
func (s *Store) Inspect(ctx context.Context, leaf func(graphwarden.Entry) [32]byte) (Inspection, error) {
	var i Inspection
	snapshot, err := s.snapshot(ctx)
	if err != nil {
		return i, s.refuse(err)
	}
	defer snapshot.Rollback() // it only reads
	if s.URL == "" {
		i.Backup = isBackup(ctx, snapshot)
		for _, pragma := range []string{`PRAGMA integrity_check(10)`, `PRAGMA foreign_key_check`} {
			if err := i.pragma(ctx, snapshot, pragma); err != nil {
				return i, s.refuse(err)
			}
		}
	}
	if len(i.Wrong) > 0 {
		return i, nil // of such a file nothing else can be believed
	}
	sums, err := s.tallies(ctx, snapshot)
	if err != nil {
		return i, err
	}
	for _, sum := range sums {
		i.Tables++
		i.Rows += sum.rows
	}
	i.Entries = sums["entries"].rows
	if i.Backup {
		i.Wrong = append(i.Wrong, unlisted(ctx, snapshot, sums)...)
	}
	wrong, err := s.wrong(ctx, snapshot, leaf)
	i.Wrong = append(i.Wrong, wrong...)
	return i, s.refuse(err)
}

// tallies reads every table of a snapshot.
func (s *Store) tallies(ctx context.Context, snapshot *sql.Tx) (map[string]tally, error) {
	version, err := schemaVersion(ctx, s.pooled)
	if err != nil {
		return nil, s.refuse(err)
	}
	tables, err := knownTables(ctx, version)
	if err != nil {
		return nil, err
	}
	sums := map[string]tally{}
	for _, t := range tables {
		if sums[t.name], err = t.read(ctx, snapshot, drain); err != nil {
			return nil, s.refuse(fmt.Errorf("reading the table %s: %w", t.name, err))
		}
	}
	return sums, nil
}

// pragma runs a check of SQLite's and notes what it says.
func (i *Inspection) pragma(ctx context.Context, q querier, query string) error {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for c := range row {
			dest[c] = &row[c]
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		switch {
		case len(columns) == 1 && row[0].String == "ok":
		case len(columns) == 1:
			i.Wrong = append(i.Wrong, row[0].String)
		default:
			i.Wrong = append(i.Wrong, fmt.Sprintf("a row of %s points to one of %s that is not there", row[0].String, row[2].String))
		}
	}
	return rows.Err()
}

// sound refuses a database in which something is wrong.
func (s *Store) sound(ctx context.Context, q querier, leaf func(graphwarden.Entry) [32]byte) error {
	wrong, err := s.wrong(ctx, q, leaf)
	if err != nil {
		return s.refuse(err)
	}
	if len(wrong) > 0 {
		return s.problem("inconsistent", errors.New(wrong[0]))
	}
	return nil
}

// wrong says what breaks the invariants.
func (s *Store) wrong(ctx context.Context, q querier, leaf func(graphwarden.Entry) [32]byte) ([]string, error) {
	var wrong []string
	for _, v := range invariants() {
		var n int64
		err := each(func(row scanner) error { return row.Scan(&n) })(q.QueryContext(ctx, v.query))
		if err != nil {
			return nil, fmt.Errorf("counting %s: %w", v.what, err)
		}
		if n != 0 {
			wrong = append(wrong, fmt.Sprintf("%d %s", n, v.what))
		}
	}
	bad := 0
	err := each(func(row scanner) error {
		e, hash, err := scanEntry(row)
		if err == nil && leaf(e) != hash {
			if bad++; bad == 1 {
				wrong = append(wrong, fmt.Sprintf("entry %d of the ledger is not as it was written", e.Seq))
			}
		}
		return err
	})(q.QueryContext(ctx, `SELECT `+entryColumns+` FROM entries ORDER BY seq`))
	if bad > 1 {
		wrong = append(wrong, fmt.Sprintf("%d more entries of the ledger are not as they were written", bad-1))
	}
	return wrong, err
}
