package store

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// foldSize is how many entries of the ledger are counted in one transaction: few
// enough that what waits behind it waits for some milliseconds.
const foldSize = 20_000

// CountUses folds what the ledger has gained since the last time into the counts of
// uses. If we crash between two transactions, the next call goes on from there: the
// counts and how far they go are committed together.
func (s *Store) CountUses(ctx context.Context) error {
	for {
		var more bool
		err := s.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			tx.Step("grants:count")
			more, err = s.countSome(ctx, tx)
			return err
		})
		if err != nil || !more {
			return wrapped(err, "counting what was used")
		}
	}
}

func (s *Store) countSome(ctx context.Context, tx graphwarden.Tx) (more bool, err error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	var from, head int64
	if err := t.row(ctx, `SELECT coalesce(max(seq), 0) FROM counted WHERE what = 'used'`, nil, &from); err != nil {
		return false, err
	}
	if err := t.row(ctx, `SELECT coalesce(max(seq), 0) FROM entries`, nil, &head); err != nil || head == from {
		return false, err
	}
	to := min(head, from+foldSize)
	_, err = t.exec(ctx, `INSERT INTO used (tenant, flow, method, path, first_at, last_at, calls)
SELECT tenant, flow, method, path, min(at), max(at), count(*) FROM entries
WHERE seq > ? AND seq <= ? AND kind = 'decision' AND allowed = 1 AND flow <> '' GROUP BY tenant, flow, method, path
ON CONFLICT (tenant, flow, method, path) DO UPDATE SET calls = used.calls + excluded.calls,
first_at = CASE WHEN excluded.first_at < used.first_at THEN excluded.first_at ELSE used.first_at END,
last_at = CASE WHEN excluded.last_at > used.last_at THEN excluded.last_at ELSE used.last_at END`, from, to)
	if err != nil {
		return false, fmt.Errorf("counting the entries %d to %d: %w", from+1, to, err)
	}
	_, err = t.exec(ctx, `INSERT INTO counted (what, seq) VALUES ('used', ?) ON CONFLICT (what) DO UPDATE SET seq = excluded.seq`, to)
	return to < head, err
}

// Uses lists what the flows of a tenant did, as far as it was counted.
func (s *Store) Uses(ctx context.Context, tenant string) ([]graphwarden.Use, error) {
	var list []graphwarden.Use
	err := s.reads.rows(ctx, `SELECT flow, method, path, first_at, last_at, calls FROM used WHERE tenant = ? ORDER BY flow, method, path`, []any{tenant}, func(row scanner) error {
		u := graphwarden.Use{Tenant: tenant}
		var first, last int64
		err := row.Scan(&u.Flow, &u.Method, &u.Path, &first, &last, &u.Calls)
		u.First, u.Last = fromMicros(first), fromMicros(last)
		list = append(list, u)
		return err
	})
	return list, s.refuse(wrapped(err, "reading what was used"))
}
