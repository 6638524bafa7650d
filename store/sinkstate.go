package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// SinkStates says how each sink of the configuration is doing.
func (s *Store) SinkStates(ctx context.Context) ([]graphwarden.SinkState, error) {
	var list []graphwarden.SinkState
	err := s.reads.rows(ctx, `SELECT name, app, flow, kind, url, disabled, disabled_at, cursor, taken, refused, taken_at, failing_since, reason, rests_until
FROM sinks WHERE retired_at = 0 ORDER BY name`, nil, func(row scanner) error {
		var x graphwarden.SinkState
		var disabled, taken, failing, rests int64
		err := row.Scan(&x.Name, &x.App, &x.Flow, &x.Kind, &x.URL, &x.Disabled, &disabled, &x.Cursor, &x.Taken, &x.Refused, &taken, &failing, &x.Reason, &rests)
		x.NextAt = fromMicros(rests) // weigh makes of it what it is
		x.DisabledAt, x.TakenAt, x.FailingSince = fromMicros(disabled), fromMicros(taken), fromMicros(failing)
		list = append(list, x)
		return err
	})
	for i := range list {
		if err == nil {
			err = s.weigh(ctx, &list[i])
		}
	}
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading how the sinks are: %w", err))
	}
	return list, nil
}

// weigh adds what lies before a sink.
func (s *Store) weigh(ctx context.Context, x *graphwarden.SinkState) error {
	if x.Kind == graphwarden.Nowhere {
		return nil
	}
	var ahead, kept int
	var oldest, oldestKept, next sql.NullInt64
	for _, q := range []struct {
		query string
		args  []any
		dest  []any
	}{
		{`SELECT count(*), min(at) FROM changes WHERE flow = ? AND seq > ?`, []any{x.Flow, x.Cursor}, []any{&ahead, &oldest}},
		{`SELECT count(*), min(c.at) FROM deliveries d JOIN changes c ON c.seq = d.seq WHERE d.sink = ?`, []any{x.Name}, []any{&kept, &oldestKept}},
		{`SELECT count(*), min(due_at) FROM deliveries WHERE sink = ? AND attempt > 0`, []any{x.Name}, []any{&x.Failing, &next}},
		{`SELECT count(*) FROM dead_letters WHERE sink = ?`, []any{x.Name}, []any{&x.Dead}},
		{`SELECT count(*) FROM replays WHERE sink = ? AND ended_at = 0`, []any{x.Name}, []any{&x.Replaying}},
	} {
		if _, err := s.reads.row(ctx, q.query, q.args, q.dest...); err != nil {
			return err
		}
	}
	x.Pending, x.NextAt = ahead+kept, tried(next.Int64, x.NextAt, x.Disabled != "")
	x.OldestAt = fromMicros(oldest.Int64)
	if oldestKept.Valid && (!oldest.Valid || oldestKept.Int64 < oldest.Int64) {
		x.OldestAt = fromMicros(oldestKept.Int64)
	}
	return nil
}

// tried says when a delivery that is due at a time is tried at the earliest, at a
// sink whose receiver is left alone until another; zero where nothing is tried.
func tried(due int64, rests time.Time, disabled bool) time.Time {
	at := fromMicros(due)
	switch {
	case disabled || at.IsZero():
		return time.Time{}
	case rests.After(at):
		return rests
	}
	return at
}
