package store

import (
	"cmp"
	"context"

	"github.com/graphwarden/graphwarden"
)

// SkipMailbox remembers why a mailbox of a flow's scope, or a group of it, is not read.
func (s *Store) SkipMailbox(ctx context.Context, tx graphwarden.Tx, k graphwarden.Skipped) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	fresh := false
	if k.Group != "" {
		var there int
		if err := t.row(ctx, `SELECT count(*) FROM skipped WHERE flow = ? AND mailbox = ?`, []any{k.Flow, k.Group}, &there); err != nil {
			return wrapped(err, "looking whether a group is skipped")
		}
		fresh = there == 0
	}
	_, err = t.exec(ctx, `INSERT INTO skipped (flow, mailbox, tenant, upn, code, say, since, last_at, object) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)
ON CONFLICT (flow, mailbox) DO UPDATE SET upn = excluded.upn, code = excluded.code, say = excluded.say, last_at = excluded.last_at,
since = CASE WHEN skipped.code = excluded.code THEN skipped.since ELSE excluded.since END`,
		k.Flow, cmp.Or(k.Group, k.Mailbox.ID, k.Mailbox.UPN), k.Tenant, k.Mailbox.UPN, k.Code, k.Say, micros(t.now), k.Group)
	if err == nil && fresh {
		err = t.bumpRoster(ctx) // who is to stay depends on it, in every process
	}
	return wrapped(err, "noting a mailbox that is skipped")
}

// UnskipMailbox forgets that a mailbox, by id or name, or a group, by id, was
// skipped.
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

// Skipped gives the mailboxes and groups of a flow, or of all flows for "", that
// are not read, and why.
func (s *Store) Skipped(ctx context.Context, flow string) ([]graphwarden.Skipped, error) {
	var list []graphwarden.Skipped
	err := s.reads.rows(ctx, `SELECT flow, mailbox, tenant, upn, code, say, since, last_at, object FROM skipped WHERE flow = ?1 OR ?1 = '' ORDER BY flow, upn, mailbox`,
		[]any{flow}, func(row scanner) error {
			var k graphwarden.Skipped
			var since, last int64
			err := row.Scan(&k.Flow, &k.Mailbox.ID, &k.Tenant, &k.Mailbox.UPN, &k.Code, &k.Say, &since, &last, &k.Group)
			if k.Mailbox.ID == k.Mailbox.UPN || k.Group != "" {
				k.Mailbox.ID = ""
			}
			k.Since, k.LastAt = fromMicros(since), fromMicros(last)
			list = append(list, k)
			return err
		})
	return list, s.refuse(wrapped(err, "reading the mailboxes that are skipped"))
}
