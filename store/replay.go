package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// CountReplay gives a replay with its bounds and how many deliveries it would make
// now.
func (s *Store) CountReplay(ctx context.Context, r graphwarden.Replay) (graphwarden.Replay, error) {
	r, err := s.bounded(ctx, r)
	if err != nil {
		return r, err
	}
	from, where, args := replayed(r)
	if _, err := s.reads.row(ctx, `SELECT count(*)`+from+where, args, &r.Total); err != nil {
		return r, s.refuse(fmt.Errorf("counting a replay for sink %s: %w", r.Sink, err))
	}
	return r, nil
}

// BeginReplay keeps a replay that the sink's courier is to make, and gives it
// with its number and its bounds: nothing after the sink's cursor is told, since
// that is on its way anyway. Total is what CountReplay said.
func (s *Store) BeginReplay(ctx context.Context, tx graphwarden.Tx, r graphwarden.Replay) (graphwarden.Replay, error) {
	t, err := open(tx)
	if err != nil {
		return r, err
	}
	if r, err = s.bounded(ctx, r); err != nil {
		return r, err
	}
	err = t.row(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'replays' RETURNING value`, nil, &r.ID)
	if err == nil {
		r.MadeAt, r.At = t.now, graphwarden.ReplayMark{Seq: r.First - 1, Key: []byte{}}
		_, err = t.exec(ctx, `INSERT INTO replays (id, sink, made_at, ended_at, snapshot, dead, first, last, mailbox, item, kind, total, done, cursor, at_feed, at_key)
VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, ?)`, r.ID, r.Sink, micros(t.now), yes(r.Snapshot), yes(r.Dead), r.First, r.Last,
			r.Mailbox, r.Item, string(r.Kind), r.Total, r.At.Seq, r.At.Key)
	}
	if err != nil {
		return r, fmt.Errorf("keeping a replay for sink %s: %w", r.Sink, err)
	}
	return r, nil
}

// yes is how a yes or no is kept.
func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

// bounded keeps a replay within what its sink has been through.
func (s *Store) bounded(ctx context.Context, r graphwarden.Replay) (graphwarden.Replay, error) {
	p, err := s.standing(ctx, r.Sink)
	if err != nil {
		return r, err
	}
	r.First, r.Disabled, r.RestsTo = max(r.First, 1), p.disabled, fromMicros(p.rests)
	if r.Last == 0 || r.Last > p.cursor {
		r.Last = p.cursor
	}
	return r, nil
}

// replayed gives what follows SELECT … for the deliveries of a replay that are
// still to be told.
func replayed(r graphwarden.Replay) (from, where string, args []any) {
	add := func(condition string, arg ...any) {
		where += ` AND ` + condition
		args = append(args, arg...)
	}
	from = ` FROM sinks s JOIN changes c ON c.flow = s.flow JOIN feeds f ON f.id = c.feed`
	switch {
	case r.Snapshot:
		from = ` FROM sinks s JOIN feeds f ON f.flow = s.flow JOIN items i ON i.feed = f.id JOIN changes c ON c.seq = i.seq`
	case r.Dead:
		from = ` FROM sinks s JOIN dead_letters l ON l.sink = s.name JOIN changes c ON c.seq = l.seq JOIN feeds f ON f.id = c.feed`
	}
	where, args = ` WHERE s.name = ?`, []any{r.Sink}
	add(`c.seq >= ? AND c.seq <= ?`, r.First, r.Last)
	if r.Snapshot {
		key := r.At.Key
		if key == nil {
			key = []byte{}
		}
		add(`(i.feed > ? OR i.feed = ? AND i.key > ?)`, r.At.Feed, r.At.Feed, key)
	} else {
		add(`c.seq > ?`, r.At.Seq)
	}
	if r.Mailbox != "" {
		add(`(f.mailbox = ? OR lower(f.upn) = ?)`, r.Mailbox, strings.ToLower(r.Mailbox))
	}
	if r.Item != "" {
		add(`c.item = ?`, r.Item)
	}
	if r.Kind != "" && !r.Snapshot {
		add(`c.kind = ?`, string(r.Kind))
	}
	return from, where, args
}

// NextReplay gives the oldest replay of a sink that is under way; ok is false
// when there is none, or the sink is disabled.
func (s *Store) NextReplay(ctx context.Context, sink string) (r graphwarden.Replay, ok bool, err error) {
	list, err := s.replays(ctx, `WHERE r.sink = ? AND r.ended_at = 0 AND s.disabled = '' ORDER BY r.id LIMIT 1`, sink)
	if err != nil || len(list) == 0 {
		return r, false, err
	}
	return list[0], true, nil
}

// Replays gives the last hundred replays of a sink, or of all for "", the newest first.
func (s *Store) Replays(ctx context.Context, sink string) ([]graphwarden.Replay, error) {
	return s.replays(ctx, `WHERE (r.sink = ?1 OR ?1 = '') ORDER BY r.id DESC LIMIT 100`, sink)
}

func (s *Store) replays(ctx context.Context, where string, args ...any) ([]graphwarden.Replay, error) {
	var list []graphwarden.Replay
	err := s.reads.rows(ctx, `SELECT r.id, r.sink, r.made_at, r.ended_at, r.snapshot, r.dead, r.first, r.last, r.mailbox, r.item, r.kind,
r.total, r.done, r.failed, r.cursor, r.at_feed, r.at_key, s.disabled <> '', s.rests_until
FROM replays r JOIN sinks s ON s.name = r.sink `+where, args, func(row scanner) error {
		var r graphwarden.Replay
		var made, ended, rests int64
		var snapshot, dead int
		err := row.Scan(&r.ID, &r.Sink, &made, &ended, &snapshot, &dead, &r.First, &r.Last, &r.Mailbox, &r.Item, &r.Kind,
			&r.Total, &r.Done, &r.Failed, &r.At.Seq, &r.At.Feed, &r.At.Key, &r.Disabled, &rests)
		r.RestsTo = fromMicros(rests)
		r.MadeAt, r.EndedAt, r.Snapshot, r.Dead = fromMicros(made), fromMicros(ended), snapshot == 1, dead == 1
		list = append(list, r)
		return err
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the replays: %w", err))
	}
	return list, nil
}

// ReplayDeliveries gives what a replay tells next, at most limit deliveries, and
// the replay as it is after them. Those whose item waits behind a failure are
// apart, in waiting. None at all means that it is over.
func (s *Store) ReplayDeliveries(ctx context.Context, r graphwarden.Replay, limit int) (told, waiting []graphwarden.Delivery, after graphwarden.Replay, err error) {
	after = r
	from, where, args := replayed(r)
	columns, order := `0, NULL`, ` ORDER BY c.seq`
	if r.Snapshot {
		columns, order = `i.feed, i.key`, ` ORDER BY i.feed, i.key`
	}
	snapshot := `0`
	if r.Dead {
		snapshot = `l.snapshot`
	}
	err = s.reads.rows(ctx, `SELECT `+deliveryColumns+`, `+snapshot+`, `+columns+`,
EXISTS (SELECT 1 FROM deliveries d WHERE d.sink = s.name AND d.item = c.item)`+from+where+order+` LIMIT ?`,
		append(args, limit), func(row scanner) error {
			var feed, shown int64
			var key []byte
			var waits bool
			d, err := s.scanDelivery(row, r.Sink, &shown, &feed, &key, &waits)
			if r.Snapshot {
				shown, after.At.Feed, after.At.Key = r.ID, feed, key
			}
			if shown != 0 {
				s.show(&d, shown)
			}
			after.At.Seq, after.Done = d.Change.Seq, after.Done+1
			if waits {
				waiting = append(waiting, d)
			} else {
				told = append(told, d)
			}
			return err
		})
	if err != nil {
		return nil, nil, r, s.refuse(fmt.Errorf("reading what replay %d tells: %w", r.ID, err))
	}
	p, err := s.standing(ctx, r.Sink)
	if err == nil {
		err = s.noteBecamePrivate(ctx, p.flow, told) // what waits is read again
	}
	return told, waiting, after, err
}

// AdvanceReplay moves a replay on: what ReplayDeliveries gave was acknowledged,
// except failed and what was waiting. These get rows; an item's later changes
// wait behind them, and what waited for its next attempt is due now.
func (s *Store) AdvanceReplay(ctx context.Context, tx graphwarden.Tx, after graphwarden.Replay, told, failed, waiting []graphwarden.Delivery) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if err = t.revive(ctx, after.Sink, slices.Concat(told, waiting)); err == nil {
		err = t.keepDeliveries(ctx, slices.Concat(failed, waiting))
	}
	for _, d := range slices.Concat(failed, waiting) {
		if err == nil {
			_, err = t.exec(ctx, `UPDATE deliveries SET due_at = NULL WHERE sink = ? AND item = ? AND seq > ? AND due_at IS NOT NULL`,
				d.Sink, d.Change.Item, d.Change.Seq)
		}
	}
	for _, d := range waiting {
		if err == nil {
			_, err = t.exec(ctx, `UPDATE deliveries SET due_at = ?1 WHERE sink = ?2 AND seq = ?3 AND due_at > ?1`,
				micros(t.now), d.Sink, d.Change.Seq)
		}
	}
	if err == nil {
		_, err = t.exec(ctx, `UPDATE replays SET done = ?, failed = failed + ?, cursor = ?, at_feed = ?, at_key = ? WHERE id = ?`,
			after.Done, len(failed)+len(waiting), after.At.Seq, after.At.Feed, after.At.Key, after.ID)
	}
	if err != nil {
		return fmt.Errorf("advancing replay %d: %w", after.ID, err)
	}
	return nil
}

// EndReplay ends a replay, whether or not it has told everything.
func (s *Store) EndReplay(ctx context.Context, tx graphwarden.Tx, id int64) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	n, err := t.change(ctx, `UPDATE replays SET ended_at = ? WHERE id = ? AND ended_at = 0`, micros(t.now), id)
	if err != nil {
		return fmt.Errorf("ending replay %d: %w", id, err)
	}
	if n == 0 {
		return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "store.replay_unknown", Field: "id",
			Say: fmt.Sprintf("No replay %d is under way.", id), Do: "Look which are: graphwarden deliveries replays."}
	}
	return nil
}

// SeqAt gives the number of the last change of a flow, or of all flows for "",
// that was stored before a time; 0 when there is none.
func (s *Store) SeqAt(ctx context.Context, flow string, at time.Time) (int64, error) {
	var seq sql.NullInt64
	_, err := s.reads.row(ctx, `SELECT max(seq) FROM changes WHERE (flow = ?1 OR ?1 = '') AND at < ?2`, []any{flow, micros(at)}, &seq)
	if err != nil {
		return 0, s.refuse(fmt.Errorf("finding the change at %s: %w", at, err))
	}
	return seq.Int64, nil
}

// ChangesOf gives the changes of a flow that follow a number as deliveries to
// nobody in particular, in order.
func (s *Store) ChangesOf(ctx context.Context, flow string, after int64, limit int) ([]graphwarden.Delivery, error) {
	var list []graphwarden.Delivery
	err := s.reads.rows(ctx, `SELECT `+deliveryColumns+` FROM changes c JOIN feeds f ON f.id = c.feed WHERE c.flow = ? AND c.seq > ? ORDER BY c.seq LIMIT ?`,
		[]any{flow, after, limit}, func(row scanner) error {
			d, err := s.scanDelivery(row, "")
			list = append(list, d)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading changes of flow %s after %d: %w", flow, after, err))
	}
	return list, s.noteBecamePrivate(ctx, flow, list)
}
