package store

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// TroubleFeed remembers why a feed could not be read; the end of a round forgets
// it.
func (s *Store) TroubleFeed(ctx context.Context, tx graphwarden.Tx, feedID int64, code, say string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO troubles (feed, code, say, since, last_at, count) VALUES (?1, ?2, ?3, ?4, ?4, 1)
ON CONFLICT (feed) DO UPDATE SET code = excluded.code, say = excluded.say, last_at = excluded.last_at, count = troubles.count + 1`,
		feedID, code, say, micros(t.now))
	return wrapped(err, "noting a feed's trouble")
}

// Troubles gives the feeds that cannot be read at present and why.
func (s *Store) Troubles(ctx context.Context) ([]graphwarden.Trouble, error) {
	var list []graphwarden.Trouble
	err := s.reads.rows(ctx, `SELECT f.id, f.flow, f.tenant, f.mailbox, f.upn, f.title, r.code, r.say, r.since, r.last_at, r.count
FROM troubles r JOIN feeds f ON f.id = r.feed WHERE f.dropped_at = 0 ORDER BY r.since`, nil, func(row scanner) error {
		var one graphwarden.Trouble
		var since, last int64
		err := row.Scan(&one.Feed, &one.Flow, &one.Tenant, &one.Mailbox.ID, &one.Mailbox.UPN, &one.Title, &one.Code, &one.Say, &since, &last, &one.Count)
		one.Since, one.LastAt = fromMicros(since), fromMicros(last)
		list = append(list, one)
		return err
	})
	return list, s.refuse(wrapped(err, "reading the feeds' troubles"))
}
