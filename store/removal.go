package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// LeaseRemovals gives items of one feed that are held as removed and due to be
// looked for, to one who looks, for a span; the feed is the one that has waited
// longest and is not of a busy tenant or mailbox.
func (s *Store) LeaseRemovals(ctx context.Context, tx graphwarden.Tx, holder string, busy graphwarden.Busy, span time.Duration, limit int) ([]graphwarden.Removal, error) {
	t, err := open(tx)
	if err != nil {
		return nil, err
	}
	var feed graphwarden.Feed
	found := false
	where, args := besides(busy, []any{micros(t.now)})
	err = t.rows(ctx, `SELECT `+feedColumns+feedTables+`JOIN removals r ON r.feed = f.id
WHERE f.dropped_at = 0 AND r.due_at <= ?`+where+` ORDER BY r.due_at LIMIT 1`, args, func(row scanner) (err error) {
		found = true
		feed, err = scanFeed(row)
		return err
	})
	if err != nil || !found {
		return nil, wrapped(err, "looking for removals that are due")
	}
	var list []graphwarden.Removal
	err = t.rows(ctx, `SELECT r.item, r.tries, r.held_at, c.body FROM removals r
LEFT JOIN items i ON i.feed = r.feed AND i.key = r.key LEFT JOIN changes c ON c.seq = i.seq
WHERE r.feed = ? AND r.due_at <= ? ORDER BY r.due_at, r.key LIMIT ?`, []any{feed.ID, micros(t.now), limit}, func(row scanner) error {
		r := graphwarden.Removal{Feed: feed}
		var held int64
		err := row.Scan(&r.Item, &r.Tries, &held, (*[]byte)(&r.Body))
		r.HeldAt = fromMicros(held)
		list = append(list, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the removals of feed %d: %w", feed.ID, err)
	}
	for _, r := range list {
		key := digestOf(r.Item)
		if _, err := t.exec(ctx, `UPDATE removals SET holder = ?, due_at = ? WHERE feed = ? AND key = ?`,
			holder, micros(t.now)+span.Microseconds(), feed.ID, key[:]); err != nil {
			return nil, fmt.Errorf("leasing the removals of feed %d: %w", feed.ID, err)
		}
	}
	return list, nil
}

// DeferRemoval has a removal looked for again, not before until, and keeps r.Tries. One that no feed had
// shown ends when one has.
func (s *Store) DeferRemoval(ctx context.Context, tx graphwarden.Tx, r graphwarden.Removal, until time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	key := digestOf(r.Item)
	if len(r.Body) == 0 {
		if shown, err := t.shown(ctx, r.Feed, key[:]); err != nil || shown {
			return errors.Join(err, t.release(ctx, r.Feed.ID, []*row{{key: key}}))
		}
	}
	_, err = t.exec(ctx, `UPDATE removals SET holder = '', due_at = ?, tries = ? WHERE feed = ? AND key = ?`, micros(until), r.Tries, r.Feed.ID, key[:])
	return wrapped(err, "putting off a removal")
}

// SettleRemoval ends a removal as its verdict says. If the item has come back
// meanwhile, or has come up in another feed, the verdict is out of date and
// nothing happens. told is the item as it is now when the app is to be told of
// it (Left).
func (s *Store) SettleRemoval(ctx context.Context, tx graphwarden.Tx, r graphwarden.Removal, v graphwarden.Verdict, told []byte) ([]graphwarden.Change, error) {
	t, err := open(tx)
	if err != nil {
		return nil, err
	}
	key := digestOf(r.Item)
	n, err := t.change(ctx, `DELETE FROM removals WHERE feed = ? AND key = ?`, r.Feed.ID, key[:])
	if err != nil || n == 0 {
		return nil, wrapped(err, "settling a removal")
	}
	switch v {
	case graphwarden.Stays:
		return nil, nil
	case graphwarden.Reread:
		return nil, wrapped(t.rereadFeed(ctx, r.Feed.ID), "having a feed read from the start")
	}
	log, err := t.beginLog(ctx, position{feed: r.Feed.ID, flow: r.Feed.Flow})
	if err != nil {
		return nil, err
	}
	if v == graphwarden.Gone && len(r.Body) == 0 {
		if told, err := t.toldGone(ctx, r.Feed.Flow, r.Item); err != nil || told {
			return nil, err
		}
	}
	switch {
	case v == graphwarden.Gone:
		log.add(graphwarden.Deleted, r.Item, nil)
	case len(told) > 0:
		log.add(graphwarden.Updated, r.Item, told)
	}
	if err := log.write(ctx); err != nil {
		return nil, err
	}
	if v == graphwarden.Left {
		if err := t.untable(ctx, r.Feed.Flow, r.Feed.ID, []string{r.Item}); err != nil {
			return nil, err
		}
	}
	return log.changes, wrapped(t.deleteItems(ctx, r.Feed.ID, []*row{{key: key}}), "forgetting an item")
}

// RereadCalendar has the feed of another calendar of a feed's mailbox read from
// the start.
func (s *Store) RereadCalendar(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, resource string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	other, dropped, err := t.findFeed(ctx, graphwarden.Feed{Flow: feed.Flow, Mailbox: feed.Mailbox, Resource: resource})
	if errors.Is(err, sql.ErrNoRows) || dropped {
		return nil
	}
	if err == nil {
		err = t.rereadFeed(ctx, other.ID)
	}
	return wrapped(err, "having a calendar read from the start")
}

// Removals says how many items of a feed are held.
func (s *Store) Removals(ctx context.Context, feed int64) (n int, err error) {
	_, err = s.reads.row(ctx, `SELECT count(*) FROM removals WHERE feed = ?`, []any{feed}, &n)
	return n, s.refuse(err)
}

// hold keeps items of a feed as removed until somebody has looked for them.
func (t *transaction) hold(ctx context.Context, feed int64, ids []string) error {
	for _, chunk := range chunks(ids) {
		args := make([]any, 0, 5*len(chunk))
		for _, id := range chunk {
			key := digestOf(id)
			args = append(args, feed, key[:], id, micros(t.now), micros(t.now))
		}
		_, err := t.exec(ctx, `INSERT INTO removals (feed, key, item, held_at, due_at, tries) VALUES `+
			tuples(len(chunk), `(?, ?, ?, ?, ?, 0)`)+` ON CONFLICT (feed, key) DO NOTHING`, args...)
		if err != nil {
			return fmt.Errorf("holding removals: %w", err)
		}
	}
	return nil
}

// release ends the removals of items that are there again or have moved on.
func (t *transaction) release(ctx context.Context, feed int64, rows []*row) error {
	var held bool
	err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM removals WHERE feed = ?)`, []any{feed}, &held)
	if err != nil || !held {
		return wrapped(err, "looking for removals")
	}
	for _, chunk := range chunks(rows) {
		args := make([]any, 1, 1+len(chunk))
		args[0] = feed
		for _, r := range chunk {
			args = append(args, r.key[:])
		}
		if _, err := t.exec(ctx, `DELETE FROM removals WHERE feed = ? AND key IN (`+marks(len(chunk))+`)`, args...); err != nil {
			return fmt.Errorf("releasing removals: %w", err)
		}
	}
	return nil
}

// wrapped says of an error what was being done.
func wrapped(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
