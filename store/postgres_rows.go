package store

import (
	"context"
	"database/sql"

	"github.com/graphwarden/graphwarden"
)

// The hot path, for a server: a page's rows go over in one statement for each
// table, as arrays; a page of a thousand would be forty trips otherwise. OFFSET 0
// keeps the server to one look into the index for each key: it keeps the plan that
// it made while the table was empty, by which it would read all of a feed's items
// (measured: 1,200 items a second instead of tens of thousands).

func (t *transaction) knownArrays(ctx context.Context, feed int64, keys []*row, each func(found scanner) error) error {
	return t.rows(ctx, `SELECT i.key, i.seq, i.hash, i.round, i.starts_at, i.ends_at FROM unnest(CAST(? AS BYTEA[])) AS k (key)
CROSS JOIN LATERAL (SELECT * FROM items WHERE feed = ? AND key = k.key OFFSET 0) AS i`,
		[]any{keysOf(keys), feed}, each)
}

func (t *transaction) putArrays(ctx context.Context, feed int64, rows []*row) error {
	if len(rows) == 0 {
		return nil
	}
	seqs, hashes, rounds := make([]int64, len(rows)), make([][]byte, len(rows)), make([]int64, len(rows))
	starts, ends := make([]sql.NullInt64, len(rows)), make([]sql.NullInt64, len(rows))
	for i, r := range rows {
		seqs[i], hashes[i], rounds[i], starts[i], ends[i] = r.seq, r.hash[:], r.round, r.starts, r.ends
	}
	_, err := t.exec(ctx, `INSERT INTO items (feed, key, seq, hash, round, starts_at, ends_at)
SELECT CAST(? AS BIGINT), k, s, h, r, a, e FROM unnest(CAST(? AS BYTEA[]), CAST(? AS BIGINT[]), CAST(? AS BYTEA[]), CAST(? AS BIGINT[]),
CAST(? AS BIGINT[]), CAST(? AS BIGINT[])) AS list (k, s, h, r, a, e)
ON CONFLICT (feed, key) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, round = excluded.round, starts_at = excluded.starts_at, ends_at = excluded.ends_at`,
		feed, keysOf(rows), seqs, hashes, rounds, starts, ends)
	return err
}

func (t *transaction) deleteArrays(ctx context.Context, feed int64, rows []*row) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := t.exec(ctx, `DELETE FROM items WHERE ctid = ANY (ARRAY(SELECT i.ctid FROM unnest(CAST(? AS BYTEA[])) AS k (key)
CROSS JOIN LATERAL (SELECT ctid FROM items WHERE feed = ? AND key = k.key OFFSET 0) AS i))`, keysOf(rows), feed)
	return err
}

// logArrays stores changes of one feed and one time.
func (t *transaction) logArrays(ctx context.Context, l *log, changes []graphwarden.Change) error {
	n := len(changes)
	if n == 0 {
		return nil
	}
	seqs, items, kinds, bodies := make([]int64, n), make([]string, n), make([]string, n), make([][]byte, n)
	for i, c := range changes {
		seqs[i], items[i], kinds[i] = c.Seq, c.Item, string(c.Kind)
		if len(c.Body) > 0 {
			bodies[i] = c.Body
		}
	}
	_, err := t.exec(ctx, `INSERT INTO changes (seq, feed, flow, item, kind, at, body)
SELECT s, CAST(? AS BIGINT), CAST(? AS TEXT), i, k, CAST(? AS BIGINT), b
FROM unnest(CAST(? AS BIGINT[]), CAST(? AS TEXT[]), CAST(? AS TEXT[]), CAST(? AS BYTEA[])) AS list (s, i, k, b)`,
		l.feed, l.flow, micros(t.now), seqs, items, kinds, bodies)
	return err
}

func keysOf(rows []*row) [][]byte {
	keys := make([][]byte, len(rows))
	for i, r := range rows {
		keys[i] = r.key[:]
	}
	return keys
}
