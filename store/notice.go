package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

const noticeColumns = `id, name, code, subject, severity, say, fix, since, opened_at, reminded_at, closed_at, told`

func scanNotice(row scanner) (graphwarden.Notice, error) {
	var n graphwarden.Notice
	var since, opened, reminded, closed int64
	err := row.Scan(&n.Seq, &n.ID, &n.Code, &n.Subject, &n.Severity, &n.Say, &n.Do, &since, &opened, &reminded, &closed, &n.Told)
	n.Since, n.OpenedAt, n.RemindedAt, n.ClosedAt = fromMicros(since), fromMicros(opened), fromMicros(reminded), fromMicros(closed)
	return n, err
}

// Notices gives at most limit notices with a number above after, the oldest
// first: those that are open, or all.
func (s *Store) Notices(ctx context.Context, all bool, after int64, limit int) ([]graphwarden.Notice, error) {
	var list []graphwarden.Notice
	which := 0
	if all {
		which = 1
	}
	err := s.reads.rows(ctx, `SELECT `+noticeColumns+` FROM notices WHERE id > ?1 AND (?2 = 1 OR closed_at = 0) ORDER BY id LIMIT ?3`,
		[]any{after, which, limit}, func(row scanner) error {
			n, err := scanNotice(row)
			list = append(list, n)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the notices: %w", err))
	}
	return list, nil
}

// Tell keeps a notice as it now is, and has an event of it told on each channel.
// A notice is known by its ID. Told counts the events, and is part of a telling's
// id.
func (s *Store) Tell(ctx context.Context, tx graphwarden.Tx, n graphwarden.Notice, event string, channels []string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO notices (name, code, subject, severity, say, fix, since, opened_at, reminded_at, closed_at, told)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (name) DO UPDATE SET severity = excluded.severity, say = excluded.say, fix = excluded.fix, since = excluded.since,
reminded_at = excluded.reminded_at, closed_at = excluded.closed_at, told = excluded.told`,
		n.ID, n.Code, n.Subject, string(n.Severity), n.Say, n.Do, micros(n.Since), micros(n.OpenedAt), micros(n.RemindedAt), micros(n.ClosedAt), n.Told)
	if err != nil {
		return fmt.Errorf("keeping the notice %s: %w", n.Code, err)
	}
	body, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("writing the notice %s: %w", n.Code, err)
	}
	for _, channel := range channels {
		_, err := t.exec(ctx, `INSERT INTO tellings (id, channel, event, body, at, due_at, attempt, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?5, 0, '')
ON CONFLICT (channel, id) DO NOTHING`, fmt.Sprintf("%s_%d", n.ID, n.Told), channel, event, body, micros(t.now))
		if err != nil {
			return fmt.Errorf("having the notice %s told: %w", n.Code, err)
		}
	}
	return nil
}

// DueTellings gives what is to be told now on a channel, the oldest first.
func (s *Store) DueTellings(ctx context.Context, channel string, now time.Time, limit int) ([]graphwarden.Telling, error) {
	var list []graphwarden.Telling
	err := s.reads.rows(ctx, `SELECT id, channel, event, body, at, due_at, attempt, reason FROM tellings
WHERE channel = ? AND due_at <= ? ORDER BY at, id LIMIT ?`, []any{channel, micros(now), limit}, func(row scanner) error {
		var x graphwarden.Telling
		var body []byte
		var at, due int64
		if err := row.Scan(&x.ID, &x.Channel, &x.Event, &body, &at, &due, &x.Attempt, &x.Reason); err != nil {
			return err
		}
		x.At, x.DueAt = fromMicros(at), fromMicros(due)
		list = append(list, x)
		return json.Unmarshal(body, &list[len(list)-1].Notice)
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading what is to be told: %w", err))
	}
	return list, nil
}

// Told ends a telling: somebody has it, or it was given up.
func (s *Store) Told(ctx context.Context, tx graphwarden.Tx, x graphwarden.Telling) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM tellings WHERE channel = ? AND id = ?`, x.Channel, x.ID); err != nil {
		return fmt.Errorf("ending the telling %s: %w", x.ID, err)
	}
	return nil
}

// PutOffTelling has a telling tried again at x.DueAt.
func (s *Store) PutOffTelling(ctx context.Context, tx graphwarden.Tx, x graphwarden.Telling) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE tellings SET due_at = ?, attempt = ?, reason = ? WHERE channel = ? AND id = ?`,
		micros(x.DueAt), x.Attempt, x.Reason, x.Channel, x.ID)
	if err != nil {
		return fmt.Errorf("putting off the telling %s: %w", x.ID, err)
	}
	return nil
}

// Untold says how many tellings of a channel have failed so far, since when the
// oldest waits, and why.
func (s *Store) Untold(ctx context.Context, channel string) (n int, since time.Time, reason string, err error) {
	err = s.reads.rows(ctx, `SELECT at, reason FROM tellings WHERE channel = ? AND attempt > 0 ORDER BY at`, []any{channel}, func(row scanner) error {
		var at int64
		if err := row.Scan(&at, &reason); err != nil {
			return err
		}
		if n++; n == 1 {
			since = fromMicros(at)
		}
		return nil
	})
	if err != nil {
		return 0, time.Time{}, "", s.refuse(fmt.Errorf("reading what could not be told: %w", err))
	}
	return n, since, reason, nil
}

// ForgetNotices deletes notices that were closed before a time.
func (s *Store) ForgetNotices(ctx context.Context, tx graphwarden.Tx, before time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM notices WHERE closed_at <> 0 AND closed_at < ?`, micros(before)); err != nil {
		return fmt.Errorf("forgetting old notices: %w", err)
	}
	return nil
}
