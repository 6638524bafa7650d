package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/graphwarden/graphwarden"
)

// Bury gives a delivery up: it becomes a dead letter, and the next change of its
// item, which waited behind it, is due now.
func (s *Store) Bury(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO dead_letters (sink, seq, feed, item, attempt, first_at, died_at, reason, snapshot)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sink, seq) DO UPDATE SET attempt = excluded.attempt, first_at = excluded.first_at,
died_at = excluded.died_at, reason = excluded.reason, snapshot = excluded.snapshot`,
		d.Sink, d.Change.Seq, d.Change.Feed, d.Change.Item, d.Attempt, micros(d.FirstAt), micros(t.now), d.Reason, d.Snapshot)
	if err == nil {
		err = t.pass(ctx, d)
	}
	if err != nil {
		return fmt.Errorf("giving up %s: %w", d.ID, err)
	}
	return nil
}

// revive forgets that deliveries were dead: they are told again.
func (t *transaction) revive(ctx context.Context, sink string, list []graphwarden.Delivery) error {
	var some bool
	if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM dead_letters WHERE sink = ?)`, []any{sink}, &some); err != nil || !some {
		return err
	}
	for _, d := range list {
		n, err := t.change(ctx, `DELETE FROM dead_letters WHERE sink = ? AND seq = ?`, sink, d.Change.Seq)
		if err == nil && n > 0 {
			_, err = t.exec(ctx, `DELETE FROM attempts WHERE sink = ? AND seq = ?`, sink, d.Change.Seq)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// FailedDeliveries gives the deliveries of a sink, or of all for "", that failed
// and are tried again, or those that are dead: the oldest change first, and of
// one change by the sink's name, after a change's number and a sink.
func (s *Store) FailedDeliveries(ctx context.Context, sink string, dead bool, after int64, afterSink string, limit int) ([]graphwarden.DeliveryState, error) {
	query := `SELECT ` + deliveryColumns + `, d.attempt, d.due_at, d.reason, d.first_at, d.snapshot, d.sink, 0, -1, k.disabled <> '', k.rests_until FROM deliveries d`
	if dead {
		query = `SELECT ` + deliveryColumns + `, d.attempt, NULL, d.reason, d.first_at, d.snapshot, d.sink, d.died_at, -1, k.disabled <> '', k.rests_until FROM dead_letters d`
	}
	list, err := s.deliveryStates(ctx, query+` JOIN changes c ON c.seq = d.seq JOIN feeds f ON f.id = c.feed JOIN sinks k ON k.name = d.sink
WHERE (d.sink = ?1 OR ?1 = '') AND (d.seq > ?2 OR d.seq = ?2 AND d.sink > ?3) ORDER BY d.seq, d.sink LIMIT ?4`, sink, after, afterSink, limit)
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading what failed: %w", err))
	}
	return list, nil
}

// DeliveryByID gives what became of a delivery at each sink of its flow: whether
// it failed, with its last attempts, was passed, or is still to come. What is kept
// no more, and what never was, are refused each for what it is.
func (s *Store) DeliveryByID(ctx context.Context, id string) ([]graphwarden.DeliveryState, error) {
	seq, err := s.SeqOf(id)
	if err != nil {
		return nil, err
	}
	all, err := s.deliveryStates(ctx, `SELECT `+deliveryColumns+`, 0, NULL, '', 0, 0, k.name, 0, CASE WHEN k.cursor >= c.seq THEN 1 ELSE 0 END, k.disabled <> '', k.rests_until
FROM changes c JOIN feeds f ON f.id = c.feed JOIN sinks k ON k.flow = c.flow WHERE c.seq = ? AND k.retired_at = 0 AND k.kind <> ? ORDER BY k.name`,
		seq, string(graphwarden.Nowhere))
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading what became of %s: %w", id, err))
	}
	failed, err := s.failedOf(ctx, seq)
	if err != nil {
		return nil, err
	}
	for _, f := range failed {
		i := slices.IndexFunc(all, func(d graphwarden.DeliveryState) bool { return d.Sink == f.Sink })
		if i < 0 {
			all = append(all, f)
		} else {
			all[i] = f
		}
	}
	if len(all) == 0 {
		return nil, s.noDelivery(ctx, id, seq)
	}
	return all, nil
}

// failedOf gives the deliveries of a change that failed.
func (s *Store) failedOf(ctx context.Context, seq int64) (all []graphwarden.DeliveryState, err error) {
	for _, dead := range []bool{false, true} {
		list, err := s.FailedDeliveries(ctx, "", dead, seq, "", 1000)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if d.Change.Seq != seq {
				break
			}
			if d.Attempts, err = s.Attempts(ctx, d.Sink, seq); err != nil {
				return nil, err
			}
			all = append(all, d)
		}
	}
	return all, nil
}

// noDelivery tells what was never told from what is kept no more.
func (s *Store) noDelivery(ctx context.Context, id string, seq int64) error {
	last, _, err := s.Head(ctx)
	if err != nil {
		return err
	}
	if seq > last {
		return unknownDelivery(id)
	}
	return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "store.delivery_forgotten", Field: "id",
		Say: fmt.Sprintf("The delivery %q is not kept any more: every sink took it, or its flow or its sinks are gone.", id),
		Do:  "Nothing needs to be done; keep in the configuration says for how long deliveries can be looked at and replayed."}
}

// kept is what deliveryStates reads, in the column after the sink's name and when
// it died, of a delivery that has a row of its own.
const kept = -1

func (s *Store) deliveryStates(ctx context.Context, query string, args ...any) ([]graphwarden.DeliveryState, error) {
	var list []graphwarden.DeliveryState
	err := s.reads.rows(ctx, query, args, func(row scanner) error {
		var sink string
		var died, rests int64
		var passed int
		var disabled bool
		d, err := s.scanKept(row, "", &sink, &died, &passed, &disabled, &rests)
		d.Sink = sink
		state := graphwarden.DeliveryState{Delivery: d, Waits: passed == kept && d.DueAt.IsZero() && died == 0, DiedAt: fromMicros(died),
			Pending: passed == 0, Passed: passed == 1, Disabled: disabled}
		state.DueAt = tried(micros(d.DueAt), fromMicros(rests), disabled)
		list = append(list, state)
		return err
	})
	return list, err
}
