package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"

	"github.com/graphwarden/graphwarden"
)

// digest is half a SHA-256: enough to tell two ids or two bodies apart, and of
// one size, which keeps the table of items small.
type digest [16]byte

func digestOf[T string | json.RawMessage](of T) digest {
	sum := sha256.Sum256([]byte(of))
	return digest(sum[:16])
}

// row is an item's row in items, as it is or shall be.
type row struct {
	key, hash digest
	seq       int64
	round     int64
	starts    sql.NullInt64 // when it is (0016_times.sql)
	ends      sql.NullInt64
	stored    bool  // the table has it
	present   bool  // the table shall have it
	touched   bool  // it differs from the table
	held      bool  // the feed says that it is gone
	elsewhere int64 // another feed of the mailbox that has the item; 0 is none
}

// dated notes when the item is, of a new body.
func (r *row) dated(body json.RawMessage) {
	starts, ends := timesOf(body)
	r.starts, r.ends = sql.NullInt64{Int64: starts, Valid: true}, sql.NullInt64{Int64: ends, Valid: true}
}

func (r *row) set(seq int64, hash digest, round int64) {
	r.seq, r.hash, r.round = seq, hash, round
	r.present, r.touched = true, true
}

// knownItems gives a row for each item of a page, from the table or new.
func (t *transaction) knownItems(ctx context.Context, feed int64, items []graphwarden.Item) (map[digest]*row, error) {
	known := make(map[digest]*row, len(items))
	keys := make([]*row, 0, len(items))
	for _, in := range items {
		key := digestOf(in.ID)
		if known[key] == nil {
			known[key] = &row{key: key}
			keys = append(keys, known[key])
		}
	}
	take := func(found scanner) error {
		var key, hash []byte
		var seq, round int64
		var starts, ends sql.NullInt64
		if err := found.Scan(&key, &seq, &hash, &round, &starts, &ends); err != nil {
			return err
		}
		*known[digest(key)] = row{key: digest(key), hash: digest(hash), seq: seq, round: round, starts: starts, ends: ends, stored: true, present: true}
		return nil
	}
	if t.engine.arrays() {
		return known, t.knownArrays(ctx, feed, keys, take)
	}
	for _, chunk := range chunks(keys) {
		args := make([]any, 1, 1+len(chunk))
		args[0] = feed
		for _, r := range chunk {
			args = append(args, r.key[:])
		}
		err := t.rows(ctx, `SELECT key, seq, hash, round, starts_at, ends_at FROM items WHERE feed = ? AND key IN (`+marks(len(chunk))+`)`, args, take)
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// writeItems brings the table in line with rows.
func (t *transaction) writeItems(ctx context.Context, feed int64, rows []*row) error {
	var put, gone []*row
	for _, r := range rows {
		switch {
		case r.present:
			put = append(put, r)
		case r.stored:
			gone = append(gone, r)
		}
	}
	if t.engine.arrays() {
		if err := t.putArrays(ctx, feed, put); err != nil {
			return err
		}
		return t.deleteArrays(ctx, feed, gone)
	}
	for _, chunk := range chunks(put) {
		args := make([]any, 0, 7*len(chunk))
		for _, r := range chunk {
			args = append(args, feed, r.key[:], r.seq, r.hash[:], r.round, r.starts, r.ends)
		}
		_, err := t.exec(ctx, `INSERT INTO items (feed, key, seq, hash, round, starts_at, ends_at) VALUES `+tuples(len(chunk), `(?, ?, ?, ?, ?, ?, ?)`)+
			` ON CONFLICT (feed, key) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, round = excluded.round,
starts_at = excluded.starts_at, ends_at = excluded.ends_at`, args...)
		if err != nil {
			return err
		}
	}
	return t.deleteItems(ctx, feed, gone)
}

func (t *transaction) deleteItems(ctx context.Context, feed int64, rows []*row) error {
	if t.engine.arrays() {
		return t.deleteArrays(ctx, feed, rows)
	}
	for _, chunk := range chunks(rows) {
		args := make([]any, 1, 1+len(chunk))
		args[0] = feed
		for _, r := range chunk {
			args = append(args, r.key[:])
		}
		_, err := t.exec(ctx, `DELETE FROM items WHERE feed = ? AND key IN (`+marks(len(chunk))+`)`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}
