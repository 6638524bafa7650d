package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// EnsureSink makes sure that a sink exists. A new one begins at the flow's first
// change. One whose URL has changed is enabled again; its place in the sequence
// stays. A table whose shape has changed begins anew, empty.
func (s *Store) EnsureSink(ctx context.Context, tx graphwarden.Tx, sink graphwarden.Sink) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	kind := sink.Kind
	if kind == "" {
		kind = graphwarden.Webhook
	}
	n, err := t.change(ctx, `UPDATE sinks SET cursor = 0 WHERE name = ?1 AND kind = ?2 AND (shape <> ?3 OR flow <> ?4)`,
		sink.Name, string(graphwarden.Table), sink.Shape, sink.Flow)
	if err == nil && n > 0 {
		_, err = t.exec(ctx, `DELETE FROM calendar_items WHERE sink = ?`, sink.Name)
	}
	if err == nil {
		_, err = t.exec(ctx, `INSERT INTO sinks (name, app, flow, kind, url, shape, cursor, disabled) VALUES (?, ?, ?, ?, ?, ?, 0, '')
ON CONFLICT (name) DO UPDATE SET app = excluded.app, flow = excluded.flow, kind = excluded.kind, url = excluded.url, shape = excluded.shape,
retired_at = 0, disabled = CASE WHEN sinks.url = excluded.url THEN sinks.disabled ELSE '' END,
disabled_at = CASE WHEN sinks.url = excluded.url THEN sinks.disabled_at ELSE 0 END,
rests_until = CASE WHEN sinks.url = excluded.url THEN sinks.rests_until ELSE 0 END`,
			sink.Name, sink.App, sink.Flow, string(kind), sink.URL, sink.Shape)
	}
	if err != nil {
		return fmt.Errorf("keeping the sink %s: %w", sink.Name, err)
	}
	return nil
}

// RetireSinks puts away the sinks that are not named: nothing is sent to them.
// Their place in the sequence stays for when they come back, but the rows of a
// table go, because nobody would keep them right.
func (s *Store) RetireSinks(ctx context.Context, tx graphwarden.Tx, named []string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	args := []any{micros(t.now)}
	others := `retired_at = 0`
	if len(named) > 0 {
		others += ` AND name NOT IN (` + marks(len(named)) + `)`
		for _, name := range named {
			args = append(args, name)
		}
	}
	if _, err = t.exec(ctx, `UPDATE sinks SET retired_at = ? WHERE `+others, args...); err == nil {
		_, err = t.exec(ctx, `DELETE FROM calendar_items WHERE sink IN (SELECT name FROM sinks WHERE retired_at <> 0)`)
	}
	if err == nil {
		_, err = t.exec(ctx, `UPDATE sinks SET cursor = 0 WHERE retired_at <> 0 AND kind = ?`, string(graphwarden.Table))
	}
	if err != nil {
		return fmt.Errorf("putting away the sinks that are no longer declared: %w", err)
	}
	return nil
}

// DisableSink has nothing more sent to a sink, because its receiver said so.
// What it has not acknowledged stays for when it is enabled again.
func (s *Store) DisableSink(ctx context.Context, tx graphwarden.Tx, sink, reason string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if reason == "" {
		return errors.New("disabling a sink without a reason")
	}
	if _, err := t.exec(ctx, `UPDATE sinks SET disabled = ?, disabled_at = ? WHERE name = ?`, reason, micros(t.now), sink); err != nil {
		return fmt.Errorf("disabling the sink %s: %w", sink, err)
	}
	return nil
}

// EnableSink has a disabled sink go on where it stopped, with everything that
// failed due at once.
func (s *Store) EnableSink(ctx context.Context, tx graphwarden.Tx, sink string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	n, err := t.change(ctx, `UPDATE sinks SET disabled = '', disabled_at = 0, rests_until = 0 WHERE name = ?`, sink)
	if err != nil {
		return fmt.Errorf("enabling the sink %s: %w", sink, err)
	}
	if n == 0 {
		return noSink(sink)
	}
	if err := t.countHurry(ctx, sink); err != nil {
		return err
	}
	return s.HurryDeliveries(ctx, tx, sink)
}

// NoteSink counts what came of attempts: how many were acknowledged, how many
// not, and why the last of these.
func (s *Store) NoteSink(ctx context.Context, tx graphwarden.Tx, sink string, taken, refused int, reason string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE sinks SET taken = taken + ?2, refused = refused + ?3,
taken_at = CASE WHEN ?2 > 0 THEN ?4 ELSE taken_at END,
failing_since = CASE WHEN ?2 > 0 THEN 0 WHEN ?3 > 0 AND failing_since = 0 THEN ?4 ELSE failing_since END,
reason = CASE WHEN ?3 > 0 THEN ?5 ELSE reason END WHERE name = ?1`, sink, taken, refused, micros(t.now), reason)
	if err != nil {
		return fmt.Errorf("counting the attempts of sink %s: %w", sink, err)
	}
	return nil
}

// RestSink keeps until when a sink's receiver is left alone, for those who ask when
// something is tried next.
func (s *Store) RestSink(ctx context.Context, tx graphwarden.Tx, sink string, until time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE sinks SET rests_until = ? WHERE name = ?`, micros(until), sink); err != nil {
		return fmt.Errorf("noting until when the sink %s rests: %w", sink, err)
	}
	return nil
}

// standing is where a sink stands in the sequence of its flow.
type standing struct {
	flow     string
	cursor   int64
	disabled bool
	rests    int64 // micros
}

func (s *Store) standing(ctx context.Context, sink string) (standing, error) {
	var p standing
	found, err := s.reads.row(ctx, `SELECT flow, cursor, disabled <> '', rests_until FROM sinks WHERE name = ?`,
		[]any{sink}, &p.flow, &p.cursor, &p.disabled, &p.rests)
	if err != nil {
		return p, s.refuse(fmt.Errorf("finding the sink %s: %w", sink, err))
	}
	if !found {
		return p, noSink(sink)
	}
	return p, nil
}

func noSink(sink string) error {
	return &graphwarden.Refusal{
		Kind: graphwarden.Unknown, Code: "store.sink_unknown", Field: "sink",
		Say: fmt.Sprintf("There is no sink %q.", sink), Do: "Name a sink of the configuration.",
	}
}
