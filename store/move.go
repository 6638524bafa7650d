package store

import (
	"context"
	"fmt"
)

// findElsewhere notes of the items that are new to a feed which other feed of
// the same flow and mailbox has them: an event that was moved to another calendar
// keeps its immutable id, and is one event.
func (t *transaction) findElsewhere(ctx context.Context, p position, known map[digest]*row) error {
	var fresh []*row
	for _, r := range known {
		if !r.stored {
			fresh = append(fresh, r)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	var others []int64
	err := t.rows(ctx, `SELECT o.id FROM feeds f JOIN feeds o ON o.flow = f.flow AND o.mailbox = f.mailbox
WHERE f.id = ? AND o.id <> f.id AND o.dropped_at = 0`, []any{p.feed}, func(found scanner) error {
		var id int64
		err := found.Scan(&id)
		others = append(others, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("finding the other feeds of the mailbox of feed %d: %w", p.feed, err)
	}
	for _, other := range others {
		if err := t.findIn(ctx, other, fresh, known); err != nil {
			return fmt.Errorf("looking for moved items in feed %d: %w", other, err)
		}
	}
	return nil
}

func (t *transaction) findIn(ctx context.Context, other int64, fresh []*row, known map[digest]*row) error {
	for _, chunk := range chunks(fresh) {
		args := make([]any, 1, 1+len(chunk))
		args[0] = other
		for _, r := range chunk {
			args = append(args, r.key[:])
		}
		err := t.rows(ctx, `SELECT key FROM items WHERE feed = ? AND key IN (`+marks(len(chunk))+`)`, args, func(found scanner) error {
			var key []byte
			if err := found.Scan(&key); err != nil {
				return err
			}
			known[digest(key)].elsewhere = other
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// takeOver ends an item in the feed that it was moved from, which is not to tell
// that it is gone.
func (t *transaction) takeOver(ctx context.Context, r *row) error {
	if err := t.deleteItems(ctx, r.elsewhere, []*row{r}); err != nil {
		return fmt.Errorf("taking an item over from feed %d: %w", r.elsewhere, err)
	}
	return t.release(ctx, r.elsewhere, []*row{r})
}
