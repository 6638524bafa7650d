package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// LeaseDueFeed gives a feed that is due to a reader, who has it alone until span
// has passed since its last sign of life. Feeds with news go before feeds that
// are read from the start, so that a first sync of thousands delays nobody; within
// each, the one that has waited longest goes first. Feeds of busy tenants and
// mailboxes wait. ok is false when none is due.
func (s *Store) LeaseDueFeed(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration, busy graphwarden.Busy) (feed graphwarden.Feed, ok bool, err error) {
	t, err := open(tx)
	if err != nil {
		return graphwarden.Feed{}, false, err
	}
	now, mark := micros(t.now), int64(0)
	for whole := 0; whole <= 1 && !ok; whole++ {
		where, args := besides(busy, []any{whole, now, now})
		err = t.rows(ctx, `SELECT `+feedColumns+`, f.mark`+feedTables+`WHERE f.dropped_at = 0 AND f.whole = ? AND f.due_at <= ?
AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.feed = f.id AND l.until > ?)`+where+` ORDER BY f.due_at LIMIT 1`,
			args, func(row scanner) (err error) {
				feed, err = scanFeed(row, &mark)
				ok = true
				return err
			})
		if err != nil {
			return graphwarden.Feed{}, false, fmt.Errorf("looking for a feed that is due: %w", err)
		}
	}
	if !ok {
		return graphwarden.Feed{}, false, nil
	}
	feed.Turn = now // a lease that has run out is older
	_, err = t.exec(ctx, `INSERT INTO leases (feed, holder, turn, mark, span, until) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (feed) DO UPDATE SET holder = excluded.holder, turn = excluded.turn, mark = excluded.mark, span = excluded.span, until = excluded.until`,
		feed.ID, holder, feed.Turn, mark, span.Microseconds(), now+span.Microseconds())
	if err != nil {
		return graphwarden.Feed{}, false, fmt.Errorf("leasing feed %d: %w", feed.ID, err)
	}
	return feed, true, nil
}

// DeferFeed gives a lease back without an end of the round: the feed goes on from
// its cursor, not before until.
func (s *Store) DeferFeed(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, until time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.position(ctx, feed); err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE feeds SET due_at = ?1, not_before = ?1 WHERE id = ?2`, micros(until), feed.ID)
	if err == nil {
		err = t.free(ctx, feed.ID)
	}
	if err != nil {
		return fmt.Errorf("putting off feed %d: %w", feed.ID, err)
	}
	return nil
}

// free ends a feed's lease.
func (t *transaction) free(ctx context.Context, feed int64) error {
	_, err := t.exec(ctx, `DELETE FROM leases WHERE feed = ?`, feed)
	return err
}

// MarkDirty says that a mailbox has news for a flow, and how many feeds that
// wakes. A feed that is being read is due again as soon as the reader is done:
// it may have read past the place already. It has been due all the while.
func (s *Store) MarkDirty(ctx context.Context, tx graphwarden.Tx, flow, mailboxID string) (int, error) {
	t, err := open(tx)
	if err != nil {
		return 0, err
	}
	n, err := t.change(ctx, `UPDATE feeds SET mark = mark + 1,
due_at = CASE WHEN due_at <= ?1 THEN due_at WHEN not_before > ?1 THEN not_before ELSE ?1 END
WHERE flow = ?2 AND mailbox = ?3 AND dropped_at = 0`, micros(t.now), flow, mailboxID)
	if err != nil {
		return 0, fmt.Errorf("marking the feeds of mailbox %s: %w", mailboxID, err)
	}
	if n > 0 {
		t.touch(TouchedMarks)
	}
	return n, nil
}

// HurryFeeds has every feed due now, as far as Microsoft has not
// asked to wait: what happened while nothing ran is looked for.
func (s *Store) HurryFeeds(ctx context.Context, tx graphwarden.Tx) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE feeds SET due_at = CASE WHEN not_before > ?1 THEN not_before ELSE ?1 END
WHERE dropped_at = 0 AND due_at > ?1 AND due_at > not_before`, micros(t.now))
	if err != nil {
		return fmt.Errorf("hurrying the feeds: %w", err)
	}
	return nil
}

// position is where a feed stands.
type position struct {
	feed  int64
	flow  string
	round int64
	whole bool

	mark, read int64 // its mark, and the one up to which it has been read when this round ends
	cursor     graphwarden.Cursor
	cursorAt   int64 // when a round ended with the cursor
	doubted    bool  // see graphwarden.Feed
	turn       int64 // when its reader's turn began
}

// position gives where a feed stands, and refuses (Conflict) a reader that has
// lost it: the cursor has moved without it, or the lease is another's.
func (t *transaction) position(ctx context.Context, feed graphwarden.Feed) (position, error) {
	p := position{feed: feed.ID}
	err := t.row(ctx, `SELECT f.flow, f.round, f.whole, f.mark, coalesce(l.mark, f.clean), coalesce(l.turn, 0), coalesce(c.cursor, ''), coalesce(c.at, 0)`+
		feedTables+`LEFT JOIN leases l ON l.feed = f.id WHERE f.id = ? AND f.dropped_at = 0`,
		[]any{feed.ID}, &p.flow, &p.round, &p.whole, &p.mark, &p.read, &p.turn, &p.cursor, &p.cursorAt)
	if err != nil {
		return position{}, fmt.Errorf("finding feed %d: %w", feed.ID, err)
	}
	if p.cursor != feed.Cursor || p.turn != feed.Turn {
		return position{}, &graphwarden.Refusal{
			Kind: graphwarden.Conflict, Code: "store.feed_moved",
			Say: fmt.Sprintf("The feed %q of %s has been read on by somebody else.", feed.Title, feed.Mailbox.UPN),
			Do:  "Nothing needs to be done: it goes on from there.",
		}
	}
	return p, nil
}
