package store

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// SkipMailbox remembers why a mailbox of a flow's scope is not read.
func (s *Store) SkipMailbox(ctx context.Context, tx graphwarden.Tx, k graphwarden.Skipped) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	key := k.Mailbox.ID
	if key == "" {
		key = k.Mailbox.UPN
	}
	_, err = t.exec(ctx, `INSERT INTO skipped (flow, mailbox, tenant, upn, code, say, since, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
ON CONFLICT (flow, mailbox) DO UPDATE SET upn = excluded.upn, code = excluded.code, say = excluded.say, last_at = excluded.last_at,
since = CASE WHEN skipped.code = excluded.code THEN skipped.since ELSE excluded.since END`,
		k.Flow, key, k.Tenant, k.Mailbox.UPN, k.Code, k.Say, micros(t.now))
	return wrapped(err, "noting a mailbox that is skipped")
}

// UnskipMailbox forgets that a mailbox, by id or name, was skipped.
func (s *Store) UnskipMailbox(ctx context.Context, tx graphwarden.Tx, flow, mailbox string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM skipped WHERE flow = ? AND mailbox = ?`, flow, mailbox)
	return wrapped(err, "forgetting that a mailbox was skipped")
}

// UnskipFlow forgets what was skipped of a flow.
func (s *Store) UnskipFlow(ctx context.Context, tx graphwarden.Tx, flow string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM skipped WHERE flow = ?`, flow)
	return wrapped(err, "forgetting what was skipped of a flow")
}

// Skipped gives the mailboxes of a flow, or of all flows for "", that are not
// read, and why.
func (s *Store) Skipped(ctx context.Context, flow string) ([]graphwarden.Skipped, error) {
	var list []graphwarden.Skipped
	err := s.reads.rows(ctx, `SELECT flow, mailbox, tenant, upn, code, say, since, last_at FROM skipped WHERE flow = ?1 OR ?1 = '' ORDER BY flow, upn`,
		[]any{flow}, func(row scanner) error {
			var k graphwarden.Skipped
			var since, last int64
			err := row.Scan(&k.Flow, &k.Mailbox.ID, &k.Tenant, &k.Mailbox.UPN, &k.Code, &k.Say, &since, &last)
			if k.Mailbox.ID == k.Mailbox.UPN {
				k.Mailbox.ID = ""
			}
			k.Since, k.LastAt = fromMicros(since), fromMicros(last)
			list = append(list, k)
			return err
		})
	return list, s.refuse(wrapped(err, "reading the mailboxes that are skipped"))
}
