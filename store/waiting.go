package store

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
)

// NoteWaiting remembers whose calls wait, as one process sees it; what another
// process saw before is continued. Waits that are over are forgotten.
func (s *Store) NoteWaiting(ctx context.Context, tx graphwarden.Tx, list []graphwarden.Waiting) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM waiting WHERE last_at < ?`, micros(t.now.Add(-graphwarden.WaitingForgets))); err != nil {
		return wrapped(err, "forgetting waits")
	}
	for _, w := range list {
		_, err := t.exec(ctx, `INSERT INTO waiting (registration, mailbox, app, tenant, why, since, last_at, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (registration, mailbox, app) DO UPDATE SET why = excluded.why,
since = CASE WHEN excluded.since < waiting.since THEN excluded.since ELSE waiting.since END,
last_at = CASE WHEN excluded.last_at > waiting.last_at THEN excluded.last_at ELSE waiting.last_at END,
count = CASE WHEN excluded.count > waiting.count THEN excluded.count ELSE waiting.count END`,
			w.Registration, w.Mailbox.ID, w.App, w.Tenant, string(w.Why), micros(w.Since), micros(w.Last), w.Count)
		if err != nil {
			return wrapped(err, "noting a wait")
		}
	}
	return nil
}

// EndWaiting forgets waits that are over, unless another process saw later ones.
func (s *Store) EndWaiting(ctx context.Context, tx graphwarden.Tx, over []graphwarden.Waiting) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	for _, w := range over {
		_, err := t.exec(ctx, `DELETE FROM waiting WHERE registration = ? AND mailbox = ? AND app = ? AND last_at <= ?`,
			w.Registration, w.Mailbox.ID, w.App, micros(w.Last))
		if err != nil {
			return wrapped(err, "ending a wait")
		}
	}
	return nil
}

// Waiting gives whose calls wait at a time, in any process, by registration and app.
func (s *Store) Waiting(ctx context.Context, now time.Time) ([]graphwarden.Waiting, error) {
	var list []graphwarden.Waiting
	err := s.reads.rows(ctx, `SELECT w.registration, w.mailbox, w.app, w.tenant, w.why, w.since, w.last_at, w.count,
coalesce((SELECT min(m.upn) FROM mailboxes m WHERE m.tenant = w.tenant AND m.id = w.mailbox), '')
FROM waiting w WHERE w.last_at >= ? ORDER BY w.registration, w.app, w.since, w.mailbox`, []any{micros(now.Add(-graphwarden.WaitingForgets))}, func(row scanner) error {
		var one graphwarden.Waiting
		var why string
		var since, last int64
		err := row.Scan(&one.Registration, &one.Mailbox.ID, &one.App, &one.Tenant, &why, &since, &last, &one.Count, &one.Mailbox.UPN)
		one.Why, one.Since, one.Last = graphwarden.Shortage(why), fromMicros(since), fromMicros(last)
		list = append(list, one)
		return err
	})
	return list, s.refuse(wrapped(err, "reading whose calls wait"))
}
