package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// deliveryColumns are what scanDelivery reads, of a change c and its feed f.
const deliveryColumns = `c.seq, c.feed, c.item, c.kind, c.at, c.body, f.tenant, f.mailbox, f.upn, f.resource, f.title`

// FreshDeliveries gives the deliveries to attempt next, in order: at most limit
// changes after the sink's cursor. Those whose item waits behind a failure are
// apart, in waiting: AdvanceSink wants them back. upTo is the last change
// considered, 0 when there is nothing new; nothing counts as delivered before
// AdvanceSink says so, and a crash before that brings the same deliveries again,
// under the same ids.
func (s *Store) FreshDeliveries(ctx context.Context, sink string, limit int) (fresh, waiting []graphwarden.Delivery, upTo int64, err error) {
	p, err := s.standing(ctx, sink)
	if err != nil || p.disabled {
		return nil, nil, 0, err
	}
	err = s.reads.rows(ctx, `SELECT `+deliveryColumns+`,
EXISTS (SELECT 1 FROM deliveries d WHERE d.sink = ?1 AND d.item = c.item)
FROM changes c JOIN feeds f ON f.id = c.feed WHERE c.flow = ?2 AND c.seq > ?3 ORDER BY c.seq LIMIT ?4`,
		[]any{sink, p.flow, p.cursor, limit}, func(row scanner) error {
			var waits bool
			d, err := s.scanDelivery(row, sink, &waits)
			upTo = d.Change.Seq
			if waits {
				waiting = append(waiting, d)
			} else {
				fresh = append(fresh, d)
			}
			return err
		})
	if err != nil {
		return nil, nil, 0, s.refuse(fmt.Errorf("reading what is new for sink %s: %w", sink, err))
	}
	return fresh, waiting, upTo, s.noteBecamePrivate(ctx, p.flow, fresh) // what waits is read again
}

// AdvanceSink moves a sink's cursor: everything up to upTo that FreshDeliveries
// gave was acknowledged, except kept: what failed, with its Attempt, DueAt and
// Reason; what was not attempted because an earlier change of its item failed;
// and what was waiting.
func (s *Store) AdvanceSink(ctx context.Context, tx graphwarden.Tx, sink string, upTo int64, kept []graphwarden.Delivery) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if err := t.keepDeliveries(ctx, kept); err != nil {
		return fmt.Errorf("keeping what sink %s did not take: %w", sink, err)
	}
	if _, err := t.exec(ctx, `UPDATE sinks SET cursor = ?1 WHERE name = ?2 AND cursor < ?1`, upTo, sink); err != nil {
		return fmt.Errorf("advancing sink %s to %d: %w", sink, upTo, err)
	}
	return nil
}

// keepDeliveries gives rows to deliveries that have none yet. Behind an earlier
// row of its item, a row is not due before that one is done; an item that was moved
// to another calendar, and so comes from another feed, is the same.
func (t *transaction) keepDeliveries(ctx context.Context, list []graphwarden.Delivery) error {
	list = slices.SortedFunc(slices.Values(list), func(a, b graphwarden.Delivery) int { return cmp.Compare(a.Change.Seq, b.Change.Seq) })
	for _, d := range list {
		if d.DueAt.IsZero() {
			d.DueAt = t.now
		}
		_, err := t.exec(ctx, `INSERT INTO deliveries (sink, seq, feed, item, attempt, due_at, reason, first_at, snapshot)
VALUES (?1, ?2, ?3, ?4, ?5, CASE WHEN EXISTS
(SELECT 1 FROM deliveries WHERE sink = ?1 AND item = ?4 AND seq < ?2) THEN NULL ELSE CAST(?6 AS BIGINT) END, ?7, ?8, ?9)
ON CONFLICT (sink, seq) DO NOTHING`,
			d.Sink, d.Change.Seq, d.Change.Feed, d.Change.Item, d.Attempt, micros(d.DueAt), d.Reason, micros(d.FirstAt), d.Snapshot)
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
	err := s.reads.rows(ctx, `SELECT `+deliveryColumns+`, d.attempt, d.due_at, d.reason, d.first_at, d.snapshot
FROM deliveries d JOIN sinks s ON s.name = d.sink JOIN changes c ON c.seq = d.seq JOIN feeds f ON f.id = c.feed
WHERE d.sink = ? AND s.disabled = '' AND d.due_at <= ? ORDER BY d.due_at, d.seq LIMIT ?`,
		[]any{sink, micros(s.Now()), limit}, func(row scanner) error {
			d, err := s.scanKept(row, sink)
			list = append(list, d)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading what is due for sink %s: %w", sink, err))
	}
	if len(list) == 0 {
		return nil, nil
	}
	p, err := s.standing(ctx, sink)
	if err != nil {
		return nil, err
	}
	return list, s.noteBecamePrivate(ctx, p.flow, list)
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
	if _, err := t.exec(ctx, `DELETE FROM attempts WHERE sink = ? AND seq = ?`, d.Sink, d.Change.Seq); err != nil {
		return fmt.Errorf("forgetting the attempts of %s: %w", d.ID, err)
	}
	if err := t.pass(ctx, d); err != nil {
		return fmt.Errorf("acknowledging %s: %w", d.ID, err)
	}
	return nil
}

// pass removes the row of a delivery and wakes what waits behind it.
func (t *transaction) pass(ctx context.Context, d graphwarden.Delivery) error {
	if _, err := t.exec(ctx, `DELETE FROM deliveries WHERE sink = ? AND seq = ?`, d.Sink, d.Change.Seq); err != nil {
		return err
	}
	_, err := t.exec(ctx, `UPDATE deliveries SET due_at = ?3 WHERE sink = ?1 AND due_at IS NULL AND seq =
(SELECT min(seq) FROM deliveries WHERE sink = ?1 AND item = ?2)`,
		d.Sink, d.Change.Item, micros(t.now))
	return err
}

// Postpone keeps a delivery that failed again, with its Attempt, DueAt and Reason.
func (s *Store) Postpone(ctx context.Context, tx graphwarden.Tx, d graphwarden.Delivery) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	n, err := t.change(ctx, `UPDATE deliveries SET attempt = ?, due_at = ?, reason = ?, first_at = ? WHERE sink = ? AND seq = ?`,
		d.Attempt, micros(d.DueAt), d.Reason, micros(d.FirstAt), d.Sink, d.Change.Seq)
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

// scanDelivery reads deliveryColumns and more.
func (s *Store) scanDelivery(row scanner, sink string, more ...any) (graphwarden.Delivery, error) {
	d := graphwarden.Delivery{Sink: sink}
	var at int64
	c := &d.Change
	err := row.Scan(append([]any{&c.Seq, &c.Feed, &c.Item, &c.Kind, &at, (*[]byte)(&c.Body),
		&d.Tenant, &d.Mailbox.ID, &d.Mailbox.UPN, &d.Resource, &d.Title}, more...)...)
	c.At = fromMicros(at)
	d.ID = s.deliveryID(c.Seq, 0)
	return d, err
}

// scanKept reads deliveryColumns and a row's attempt, due_at, reason, first_at
// and snapshot.
func (s *Store) scanKept(row scanner, sink string, more ...any) (graphwarden.Delivery, error) {
	var attempt int
	var due sql.NullInt64
	var first, snapshot int64
	var reason string
	d, err := s.scanDelivery(row, sink, append([]any{&attempt, &due, &reason, &first, &snapshot}, more...)...)
	d.Attempt, d.DueAt, d.Reason, d.FirstAt = attempt, fromMicros(due.Int64), reason, fromMicros(first)
	if snapshot != 0 {
		s.show(&d, snapshot)
	}
	return d, err
}

// show makes of a change the item as it is, told by a replay.
func (s *Store) show(d *graphwarden.Delivery, replay int64) {
	d.Snapshot, d.Change.Kind, d.ID = replay, graphwarden.Snapshot, s.deliveryID(d.Change.Seq, replay)
}

// deliveryID names a delivery. The database's own id keeps a number from meaning
// another change after the database was made anew.
func (s *Store) deliveryID(seq, snapshot int64) string {
	id := "msg_" + s.id + "_" + strconv.FormatInt(seq, 10)
	if snapshot != 0 {
		id += "_s" + strconv.FormatInt(snapshot, 10)
	}
	return id
}

// SeqOf reads the number of the change that a delivery's id names.
func (s *Store) SeqOf(id string) (int64, error) {
	number, ours := strings.CutPrefix(id, "msg_"+s.id+"_")
	number, _, _ = strings.Cut(number, "_s")
	seq, err := strconv.ParseInt(number, 10, 64)
	if !ours || err != nil || seq <= 0 {
		return 0, unknownDelivery(id)
	}
	return seq, nil
}

func unknownDelivery(id string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "store.delivery_unknown", Field: "id",
		Say: fmt.Sprintf("There has never been a delivery %q.", id), Do: "Name one as receivers see it, such as msg_…_42; graphwarden deliveries --failed lists those that failed."}
}
