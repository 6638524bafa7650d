package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// recently is among how many of a flow's last changes it is looked for whether the end
// of an item was told already.
const recently = 2000

// await remembers that feeds of a mailbox are to show what an app has made in it, if
// the flow reads the mailbox at all.
func (t *transaction) await(ctx context.Context, in graphwarden.Intent) error {
	if in.Kind != graphwarden.CreateEvent || in.Item == "" {
		return nil
	}
	key := digestOf(in.Item)
	_, err := t.exec(ctx, `INSERT INTO unmet (flow, mailbox, key, item, made_at) SELECT f.flow, f.mailbox, ?, ?, ? FROM feeds f
WHERE f.flow = ? AND f.mailbox = ? AND f.dropped_at = 0 LIMIT 1 ON CONFLICT (flow, mailbox, key) DO NOTHING`,
		key[:], in.Item, micros(t.now), in.Flow, in.Mailbox.ID)
	return wrapped(err, "awaiting what was made")
}

// missed holds what an app has made and a round that began afterwards has not shown,
// as if the feed had said that it is gone: somebody looks for it.
func (t *transaction) missed(ctx context.Context, p position) error {
	type made struct {
		key   []byte
		item  string
		shown bool
	}
	var list []made
	err := t.rows(ctx, `SELECT u.key, u.item, EXISTS (SELECT 1 FROM feeds o JOIN items i ON i.feed = o.id WHERE o.flow = u.flow AND o.mailbox = u.mailbox AND i.key = u.key)
FROM feeds f JOIN unmet u ON u.flow = f.flow AND u.mailbox = f.mailbox WHERE f.id = ? AND u.made_at < ?`, []any{p.feed, p.turn}, func(row scanner) error {
		var m made
		err := row.Scan(&m.key, &m.item, &m.shown)
		list = append(list, m)
		return err
	})
	if err != nil || len(list) == 0 {
		return wrapped(err, "looking for what no feed has shown")
	}
	var held []string
	for _, m := range list {
		if !m.shown {
			held = append(held, m.item)
		}
		if _, err := t.exec(ctx, `DELETE FROM unmet WHERE flow = ? AND key = ?`, p.flow, m.key); err != nil {
			return fmt.Errorf("meeting what was made: %w", err)
		}
	}
	return t.hold(ctx, p.feed, held)
}

// shown says whether a feed of a flow shows an item of a mailbox.
func (t *transaction) shown(ctx context.Context, feed graphwarden.Feed, key []byte) (shown bool, err error) {
	err = t.row(ctx, `SELECT EXISTS (SELECT 1 FROM feeds f JOIN items i ON i.feed = f.id WHERE f.flow = ? AND f.mailbox = ? AND i.key = ?)`,
		[]any{feed.Flow, feed.Mailbox.ID, key}, &shown)
	return shown, wrapped(err, "looking for an item in the feeds of its mailbox")
}

// toldGone says whether a flow was told lately that an item is gone.
func (t *transaction) toldGone(ctx context.Context, flow, item string) (told bool, err error) {
	err = t.row(ctx, `SELECT EXISTS (SELECT 1 FROM (SELECT item, kind FROM changes WHERE flow = ? ORDER BY seq DESC LIMIT ?) AS c WHERE c.item = ? AND c.kind = 'deleted')`,
		[]any{flow, recently, item}, &told)
	return told, wrapped(err, "looking for the end of an item")
}

// forgetUnmet forgets what was made before a time and no feed has been read since.
func (t *transaction) forgetUnmet(ctx context.Context, before time.Time) error {
	_, err := t.exec(ctx, `DELETE FROM unmet WHERE made_at < ?`, micros(before))
	return wrapped(err, "forgetting what was made")
}
