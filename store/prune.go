package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Prune looks at some changes after a number and deletes those that nobody needs
// any more: stored before a time, acknowledged by every sink of their flow (one
// that was put away before that time does not count), and
// not the one that holds the body of an item that is there. It gives the number
// that it looked up to, and how many it deleted; up to is after when there was
// nothing left to look at.
func (s *Store) Prune(ctx context.Context, tx graphwarden.Tx, after int64, before time.Time, limit int) (upTo int64, pruned int, err error) {
	t, err := open(tx)
	if err != nil {
		return after, 0, err
	}
	type old struct {
		seq, feed int64
		key       digest
		free      bool
	}
	var list []*old
	err = t.rows(ctx, `SELECT c.seq, c.feed, c.item,
EXISTS (SELECT 1 FROM sinks k WHERE k.flow = c.flow)
AND NOT EXISTS (SELECT 1 FROM sinks k WHERE k.flow = c.flow AND k.cursor < c.seq AND NOT (k.retired_at <> 0 AND k.retired_at < ?))
AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = c.seq)
AND NOT EXISTS (SELECT 1 FROM dead_letters l WHERE l.seq = c.seq)
FROM changes c WHERE c.seq > ? AND c.at < ? ORDER BY c.seq LIMIT ?`, []any{micros(before), after, micros(before), limit}, func(row scanner) error {
		o, item := &old{}, ""
		err := row.Scan(&o.seq, &o.feed, &item, &o.free)
		o.key = digestOf(item)
		list = append(list, o)
		return err
	})
	if err != nil {
		return after, 0, fmt.Errorf("looking for changes to prune: %w", err)
	}
	var last int64 // that was pruned
	for _, o := range list {
		upTo = o.seq
		if !o.free {
			continue
		}
		n, err := t.change(ctx, `DELETE FROM changes WHERE seq = ? AND NOT EXISTS (SELECT 1 FROM items i WHERE i.feed = ? AND i.key = ? AND i.seq = changes.seq)`,
			o.seq, o.feed, o.key[:])
		if err != nil {
			return after, pruned, fmt.Errorf("pruning a change: %w", err)
		}
		if pruned += n; n > 0 {
			last = o.seq
		}
	}
	if last > 0 {
		_, err = t.exec(ctx, `UPDATE counters SET value = ?1 WHERE name = 'pruned' AND value < ?1`, last)
	}
	return max(upTo, after), pruned, wrapped(err, "noting what was pruned")
}
