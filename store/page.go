package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/graphwarden/graphwarden"
)

// ApplyPage stores what a page brought: its items, one change for each that
// differs from what is stored, and the cursor that follows them, in one
// transaction, so that a crash repeats a page and never skips one. feed.Cursor
// must be the cursor that the page was read from; a feed that somebody else has
// read on is refused (Conflict). Items that are as they were leave no change:
// Microsoft may replay them. The reader's lease begins anew.
func (s *Store) ApplyPage(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, page graphwarden.Page) ([]graphwarden.Change, error) {
	t, err := open(tx)
	if err != nil {
		return nil, err
	}
	p, err := t.position(ctx, feed)
	if err != nil {
		return nil, err
	}
	p.doubted = feed.Doubted
	changes, err := t.applyItems(ctx, p, page.Items)
	if err != nil {
		return nil, fmt.Errorf("storing %d items of feed %d: %w", len(page.Items), feed.ID, err)
	}
	if err := t.moveCursor(ctx, feed.ID, page); err != nil {
		return nil, err
	}
	_, err = t.exec(ctx, `UPDATE leases SET until = ? + span WHERE feed = ?`, micros(t.now), feed.ID)
	if err != nil {
		return nil, fmt.Errorf("extending the lease of feed %d: %w", feed.ID, err)
	}
	return changes, nil
}

// moveCursor stores the cursor that follows a page.
func (t *transaction) moveCursor(ctx context.Context, feed int64, page graphwarden.Page) error {
	at := int64(0)
	if page.Last {
		at = micros(t.now)
	}
	_, err := t.exec(ctx, `INSERT INTO cursors (feed, cursor, at) VALUES (?, ?, ?)
ON CONFLICT (feed) DO UPDATE SET cursor = excluded.cursor, at = excluded.at`, feed, string(page.Next), at)
	if err != nil {
		return fmt.Errorf("storing the cursor of feed %d: %w", feed, err)
	}
	return nil
}

func (t *transaction) applyItems(ctx context.Context, p position, items []graphwarden.Item) ([]graphwarden.Change, error) {
	known, err := t.knownItems(ctx, p.feed, items)
	if err != nil {
		return nil, err
	}
	log, err := t.beginLog(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := t.findElsewhere(ctx, p, known); err != nil {
		return nil, err
	}
	var touched []*row
	for _, in := range items {
		at := known[digestOf(in.ID)]
		before := at.touched
		at.take(in, log, p)
		if at.touched && !before {
			touched = append(touched, at)
		}
	}
	if err := log.write(ctx); err != nil {
		return nil, err
	}
	if err := t.writeItems(ctx, p.feed, touched); err != nil {
		return nil, err
	}
	return log.changes, t.keepRemovals(ctx, p, items, known)
}

// keepRemovals holds the items that a doubted feed says are gone, releases those
// that it shows, and takes those over that came from another feed.
func (t *transaction) keepRemovals(ctx context.Context, p position, items []graphwarden.Item, known map[digest]*row) error {
	var held []string
	var shown []*row
	for _, in := range items {
		at := known[digestOf(in.ID)]
		switch {
		case at.held && in.Removed:
			held = append(held, in.ID)
		case !at.held && at.present:
			shown = append(shown, at)
		}
		if at.elsewhere != 0 && at.present {
			if err := t.takeOver(ctx, at); err != nil {
				return err
			}
		}
	}
	if err := t.release(ctx, p.feed, shown); err != nil {
		return err
	}
	return t.hold(ctx, p.feed, slices.Compact(held))
}

// take brings a row in line with what a page says of its item, and logs the
// difference.
func (r *row) take(in graphwarden.Item, log *log, p position) {
	round := p.round
	r.held = in.Removed && r.present && p.doubted
	switch hash := digestOf(in.Body); {
	case r.held: // as it is, until somebody has looked
	case in.Removed && r.present:
		log.add(graphwarden.Deleted, in.ID, nil)
		r.present, r.touched = false, true
	case in.Removed:
	case !r.present && r.elsewhere != 0: // moved from another calendar of the mailbox
		r.set(log.add(graphwarden.Updated, in.ID, in.Body), hash, round)
		r.dated(in.Body)
	case !r.present:
		r.set(log.add(graphwarden.Created, in.ID, in.Body), hash, round)
		r.dated(in.Body)
	case r.hash != hash:
		r.set(log.add(graphwarden.Updated, in.ID, in.Body), hash, round)
		r.dated(in.Body)
	case r.round != round:
		r.set(r.seq, hash, round)
	}
}
