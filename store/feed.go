package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// feedColumns are what scanFeed reads, of feeds f and its cursor c.
const feedColumns = `f.id, f.flow, f.tenant, f.mailbox, f.upn, f.resource, f.title, f.window_start, f.window_end,
coalesce(c.cursor, ''), f.mark > f.clean, f.sweep_at, f.read_at`

const feedTables = ` FROM feeds f LEFT JOIN cursors c ON c.feed = f.id `

func scanFeed(row scanner, more ...any) (graphwarden.Feed, error) {
	var f graphwarden.Feed
	var start, end, sweep, read int64
	err := row.Scan(append([]any{&f.ID, &f.Flow, &f.Tenant, &f.Mailbox.ID, &f.Mailbox.UPN, &f.Resource, &f.Title,
		&start, &end, &f.Cursor, &f.Dirty, &sweep, &read}, more...)...)
	f.Window = graphwarden.Window{Start: fromMicros(start), End: fromMicros(end)}
	f.SweepAt, f.ReadAt = fromMicros(sweep), fromMicros(read)
	return f, err
}

// EnsureFeed makes sure that a feed exists, and returns it as stored. A feed is
// known by its flow, mailbox and resource. A new one is due at once; one that was
// dropped comes back; one whose window changed is due to be read from the start,
// whoever reads it now; one that is as it was is not written.
func (s *Store) EnsureFeed(ctx context.Context, tx graphwarden.Tx, want graphwarden.Feed) (graphwarden.Feed, error) {
	t, err := open(tx)
	if err != nil {
		return graphwarden.Feed{}, err
	}
	have, dropped, err := t.findFeed(ctx, want)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		err = t.insertFeed(ctx, want)
	case err != nil:
	case dropped, !sameWindow(have.Window, want.Window):
		err = t.restartFeed(ctx, have.ID, want)
	case have.Title != want.Title, have.Mailbox != want.Mailbox, have.Tenant != want.Tenant:
		_, err = t.exec(ctx, `UPDATE feeds SET title = ?, upn = ?, tenant = ? WHERE id = ?`,
			want.Title, want.Mailbox.UPN, want.Tenant, have.ID)
	default:
		return have, nil
	}
	if err == nil {
		have, _, err = t.findFeed(ctx, want)
	}
	if err != nil {
		return graphwarden.Feed{}, fmt.Errorf("keeping the feed of %s %q: %w", want.Mailbox.UPN, want.Title, err)
	}
	return have, nil
}

// sameWindow compares as windows are kept, in microseconds.
func sameWindow(a, b graphwarden.Window) bool {
	return micros(a.Start) == micros(b.Start) && micros(a.End) == micros(b.End)
}

func (t *transaction) findFeed(ctx context.Context, want graphwarden.Feed) (have graphwarden.Feed, dropped bool, err error) {
	found := false
	err = t.rows(ctx, `SELECT `+feedColumns+`, f.dropped_at <> 0`+feedTables+`WHERE f.flow = ? AND f.mailbox = ? AND f.resource = ?`,
		[]any{want.Flow, want.Mailbox.ID, want.Resource}, func(row scanner) (err error) {
			found = true
			have, err = scanFeed(row, &dropped)
			return err
		})
	if err == nil && !found {
		err = sql.ErrNoRows
	}
	return have, dropped, err
}

func (t *transaction) insertFeed(ctx context.Context, f graphwarden.Feed) error {
	t.touch(TouchedMarks)
	_, err := t.exec(ctx, `INSERT INTO feeds (flow, tenant, mailbox, upn, resource, title, window_start, window_end,
round, whole, mark, clean, due_at, not_before, sweep_at, read_at, dropped_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 1, 0, 0, ?, 0, 0, 0, 0)`,
		f.Flow, f.Tenant, f.Mailbox.ID, f.Mailbox.UPN, f.Resource, f.Title, micros(f.Window.Start), micros(f.Window.End), micros(t.now))
	return err
}

// restartFeed has a feed read from the start and takes it from its reader, who
// finds out by the cursor.
func (t *transaction) restartFeed(ctx context.Context, id int64, want graphwarden.Feed) error {
	t.touch(TouchedMarks)
	if err := t.putAside(ctx, id); err != nil {
		return err
	}
	_, err := t.exec(ctx, `UPDATE feeds SET title = ?1, upn = ?2, tenant = ?3, window_start = ?4, window_end = ?5,
round = round + 1, whole = 1, due_at = CASE WHEN not_before > ?6 THEN not_before ELSE ?6 END, dropped_at = 0 WHERE id = ?7`,
		want.Title, want.Mailbox.UPN, want.Tenant, micros(want.Window.Start), micros(want.Window.End), micros(t.now), id)
	return err
}

// rereadFeed has a feed read from the start, with the window that it has.
func (t *transaction) rereadFeed(ctx context.Context, id int64) error {
	if err := t.putAside(ctx, id); err != nil {
		return err
	}
	_, err := t.exec(ctx, `UPDATE feeds SET round = round + 1, whole = 1,
due_at = CASE WHEN not_before > ?1 THEN not_before ELSE ?1 END WHERE id = ?2`, micros(t.now), id)
	return err
}

// putAside forgets where a feed has been read to and takes it from its reader.
func (t *transaction) putAside(ctx context.Context, id int64) error {
	if _, err := t.exec(ctx, `DELETE FROM cursors WHERE feed = ?`, id); err != nil {
		return err
	}
	return t.free(ctx, id)
}

// DropFeed ends a feed whose resource has vanished: its items are reported
// deleted, and it is not read again unless EnsureFeed brings it back.
func (s *Store) DropFeed(ctx context.Context, tx graphwarden.Tx, id int64) ([]graphwarden.Change, error) {
	t, err := open(tx)
	if err != nil {
		return nil, err
	}
	p := position{feed: id}
	if err := t.row(ctx, `SELECT flow, round + 1 FROM feeds WHERE id = ?`, []any{id}, &p.flow, &p.round); err != nil {
		return nil, fmt.Errorf("finding feed %d to drop: %w", id, err)
	}
	changes, err := t.forgetUnseen(ctx, p, nil)
	if err != nil {
		return nil, fmt.Errorf("dropping the items of feed %d: %w", id, err)
	}
	if err := t.putAside(ctx, id); err != nil {
		return nil, fmt.Errorf("dropping the cursor of feed %d: %w", id, err)
	}
	if _, err := t.exec(ctx, `UPDATE feeds SET dropped_at = ? WHERE id = ?`, micros(t.now), id); err != nil {
		return nil, fmt.Errorf("dropping feed %d: %w", id, err)
	}
	return changes, nil
}

// Feeds gives the feeds of a flow, or of all flows for "", that are not dropped.
func (s *Store) Feeds(ctx context.Context, flow string) ([]graphwarden.Feed, error) {
	var list []graphwarden.Feed
	err := s.reads.rows(ctx, `SELECT `+feedColumns+feedTables+`WHERE f.dropped_at = 0 AND (f.flow = ?1 OR ?1 = '') ORDER BY f.id`,
		[]any{flow}, func(row scanner) error {
			f, err := scanFeed(row)
			list = append(list, f)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the feeds: %w", err))
	}
	return list, nil
}
