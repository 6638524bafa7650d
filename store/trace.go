package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/item"
)

// expect remembers what a write changes besides its item: the series of a date gets
// another version with every change of the date, which Microsoft does not name.
func (t *transaction) expect(ctx context.Context, in graphwarden.Intent) error {
	switch in.Kind {
	case graphwarden.UpdateEvent, graphwarden.DeleteEvent, graphwarden.CancelEvent, graphwarden.RespondEvent:
	default:
		return nil
	}
	series := in.Series
	if series == "" {
		body, err := t.shelved(ctx, `f.flow = ? AND f.mailbox = ?`, in.Item, in.Flow, in.Mailbox.ID)
		if err != nil {
			return err
		}
		series = toldOf(body).Series
	}
	if series == "" {
		return nil
	}
	key := digestOf(series)
	_, err := t.exec(ctx, `INSERT INTO effects (flow, mailbox, key, intent, made_at) VALUES (?, ?, ?, ?, ?)`,
		in.Flow, in.Mailbox.ID, key[:], in.ID, micros(t.now))
	return wrapped(err, "keeping what a write changes")
}

// shelved gives the body of an item as some feeds have shown it last, nil when none has.
func (t *transaction) shelved(ctx context.Context, feeds, id string, args ...any) (body []byte, err error) {
	key := digestOf(id)
	err = t.rows(ctx, `SELECT c.body FROM feeds f JOIN items i ON i.feed = f.id JOIN changes c ON c.seq = i.seq WHERE `+feeds+` AND i.key = ?`,
		append(args, key[:]), func(row scanner) error { return row.Scan(&body) })
	return body, wrapped(err, "reading an item as it was shown last")
}

// effect is a change that a write has, of what it did not name.
type effect struct {
	key    digest
	intent string
	state  graphwarden.IntentState
	ended  int64
}

// spent says whether the version that was read since a turn began is the write's, or newer.
// What was read before the write has ended may be older: another version follows.
func (e effect) spent(turn int64) bool { return e.state != graphwarden.IntentOpen && e.ended < turn }

// author gives, of the writes whose effect a change without news may be, the last that is
// done, or else the last that has no outcome yet; "" for none.
func author(effects []effect) string {
	for _, state := range []graphwarden.IntentState{graphwarden.IntentDone, graphwarden.IntentOpen} {
		for _, e := range slices.Backward(effects) {
			if e.state == state {
				return e.intent
			}
		}
	}
	return ""
}

// trace notes which changes are effects of writes, and of which series those are that
// are gone. The items are in the table still as they were before.
func (l *log) trace(ctx context.Context) error {
	has := func(kind graphwarden.ChangeKind) bool {
		return slices.ContainsFunc(l.changes, func(c graphwarden.Change) bool { return c.Kind == kind })
	}
	if has(graphwarden.Updated) {
		if err := l.traceUpdates(ctx); err != nil {
			return err
		}
	}
	if has(graphwarden.Deleted) {
		return l.traceRemovals(ctx)
	}
	return nil
}

// traceUpdates tells effects of writes by this: there is nothing new in them. One version
// of the series, with the dates that come with it, may be that of several writes.
func (l *log) traceUpdates(ctx context.Context) error {
	effects, err := l.effects(ctx)
	if err != nil || len(effects) == 0 {
		return err
	}
	for _, c := range l.changes {
		item, series := digestOf(c.Item), digestOf(toldOf(c.Body).Series)
		may := slices.DeleteFunc(slices.Clone(effects), func(e effect) bool { return e.key != item && e.key != series })
		if c.Kind != graphwarden.Updated || len(may) == 0 {
			continue
		}
		news, err := l.news(ctx, c)
		if err != nil {
			return err
		}
		if by := author(may); !news && by != "" {
			if err := l.note(ctx, c.Seq, by, ""); err != nil {
				return err
			}
		}
		if err := l.spend(ctx, may, item); err != nil {
			return err
		}
	}
	return nil
}

// spend forgets effects on a series that has shown them.
func (l *log) spend(ctx context.Context, effects []effect, series digest) error {
	for _, e := range effects {
		if e.key != series || !e.spent(l.turn) {
			continue
		}
		if _, err := l.t.exec(ctx, `DELETE FROM effects WHERE intent = ? AND key = ?`, e.intent, e.key[:]); err != nil {
			return fmt.Errorf("meeting what a write has changed: %w", err)
		}
	}
	return nil
}

// effects gives those that the feed's mailbox is to show, in the order of the writes.
func (l *log) effects(ctx context.Context) (list []effect, err error) {
	err = l.t.rows(ctx, `SELECT e.key, e.intent, i.state, i.ended_at FROM feeds f
JOIN effects e ON e.flow = f.flow AND e.mailbox = f.mailbox JOIN intents i ON i.name = e.intent WHERE f.id = ? ORDER BY i.id`, []any{l.feed}, func(row scanner) error {
		var e effect
		var key []byte
		err := row.Scan(&key, &e.intent, &e.state, &e.ended)
		e.key = digest(key)
		list = append(list, e)
		return err
	})
	return list, wrapped(err, "looking for effects of writes")
}

// note keeps what is known of a change.
func (l *log) note(ctx context.Context, seq int64, intent, series string) error {
	_, err := l.t.exec(ctx, `INSERT INTO traces (seq, intent, series, at) VALUES (?, ?, ?, ?)`,
		seq, intent, series, micros(l.t.now))
	return wrapped(err, "noting where a change comes from")
}

// news says whether a change tells more than that there is another version: something else
// than the app knows, from what the feed has shown or a write was answered with, whichever
// of them is later. That it is as it was before is news, too.
func (l *log) news(ctx context.Context, c graphwarden.Change) (bool, error) {
	was, err := l.t.shelved(ctx, `f.id = ?`, c.Item, l.feed)
	if err != nil || was == nil {
		return true, err
	}
	written, err := l.written(ctx, c.Item)
	if err != nil {
		return true, err
	}
	known := was
	if toldOf(written).after(toldOf(was)) {
		known = written
	}
	return item.Gist(c.Body) != item.Gist(known), nil
}

// written gives what the flow's last write of an item was answered with.
func (l *log) written(ctx context.Context, id string) (body []byte, err error) {
	err = l.t.rows(ctx, `SELECT i.result FROM feeds f JOIN intents i ON i.mailbox = f.mailbox AND i.flow = f.flow
WHERE f.id = ? AND i.item = ? AND i.item <> '' AND i.state = 'done' AND i.etag <> '' ORDER BY i.id DESC LIMIT 1`, []any{l.feed, id}, func(row scanner) error { return row.Scan(&body) })
	return body, wrapped(err, "looking for what a write was answered with")
}

// traceRemovals keeps of which series the dates are that are gone, where an app writes.
func (l *log) traceRemovals(ctx context.Context) error {
	var writes bool
	err := l.t.row(ctx, `SELECT EXISTS (SELECT 1 FROM item_references r WHERE r.flow = ?)
OR EXISTS (SELECT 1 FROM feeds f JOIN intents i ON i.mailbox = f.mailbox AND i.item <> '' WHERE f.id = ?)`, []any{l.flow, l.feed}, &writes)
	if err != nil || !writes {
		return wrapped(err, "looking for writes")
	}
	for _, c := range l.changes {
		if c.Kind != graphwarden.Deleted {
			continue
		}
		body, err := l.t.shelved(ctx, `f.id = ?`, c.Item, l.feed)
		if err != nil {
			return err
		}
		if series := toldOf(body).Series; series != "" {
			if err := l.note(ctx, c.Seq, "", series); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetTraces forgets effects that nobody has shown, and what is known of changes, from
// before a time.
func (t *transaction) forgetTraces(ctx context.Context, before time.Time) error {
	if _, err := t.exec(ctx, `DELETE FROM effects WHERE made_at < ?`, micros(before)); err != nil {
		return fmt.Errorf("forgetting effects: %w", err)
	}
	_, err := t.exec(ctx, `DELETE FROM traces WHERE at < ?`, micros(before))
	return wrapped(err, "forgetting where changes came from")
}
