package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/item"
)

// noteBecamePrivate notes of the deliveries of a flow whose item is private by now, or was
// when it was last seen. What it said before is not told any more to who is not shown
// private items; that the change was stored earlier makes no difference.
func (s *Store) noteBecamePrivate(ctx context.Context, flow string, list []graphwarden.Delivery) error {
	var all []*graphwarden.Delivery
	for i := range list {
		if len(list[i].Change.Body) > 0 && !list[i].Change.Kind.OfConnection() {
			all = append(all, &list[i])
		}
	}
	newest, err := s.newestOf(ctx, flow, all)
	if err != nil {
		return s.refuse(fmt.Errorf("looking for what has become private: %w", err))
	}
	private, err := s.privateAmong(ctx, newest)
	if err != nil {
		return s.refuse(fmt.Errorf("reading what has become private: %w", err))
	}
	for _, d := range all {
		d.BecamePrivate = private[newest[d.Change.Item]]
	}
	return nil
}

// newestOf gives the newest change that has a body of each item that has a newer one than
// a delivery.
func (s *Store) newestOf(ctx context.Context, flow string, all []*graphwarden.Delivery) (map[string]int64, error) {
	newest := map[string]int64{}
	byFeed := map[int64]map[digest]string{}
	for _, d := range all {
		if byFeed[d.Change.Feed] == nil {
			byFeed[d.Change.Feed] = map[digest]string{}
		}
		byFeed[d.Change.Feed][digestOf(d.Change.Item)] = d.Change.Item
	}
	there := map[string]int64{}
	for feed, items := range byFeed {
		if err := s.seqsOf(ctx, feed, items, there); err != nil {
			return nil, err
		}
	}
	first, gone := int64(0), map[string]bool{}
	for _, d := range all {
		seq, is := there[d.Change.Item]
		switch {
		case is && seq > d.Change.Seq:
			newest[d.Change.Item] = seq
		case !is: // deleted, or in another feed by now
			if gone[d.Change.Item] = true; first == 0 || d.Change.Seq < first {
				first = d.Change.Seq
			}
		}
	}
	return newest, s.lastBodies(ctx, flow, first, gone, newest)
}

// seqsOf reads which changes hold the bodies of items of a feed.
func (s *Store) seqsOf(ctx context.Context, feed int64, items map[digest]string, into map[string]int64) error {
	var keys []digest
	for key := range items {
		keys = append(keys, key)
	}
	for _, chunk := range chunks(keys) {
		args := []any{feed}
		for _, key := range chunk {
			args = append(args, key[:])
		}
		err := s.reads.rows(ctx, `SELECT key, seq FROM items WHERE feed = ? AND key IN (`+marks(len(chunk))+`)`, args, func(row scanner) error {
			var key []byte
			var seq int64
			err := row.Scan(&key, &seq)
			if err == nil {
				into[items[digest(key)]] = seq
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lastBodies finds the last changes with a body of items that are not where they were.
// The changes of a flow are looked through for it, once for all of them.
func (s *Store) lastBodies(ctx context.Context, flow string, after int64, items map[string]bool, into map[string]int64) error {
	var ids []string
	for id := range items {
		ids = append(ids, id)
	}
	for _, chunk := range chunks(ids) {
		args := []any{flow, after}
		for _, id := range chunk {
			args = append(args, id)
		}
		err := s.reads.rows(ctx, `SELECT item, max(seq) FROM changes WHERE flow = ? AND seq > ? AND body IS NOT NULL AND item IN (`+marks(len(chunk))+`) GROUP BY item`,
			args, func(row scanner) error {
				var id string
				var seq int64
				err := row.Scan(&id, &seq)
				into[id] = max(into[id], seq)
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// privateAmong says which of the changes have a private item.
func (s *Store) privateAmong(ctx context.Context, newest map[string]int64) (map[int64]bool, error) {
	private := map[int64]bool{}
	var seqs []int64
	for _, seq := range newest {
		seqs = append(seqs, seq)
	}
	for _, chunk := range chunks(seqs) {
		args := make([]any, len(chunk))
		for i, seq := range chunk {
			args[i] = seq
		}
		err := s.reads.rows(ctx, `SELECT seq, body FROM changes WHERE seq IN (`+marks(len(chunk))+`)`, args, func(row scanner) error {
			var seq int64
			var body []byte
			err := row.Scan(&seq, &body)
			private[seq] = err == nil && item.Private(body)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return private, nil
}

// LastBody gives what the changes of a flow said last of an item, in whichever feed, as
// long as they are kept.
func (s *Store) LastBody(ctx context.Context, flow, item string) (body json.RawMessage, was bool, err error) {
	err = s.reads.rows(ctx, `SELECT body FROM changes WHERE flow = ? AND item = ? AND body IS NOT NULL ORDER BY seq DESC LIMIT 1`, []any{flow, item}, func(row scanner) error {
		var raw []byte
		was = true
		err := row.Scan(&raw)
		body = raw
		return err
	})
	if err != nil {
		return nil, false, s.refuse(fmt.Errorf("reading what was said of an item: %w", err))
	}
	return body, was, nil
}
