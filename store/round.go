package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// FinishRound ends a round: the feed is clean up to the marks that its reader
// knew of, is due again at sweepAt or at once if marks came meanwhile, and the
// lease is given back. After a round from the start, the items that it did not
// bring are gone, and only now: each becomes a Deleted change, or in a doubted
// feed is held until somebody has looked (LeaseRemovals), unless outside says of
// its last body that it merely left the window, which nobody is told. outside may
// be nil.
func (s *Store) FinishRound(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, sweepAt time.Time, outside func(body json.RawMessage) bool) ([]graphwarden.Change, error) {
	t, err := open(tx)
	if err != nil {
		return nil, err
	}
	p, err := t.position(ctx, feed)
	if err != nil {
		return nil, err
	}
	var changes []graphwarden.Change
	if p.doubted = feed.Doubted; p.whole {
		if changes, err = t.forgetUnseen(ctx, p, outside); err != nil {
			return nil, fmt.Errorf("removing what a full read of feed %d did not bring: %w", feed.ID, err)
		}
	}
	return changes, t.endRound(ctx, p, sweepAt)
}

// EmptyRound ends a round whose one page brought nothing and was the last, of a
// feed that is not read from the start. The cursor that followed is stored only
// when the one that it was read from is old: that one leads to the same changes,
// and a cursor takes a page of the file.
func (s *Store) EmptyRound(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, next graphwarden.Cursor, sweepAt time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	p, err := t.position(ctx, feed)
	if err != nil {
		return err
	}
	if p.whole || p.cursor == "" {
		return fmt.Errorf("ending a round from the start of feed %d as if it were another", feed.ID)
	}
	if p.cursorAt < micros(t.now.Add(-cursorKeeps)) {
		if err := t.moveCursor(ctx, feed.ID, graphwarden.Page{Next: next, Last: true}); err != nil {
			return err
		}
	}
	return t.endRound(ctx, p, sweepAt)
}

// cursorKeeps is how old a cursor may grow whose rounds bring nothing. Microsoft
// says of no cursor how long it lives; one of a sweep ago has to work anyway.
const cursorKeeps = time.Hour

// endRound gives a feed back that has been read up to its reader's mark.
func (t *transaction) endRound(ctx context.Context, p position, sweepAt time.Time) error {
	if err := t.missed(ctx, p); err != nil {
		return err
	}
	due := sweepAt
	if p.mark > p.read {
		due = t.now
	}
	_, err := t.exec(ctx, `UPDATE feeds SET clean = ?, whole = 0, read_at = ?, sweep_at = ?, due_at = ? WHERE id = ?`,
		p.read, micros(t.now), micros(sweepAt), micros(due), p.feed)
	if err == nil {
		err = t.free(ctx, p.feed)
	}
	if err != nil {
		return fmt.Errorf("finishing a round of feed %d: %w", p.feed, err)
	}
	return t.recover(ctx, p)
}

// recover forgets the trouble of a feed that was read. While it was refused, and not
// just asked to wait, Microsoft may have paused what notifies of its mailbox, and asked
// in vain to reauthorize it: that is due.
func (t *transaction) recover(ctx context.Context, p position) error {
	refused := false
	err := t.rows(ctx, `DELETE FROM troubles WHERE feed = ? RETURNING code`, []any{p.feed}, func(found scanner) error {
		var code string
		err := found.Scan(&code)
		refused = code != graphwarden.CodeBusy
		return err
	})
	if err != nil || !refused {
		return wrapped(err, "forgetting a feed's trouble")
	}
	_, err = t.exec(ctx, `UPDATE subscriptions SET renew_at = ?1 WHERE renew_at > ?1 AND flow = ?2
AND mailbox = (SELECT mailbox FROM feeds WHERE id = ?3)`, micros(t.now), p.flow, p.feed)
	return wrapped(err, "hastening what notifies of a feed's mailbox")
}

// ResetFeed begins a round from the start, because the cursor no longer works.
// The reader keeps the feed and goes on with an empty cursor. The items stay
// until FinishRound knows which of them are still there.
func (s *Store) ResetFeed(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.position(ctx, feed); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM cursors WHERE feed = ?`, feed.ID); err != nil {
		return fmt.Errorf("resetting the cursor of feed %d: %w", feed.ID, err)
	}
	if _, err := t.exec(ctx, `UPDATE feeds SET round = round + 1, whole = 1 WHERE id = ?`, feed.ID); err != nil {
		return fmt.Errorf("resetting feed %d: %w", feed.ID, err)
	}
	return nil
}

// forgetUnseen removes the items that no page of the position's round brought.
func (t *transaction) forgetUnseen(ctx context.Context, p position, outside func(json.RawMessage) bool) ([]graphwarden.Change, error) {
	log, err := t.beginLog(ctx, p)
	if err != nil {
		return nil, err
	}
	var gone []*row
	var held, past []string
	err = t.rows(ctx, `SELECT i.key, c.item, CASE WHEN ? = 1 THEN c.body END FROM items i JOIN changes c ON c.seq = i.seq
WHERE i.feed = ? AND i.round < ? ORDER BY i.seq`, []any{outside != nil, p.feed, p.round}, func(found scanner) error {
		var key, body []byte
		var id string
		if err := found.Scan(&key, &id, &body); err != nil {
			return err
		}
		left := outside != nil && outside(body)
		if p.doubted && !left {
			held = append(held, id)
			return nil
		}
		gone = append(gone, &row{key: digest(key), stored: true})
		if left {
			past = append(past, id)
		} else {
			log.add(graphwarden.Deleted, id, nil)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := t.hold(ctx, p.feed, held); err != nil {
		return nil, err
	}
	if err := t.release(ctx, p.feed, gone); err != nil {
		return nil, err
	}
	if err := log.write(ctx); err != nil {
		return nil, err
	}
	if err := t.untable(ctx, p.flow, p.feed, past); err != nil {
		return nil, err
	}
	return log.changes, t.deleteItems(ctx, p.feed, gone)
}
