package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// TreeHashes gives at most limit hashes of a level of the ledger's tree, from a place
// on, as far as they are stored without a gap. Level 0 are the entries' leaf hashes, of
// which the first, of entry 1, has the place 0.
func (s *Store) TreeHashes(ctx context.Context, level int, from int64, limit int) ([][32]byte, error) {
	query, args := `SELECT place, hash FROM tree_hashes WHERE level = ? AND place >= ? ORDER BY place LIMIT ?`, []any{level, from, limit}
	if level == 0 {
		query, args = `SELECT seq - 1, leaf FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`, []any{from, limit}
	}
	var out [][32]byte
	gap := false
	err := s.reads.rows(ctx, query, args, func(row scanner) error {
		var place int64
		var hash []byte
		if err := row.Scan(&place, &hash); err != nil {
			return err
		}
		if gap = gap || place != from+int64(len(out)); !gap {
			out = append(out, [32]byte(hash)) // the schema holds them to 32 bytes
		}
		return nil
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading level %d of the ledger's tree: %w", level, err))
	}
	return out, nil
}

// Checkpoint gives the newest signed checkpoint; its Size is 0 when there is none.
func (s *Store) Checkpoint(ctx context.Context) (graphwarden.Checkpoint, error) {
	var c graphwarden.Checkpoint
	var root []byte
	var at int64
	found, err := s.reads.row(ctx, `SELECT size, root, note, at FROM checkpoints WHERE origin = ?`, []any{s.id}, &c.Size, &root, &c.Note, &at)
	if err != nil || !found {
		return graphwarden.Checkpoint{}, s.refuse(wrapped(err, "reading the newest checkpoint"))
	}
	c.Root, c.At = [32]byte(root), fromMicros(at)
	return c, nil
}

// PutCheckpoint stores a checkpoint, signed at the transaction's time, with the tree's
// hashes that it first covers. One that covers fewer entries than the stored one
// changes nothing: of two signers, the one that is behind is late.
func (s *Store) PutCheckpoint(ctx context.Context, tx graphwarden.Tx, c graphwarden.Checkpoint, fresh []graphwarden.TreeHash) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	for _, h := range fresh {
		_, err := t.exec(ctx, `INSERT INTO tree_hashes (level, place, hash) VALUES (?, ?, ?)
ON CONFLICT (level, place) DO UPDATE SET hash = excluded.hash`, h.Level, h.Place, h.Hash[:])
		if err != nil {
			return fmt.Errorf("storing a hash of the ledger's tree: %w", err)
		}
	}
	_, err = t.exec(ctx, `INSERT INTO checkpoints (origin, size, root, note, at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note, at = excluded.at
WHERE excluded.size >= checkpoints.size`, s.id, c.Size, c.Root[:], c.Note, micros(t.now))
	return wrapped(err, "storing a checkpoint of the ledger")
}

// Snapshot gives a transaction that only reads and sees the database as it is now, for
// whoever reads the ledger with queries of its own. The caller ends it.
func (s *Store) Snapshot(ctx context.Context) (*sql.Tx, error) {
	tx, err := s.snapshot(ctx)
	return tx, s.refuse(err)
}
