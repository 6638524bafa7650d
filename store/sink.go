package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// EnsureSink makes sure that a sink exists. A new one begins at the flow's first
// change. One whose URL has changed is enabled again; its place in the sequence
// stays.
func (s *Store) EnsureSink(ctx context.Context, tx graphwarden.Tx, sink graphwarden.Sink) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO sinks (name, app, flow, url, cursor, disabled) VALUES (?, ?, ?, ?, 0, '')
ON CONFLICT (name) DO UPDATE SET app = excluded.app, flow = excluded.flow, url = excluded.url,
disabled = CASE WHEN sinks.url = excluded.url THEN sinks.disabled ELSE '' END`, sink.Name, sink.App, sink.Flow, sink.URL)
	if err != nil {
		return fmt.Errorf("keeping the sink %s: %w", sink.Name, err)
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
	if _, err := t.exec(ctx, `UPDATE sinks SET disabled = ? WHERE name = ?`, reason, sink); err != nil {
		return fmt.Errorf("disabling the sink %s: %w", sink, err)
	}
	return nil
}

// place is where a sink stands in the sequence of its flow.
type place struct {
	flow     string
	cursor   int64
	disabled bool
}

func (t *transaction) place(ctx context.Context, sink string) (place, error) {
	var p place
	err := t.row(ctx, `SELECT flow, cursor, disabled <> '' FROM sinks WHERE name = ?`, []any{sink}, &p.flow, &p.cursor, &p.disabled)
	if errors.Is(err, sql.ErrNoRows) {
		return p, &graphwarden.Refusal{
			Kind: graphwarden.Unknown, Code: "store.sink_unknown",
			Say: fmt.Sprintf("There is no sink %q.", sink), Do: "Name a sink of the configuration.",
		}
	}
	return p, err
}
