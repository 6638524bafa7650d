package store

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// LeaveFeed ends a feed whose mailbox has left its flow: the app may no longer
// see what is in it. Its items are reported deleted, and of the changes that no
// sink has delivered yet nothing but their deletion remains. What was delivered
// is the app's; its stored bodies go when changes are pruned.
func (s *Store) LeaveFeed(ctx context.Context, tx graphwarden.Tx, id int64) ([]graphwarden.Change, error) {
	t, err := open(tx)
	if err != nil {
		return nil, err
	}
	for _, which := range []string{
		`flow = (SELECT flow FROM feeds WHERE id = ?1) AND seq > (SELECT coalesce(min(k.cursor), 0) FROM sinks k JOIN feeds f ON f.flow = k.flow WHERE f.id = ?1)`,
		`seq IN (SELECT d.seq FROM deliveries d WHERE d.feed = ?1)`,
	} {
		_, err := t.exec(ctx, `UPDATE changes SET kind = 'deleted', body = NULL WHERE feed = ?1 AND kind <> 'deleted' AND `+which, id)
		if err != nil {
			return nil, wrapped(err, "taking back the changes of a feed that is left")
		}
	}
	return s.DropFeed(ctx, tx, id)
}
