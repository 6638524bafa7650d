package store

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// BeginIntent keeps what is known of a write that is about to be sent, in.Before, for who
// holds it in this attempt. False: it has an outcome, or somebody else holds it by now, and
// nothing may be sent.
func (s *Store) BeginIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) (bool, error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	n, err := t.change(ctx, `UPDATE intents SET before = ? WHERE name = ? AND state = 'open' AND holder = ? AND attempts = ?`, nilIfEmpty(in.Before), in.ID, in.Holder, in.Attempts)
	return n > 0, wrapped(err, "beginning a write")
}
