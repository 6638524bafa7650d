package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// PutPresence keeps what apps are told of people from now on, numbered in order.
func (s *Store) PutPresence(ctx context.Context, tx graphwarden.Tx, list []graphwarden.Told) error {
	t, err := open(tx)
	if err != nil || len(list) == 0 {
		return err
	}
	var last int64
	err = t.row(ctx, `UPDATE counters SET value = value + ? WHERE name = 'presence' RETURNING value`, []any{len(list)}, &last)
	if err != nil {
		return fmt.Errorf("numbering what is told of people: %w", err)
	}
	seq := last - int64(len(list))
	for _, chunk := range chunks(list) {
		args := make([]any, 0, 7*len(chunk))
		for _, p := range chunk {
			seq++
			args = append(args, p.Flow, p.Mailbox.ID, p.Mailbox.UPN, seq, micros(t.now), yes(p.Gone), nilIfEmpty(p.Body))
		}
		_, err := t.exec(ctx, `INSERT INTO presence (flow, mailbox, upn, seq, at, gone, body) VALUES `+tuples(len(chunk), `(?, ?, ?, ?, ?, ?, ?)`)+
			` ON CONFLICT (flow, mailbox) DO UPDATE SET upn = excluded.upn, seq = excluded.seq, at = excluded.at, gone = excluded.gone, body = excluded.body`, args...)
		if err != nil {
			return fmt.Errorf("keeping what is told of people: %w", err)
		}
	}
	t.touch(TouchedPresence)
	return nil
}

// PresenceAfter gives what was told of people after a number, in order; of each
// person the last only.
func (s *Store) PresenceAfter(ctx context.Context, seq int64, limit int) ([]graphwarden.Told, error) {
	var list []graphwarden.Told
	err := s.reads.rows(ctx, `SELECT seq, flow, mailbox, upn, at, gone, body FROM presence WHERE seq > ? ORDER BY seq LIMIT ?`,
		[]any{seq, limit}, func(row scanner) error {
			var p graphwarden.Told
			var at, gone int64
			err := row.Scan(&p.Seq, &p.Flow, &p.Mailbox.ID, &p.Mailbox.UPN, &at, &gone, (*[]byte)(&p.Body))
			p.At, p.Gone = fromMicros(at), gone == 1
			list = append(list, p)
			return err
		})
	return list, s.refuse(wrapped(err, "reading what is told of people"))
}

// FeedItems calls each with every item of a flow's feeds as it is now, those of one
// mailbox or of all for "", with the feed that has it.
func (s *Store) FeedItems(ctx context.Context, flow, mailbox string, each func(feed int64, mailbox, item string, body json.RawMessage) error) error {
	err := s.reads.rows(ctx, `SELECT f.id, f.mailbox, c.item, c.body FROM feeds f JOIN items i ON i.feed = f.id JOIN changes c ON c.seq = i.seq
WHERE f.flow = ?1 AND f.dropped_at = 0 AND (?2 = '' OR f.mailbox = ?2)`, []any{flow, mailbox}, func(row scanner) error {
		var feed int64
		var owner, item string
		var body []byte
		if err := row.Scan(&feed, &owner, &item, &body); err != nil {
			return err
		}
		return each(feed, owner, item, body)
	})
	return s.refuse(wrapped(err, "reading the items of a flow"))
}

// FeedSights says how lately the feeds of a flow were read, and what is in the
// way.
func (s *Store) FeedSights(ctx context.Context, flow string) ([]graphwarden.FeedSight, error) {
	var list []graphwarden.FeedSight
	err := s.reads.rows(ctx, `SELECT f.id, f.mailbox, f.upn, f.read_at, coalesce(r.code, ''), coalesce(r.say, '') FROM feeds f
LEFT JOIN troubles r ON r.feed = f.id WHERE f.flow = ? AND f.dropped_at = 0 ORDER BY f.id`, []any{flow}, func(row scanner) error {
		var f graphwarden.FeedSight
		var at int64
		err := row.Scan(&f.Feed, &f.Mailbox.ID, &f.Mailbox.UPN, &at, &f.Code, &f.Say)
		f.ReadAt = fromMicros(at)
		list = append(list, f)
		return err
	})
	return list, s.refuse(wrapped(err, "reading how lately feeds were read"))
}

// Origin names the database: numbers of one mean nothing in another.
func (s *Store) Origin() string { return s.id }
