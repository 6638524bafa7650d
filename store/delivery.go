package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden"
)

// deliveryColumns are what scanDelivery reads, of a change c and its feed f.
const deliveryColumns = `c.seq, c.feed, c.item, c.kind, c.at, c.body, f.tenant, f.mailbox, f.upn, f.resource, f.title`

// FreshDeliveries gives the deliveries to attempt next, in order: at most limit
// changes after the sink's cursor. Those whose item waits behind a failure get a
// row of their own and are left out. upTo is the last change considered, 0 when
// there is nothing new; nothing counts as delivered before AdvanceSink says so,
// and a crash before that brings the same deliveries again, under the same ids.
func (s *Store) FreshDeliveries(ctx context.Context, tx graphwarden.Tx, sink string, limit int) (fresh []graphwarden.Delivery, upTo int64, err error) {
	t, err := open(tx)
	if err != nil {
		return nil, 0, err
	}
	p, err := t.place(ctx, sink)
	if err != nil || p.disabled {
		return nil, 0, err
	}
	var blocked []graphwarden.Delivery
	err = t.rows(ctx, `SELECT `+deliveryColumns+`,
EXISTS (SELECT 1 FROM deliveries d WHERE d.sink = ?1 AND d.feed = c.feed AND d.item = c.item)
FROM changes c JOIN feeds f ON f.id = c.feed WHERE c.flow = ?2 AND c.seq > ?3 ORDER BY c.seq LIMIT ?4`,
		[]any{sink, p.flow, p.cursor, limit}, func(row scanner) error {
			var waits bool
			d, err := s.scanDelivery(row, sink, &waits)
			upTo = d.Change.Seq
			if waits {
				blocked = append(blocked, d)
			} else {
				fresh = append(fresh, d)
			}
			return err
		})
	if err == nil {
		err = t.keepDeliveries(ctx, blocked)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading what is new for sink %s: %w", sink, err)
	}
	return fresh, upTo, nil
}

// AdvanceSink moves a sink's cursor: everything up to upTo that FreshDeliveries
// gave was acknowledged, except failed, which are kept with their Attempt, DueAt
// and Reason. What was not attempted because an earlier change of its item failed
// belongs into failed, too.
func (s *Store) AdvanceSink(ctx context.Context, tx graphwarden.Tx, sink string, upTo int64, failed []graphwarden.Delivery) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if err := t.keepDeliveries(ctx, failed); err != nil {
		return fmt.Errorf("keeping what sink %s did not take: %w", sink, err)
	}
	if _, err := t.exec(ctx, `UPDATE sinks SET cursor = ?1 WHERE name = ?2 AND cursor < ?1`, upTo, sink); err != nil {
		return fmt.Errorf("advancing sink %s to %d: %w", sink, upTo, err)
	}
	return nil
}

// keepDeliveries gives rows to deliveries that have none yet. Behind an earlier
// row of its item, a row is not due before that one is done.
func (t *transaction) keepDeliveries(ctx context.Context, list []graphwarden.Delivery) error {
	for _, d := range list {
		_, err := t.exec(ctx, `INSERT INTO deliveries (sink, seq, feed, item, attempt, due_at, reason)
VALUES (?1, ?2, ?3, ?4, ?5, CASE WHEN EXISTS
(SELECT 1 FROM deliveries WHERE sink = ?1 AND feed = ?3 AND item = ?4 AND seq < ?2) THEN NULL ELSE CAST(?6 AS BIGINT) END, ?7)
ON CONFLICT (sink, seq) DO NOTHING`,
			d.Sink, d.Change.Seq, d.Change.Feed, d.Change.Item, d.Attempt, micros(d.DueAt), d.Reason)
		if err != nil {
			return err
		}
	}
	return nil
}

// DueDeliveries gives what failed before and should be attempted again now, at
// most one for each item, the longest due first.
func (s *Store) DueDeliveries(ctx context.Context, sink string, limit int) ([]graphwarden.Delivery, error) {
	var list []graphwarden.Delivery
	err := s.reads.rows(ctx, `SELECT `+deliveryColumns+`, d.attempt, d.due_at, d.reason
FROM deliveries d JOIN sinks s ON s.name = d.sink JOIN changes c ON c.seq = d.seq JOIN feeds f ON f.id = c.feed
WHERE d.sink = ? AND s.disabled = '' AND d.due_at <= ? ORDER BY d.due_at, d.seq LIMIT ?`,
		[]any{sink, micros(s.Now()), limit}, func(row scanner) error {
			var attempt int
			var due int64
			var reason string
			d, err := s.scanDelivery(row, sink, &attempt, &due, &reason)
			d.Attempt, d.DueAt, d.Reason = attempt, fromMicros(due), reason
			list = append(list, d)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading what is due for sink %s: %w", sink, err))
	}
	return list, nil
}

// NextDelivery says when the next of a sink's failed deliveries is due; ok is
// false when there is none.
func (s *Store) NextDelivery(ctx context.Context, sink string) (due time.Time, ok bool, err error) {
	var at sql.NullInt64
	_, err = s.reads.row(ctx, `SELECT min(d.due_at) FROM deliveries d JOIN sinks s ON s.name = d.sink WHERE d.sink = ? AND s.disabled = ''`,
		[]any{sink}, &at)
	if err != nil {
		return time.Time{}, false, s.refuse(fmt.Errorf("reading when sink %s is due: %w", sink, err))
	}
	return fromMicros(at.Int64), at.Valid, nil
}

// Acknowledge ends a delivery that had failed before: the next change of its
// item, which waited behind it, is due now.
func (s *Store) Acknowledge(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM deliveries WHERE sink = ? AND seq = ?`, d.Sink, d.Change.Seq); err != nil {
		return fmt.Errorf("acknowledging %s: %w", d.ID, err)
	}
	_, err = t.exec(ctx, `UPDATE deliveries SET due_at = ?4 WHERE sink = ?1 AND due_at IS NULL AND seq =
(SELECT min(seq) FROM deliveries WHERE sink = ?1 AND feed = ?2 AND item = ?3)`,
		d.Sink, d.Change.Feed, d.Change.Item, micros(t.now))
	if err != nil {
		return fmt.Errorf("waking what waits behind %s: %w", d.ID, err)
	}
	return nil
}

// Postpone keeps a delivery that failed again, with its Attempt, DueAt and Reason.
func (s *Store) Postpone(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	n, err := t.change(ctx, `UPDATE deliveries SET attempt = ?, due_at = ?, reason = ? WHERE sink = ? AND seq = ?`,
		d.Attempt, micros(d.DueAt), d.Reason, d.Sink, d.Change.Seq)
	if err == nil && n == 0 {
		err = errors.New("it has no row")
	}
	if err != nil {
		return fmt.Errorf("postponing %s: %w", d.ID, err)
	}
	return nil
}

// HurryDeliveries has everything that failed for a sink attempted again now: its
// receiver, which took nothing for a while, takes deliveries again.
func (s *Store) HurryDeliveries(ctx context.Context, tx graphwarden.Tx, sink string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE deliveries SET due_at = ?2 WHERE sink = ?1 AND due_at > ?2`, sink, micros(t.now)); err != nil {
		return fmt.Errorf("hurrying what failed for sink %s: %w", sink, err)
	}
	return nil
}

func (s *Store) scanDelivery(row scanner, sink string, more ...any) (graphwarden.Delivery, error) {
	d := graphwarden.Delivery{Sink: sink}
	var at int64
	c := &d.Change
	err := row.Scan(append([]any{&c.Seq, &c.Feed, &c.Item, &c.Kind, &at, (*[]byte)(&c.Body),
		&d.Tenant, &d.Mailbox.ID, &d.Mailbox.UPN, &d.Resource, &d.Title}, more...)...)
	c.At = fromMicros(at)
	// The database's own id keeps a number from meaning another change after the
	// database was made anew.
	d.ID = "msg_" + s.id + "_" + strconv.FormatInt(c.Seq, 10)
	return d, err
}
