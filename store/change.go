package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// log collects the changes of one feed in one transaction, and numbers them.
type log struct {
	t       *transaction
	feed    int64
	flow    string
	turn    int64 // when the reader's turn began, 0 where nobody reads
	last    int64 // the number last given out
	changes []graphwarden.Change
}

func (t *transaction) beginLog(ctx context.Context, p position) (*log, error) {
	l := &log{t: t, feed: p.feed, flow: p.flow, turn: p.turn}
	if err := t.row(ctx, `SELECT value FROM counters WHERE name = 'changes'`, nil, &l.last); err != nil {
		return nil, fmt.Errorf("numbering changes: %w", err)
	}
	return l, nil
}

// add notes a change and gives its number.
func (l *log) add(kind graphwarden.ChangeKind, id string, body json.RawMessage) int64 {
	l.last++
	l.changes = append(l.changes, graphwarden.Change{Seq: l.last, Feed: l.feed, Item: id, Kind: kind, At: l.t.now, Body: body})
	return l.last
}

// write stores the changes and the last number.
func (l *log) write(ctx context.Context) error {
	rest := l.changes
	if l.t.engine.arrays() {
		if err := l.t.logArrays(ctx, l, rest); err != nil {
			return fmt.Errorf("storing changes: %w", err)
		}
		rest = nil
	}
	for _, chunk := range chunks(rest) {
		args := make([]any, 0, 7*len(chunk))
		for _, c := range chunk {
			args = append(args, c.Seq, l.feed, l.flow, c.Item, string(c.Kind), micros(c.At), nilIfEmpty(c.Body))
		}
		_, err := l.t.exec(ctx, `INSERT INTO changes (seq, feed, flow, item, kind, at, body) VALUES `+
			tuples(len(chunk), `(?, ?, ?, ?, ?, ?, ?)`), args...)
		if err != nil {
			return fmt.Errorf("storing changes: %w", err)
		}
	}
	if len(l.changes) == 0 {
		return nil
	}
	if _, err := l.t.exec(ctx, `UPDATE counters SET value = ? WHERE name = 'changes'`, l.last); err != nil {
		return fmt.Errorf("storing the number of the last change: %w", err)
	}
	l.t.touch(TouchedChanges)
	return l.trace(ctx)
}

// nilIfEmpty makes NULL of a body that is not there.
func nilIfEmpty(body json.RawMessage) any {
	if len(body) == 0 {
		return nil
	}
	return []byte(body)
}

// ChangesAfter gives the changes of a flow that follow a number, in order.
func (s *Store) ChangesAfter(ctx context.Context, flow string, seq int64, limit int) ([]graphwarden.Change, error) {
	var list []graphwarden.Change
	err := s.reads.rows(ctx, `SELECT seq, feed, item, kind, at, body FROM changes WHERE flow = ? AND seq > ? ORDER BY seq LIMIT ?`,
		[]any{flow, seq, limit}, func(row scanner) error {
			var c graphwarden.Change
			var at int64
			err := row.Scan(&c.Seq, &c.Feed, &c.Item, &c.Kind, &at, (*[]byte)(&c.Body))
			c.At = fromMicros(at)
			list = append(list, c)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading changes after %d: %w", seq, err))
	}
	return list, nil
}
