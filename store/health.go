package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// FeedAges says of every feed whose it is and when it was read.
func (s *Store) FeedAges(ctx context.Context) ([]graphwarden.FeedAge, error) {
	var list []graphwarden.FeedAge
	err := s.reads.rows(ctx, `SELECT flow, tenant, upn, read_at, not_before FROM feeds WHERE dropped_at = 0 ORDER BY tenant, flow, id`, nil,
		func(row scanner) error {
			var f graphwarden.FeedAge
			var read, notBefore int64
			err := row.Scan(&f.Flow, &f.Tenant, &f.Mailbox, &read, &notBefore)
			f.ReadAt, f.NotBefore = fromMicros(read), fromMicros(notBefore)
			list = append(list, f)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the ages of the feeds: %w", err))
	}
	return list, nil
}

// Coverage says for each flow how many of its mailboxes with feeds a living
// subscription wakes.
func (s *Store) Coverage(ctx context.Context, now time.Time) ([]graphwarden.Coverage, error) {
	var list []graphwarden.Coverage
	err := s.reads.rows(ctx, `SELECT f.flow, f.tenant, count(*), sum(CASE WHEN s.mailbox IS NULL THEN 0 ELSE 1 END)
FROM (SELECT DISTINCT flow, tenant, mailbox FROM feeds WHERE dropped_at = 0) f
LEFT JOIN (SELECT DISTINCT flow, mailbox FROM subscriptions WHERE expires_at > ?) s ON s.flow = f.flow AND s.mailbox = f.mailbox
GROUP BY f.flow, f.tenant ORDER BY f.flow`, []any{micros(now)}, func(row scanner) error {
		var c graphwarden.Coverage
		err := row.Scan(&c.Flow, &c.Tenant, &c.Mailboxes, &c.Covered)
		list = append(list, c)
		return err
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading which mailboxes have subscriptions: %w", err))
	}
	return list, nil
}

// LastEntry is the number of the ledger's last entry; 0 when it is empty.
func (s *Store) LastEntry(ctx context.Context) (int64, error) {
	var n int64
	_, err := s.reads.row(ctx, `SELECT coalesce(max(seq), 0) FROM entries`, nil, &n)
	return n, s.refuse(err)
}

// LastChange is the number of the last change.
func (s *Store) LastChange(ctx context.Context) (int64, error) {
	var n int64
	_, err := s.reads.row(ctx, `SELECT coalesce(max(seq), 0) FROM changes`, nil, &n)
	return n, s.refuse(err)
}

// ChangesMade is how many changes were stored since the database was made, or
// restored: then numbers go on from the time.
func (s *Store) ChangesMade(ctx context.Context) (int64, error) {
	var n int64
	_, err := s.reads.row(ctx, `SELECT value - coalesce((SELECT f.value FROM counters f WHERE f.name = 'changes_from'),
(SELECT at FROM upkeep WHERE what = 'restore' AND at <= counters.value), 0) FROM counters WHERE name = 'changes'`, nil, &n)
	return n, s.refuse(err)
}

// MadeAt is when the database was made.
func (s *Store) MadeAt(ctx context.Context) (time.Time, error) {
	var at int64
	_, err := s.reads.row(ctx, `SELECT made_at FROM identity`, nil, &at)
	return fromMicros(at), s.refuse(err)
}
