package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/item"
)

// long is how long an item lasts that has an index of its own (0016_times.sql).
const long = 24 * time.Hour

const keptColumns = `i.starts_at, i.ends_at, i.feed, i.key, i.seq, f.resource, f.title`

// itemsWithin finds the items of a mailbox that are at some time in a window: those
// that begin in it or at most a day before, and of the others the long ones.
// ?1 flow, ?2 mailbox, ?3 calendar, ?4 a day before the window, ?5 and ?6 the
// window.
const itemsWithin = `SELECT ` + keptColumns + ` FROM feeds f JOIN items i ON i.feed = f.id
WHERE f.flow = ?1 AND f.mailbox = ?2 AND f.dropped_at = 0 AND (?3 = '' OR f.resource = ?3)
AND i.starts_at > 0 AND i.starts_at >= ?4 AND i.starts_at < ?6 AND (i.ends_at > ?5 OR i.starts_at >= ?5)
UNION ALL SELECT ` + keptColumns + ` FROM feeds f JOIN items i ON i.feed = f.id
WHERE f.flow = ?1 AND f.mailbox = ?2 AND f.dropped_at = 0 AND (?3 = '' OR f.resource = ?3)
AND i.ends_at - i.starts_at > 86400000000 AND i.ends_at > ?5 AND i.starts_at < ?4`

// itemsInWindow reads at most ?10 of them, in the order of time, after a place.
const itemsInWindow = `SELECT s.starts_at, s.ends_at, s.feed, s.key, s.resource, s.title, c.item, c.at, c.body FROM (` + itemsWithin + `) s
JOIN changes c ON c.seq = s.seq WHERE (s.starts_at, s.feed, s.key) > (?7, ?8, ?9) ORDER BY s.starts_at, s.feed, s.key LIMIT ?10`

// Window gives items of the copy that are at some time in a window, in the order
// of their beginnings.
func (s *Store) Window(ctx context.Context, w graphwarden.Sought) ([]graphwarden.Kept, error) {
	var list []graphwarden.Kept
	key := w.After.Key
	if key == nil {
		key = []byte{}
	}
	err := s.reads.rows(ctx, itemsInWindow, []any{w.Flow, w.Mailbox, w.Calendar, micros(w.Window.Start.Add(-long)), micros(w.Window.Start), micros(w.Window.End),
		micros(w.After.Start), w.After.Feed, key, w.Limit}, func(row scanner) error {
		k, err := scanKept(row)
		list = append(list, k)
		return err
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading what is in a window: %w", err))
	}
	return list, nil
}

func scanKept(row scanner) (k graphwarden.Kept, err error) {
	var start, end, at int64
	err = row.Scan(&start, &end, &k.At.Feed, &k.At.Key, &k.Calendar, &k.Title, &k.ID, &at, (*[]byte)(&k.Body))
	k.Feed, k.At.Start, k.End, k.SeenAt = k.At.Feed, fromMicros(start), fromMicros(end), fromMicros(at)
	return k, err
}

// KeptItem gives an item of the copy by its id, as a flow reads a mailbox.
func (s *Store) KeptItem(ctx context.Context, flow, mailbox, id string) (k graphwarden.Kept, there bool, err error) {
	key := digestOf(id)
	err = s.reads.rows(ctx, `SELECT coalesce(i.starts_at, 0), coalesce(i.ends_at, 0), i.feed, i.key, f.resource, f.title, c.item, c.at, c.body
FROM feeds f JOIN items i ON i.feed = f.id AND i.key = ? JOIN changes c ON c.seq = i.seq
WHERE f.flow = ? AND f.mailbox = ? AND f.dropped_at = 0`, []any{key[:], flow, mailbox}, func(row scanner) (err error) {
		there = true
		k, err = scanKept(row)
		return err
	})
	if err != nil {
		return k, false, s.refuse(fmt.Errorf("reading an item: %w", err))
	}
	return k, there, nil
}

// KeptBodies gives the bodies of items of a feed, by their ids, as far as they are
// there.
func (s *Store) KeptBodies(ctx context.Context, feed int64, ids []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, chunk := range chunks(ids) {
		args := []any{feed}
		for _, id := range chunk {
			key := digestOf(id)
			args = append(args, key[:])
		}
		err := s.reads.rows(ctx, `SELECT c.item, c.body FROM items i JOIN changes c ON c.seq = i.seq WHERE i.feed = ? AND i.key IN (`+marks(len(chunk))+`)`,
			args, func(row scanner) error {
				var id string
				var body []byte
				err := row.Scan(&id, &body)
				out[id] = body
				return err
			})
		if err != nil {
			return nil, s.refuse(fmt.Errorf("reading items of feed %d: %w", feed, err))
		}
	}
	return out, nil
}

// timesOf are the columns starts_at and ends_at of an item.
func timesOf(body []byte) (starts, ends int64) {
	start, end, ok := item.Times(body)
	if !ok {
		return 0, 0
	}
	return max(1, micros(start)), max(1, micros(end))
}

// ReadTimes notes when some items are that were stored by a version that did not;
// done means that there are none left.
func (s *Store) ReadTimes(ctx context.Context, limit int) (done bool, err error) {
	type unread struct {
		feed         int64
		key          []byte
		starts, ends int64
	}
	err = s.UpdateBulk(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		t, err := open(tx)
		if err != nil {
			return err
		}
		var list []unread
		err = t.rows(ctx, `SELECT i.feed, i.key, c.body FROM items i JOIN changes c ON c.seq = i.seq WHERE i.starts_at IS NULL ORDER BY i.feed LIMIT ?`, []any{limit}, func(row scanner) error {
			var u unread
			var body []byte
			err := row.Scan(&u.feed, &u.key, &body)
			u.starts, u.ends = timesOf(body)
			list = append(list, u)
			return err
		})
		if err != nil {
			return fmt.Errorf("looking for items without times: %w", err)
		}
		for _, u := range list {
			if _, err := t.exec(ctx, `UPDATE items SET starts_at = ?, ends_at = ? WHERE feed = ? AND key = ?`, u.starts, u.ends, u.feed, u.key); err != nil {
				return fmt.Errorf("noting when an item is: %w", err)
			}
		}
		done = len(list) < limit
		return nil
	})
	return done, err
}

// TimesRead says whether it is known of every item when it is.
func (s *Store) TimesRead(ctx context.Context) (bool, error) {
	var left int
	_, err := s.reads.row(ctx, `SELECT count(*) FROM (SELECT 1 FROM items WHERE starts_at IS NULL LIMIT 1) AS unread`, nil, &left)
	return left == 0, s.refuse(err)
}
