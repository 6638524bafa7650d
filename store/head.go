package store

import "context"

// Head gives the number of the last change, and of the last that was pruned.
func (s *Store) Head(ctx context.Context) (last, pruned int64, err error) {
	_, err = s.reads.row(ctx, `SELECT (SELECT value FROM counters WHERE name = 'changes'), (SELECT value FROM counters WHERE name = 'pruned')`, nil, &last, &pruned)
	return last, pruned, s.refuse(err)
}
