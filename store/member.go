package store

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// Members gives the members of a group as last read; known is false when it has
// never been read.
func (s *Store) Members(ctx context.Context, tenant, group string) (list []graphwarden.Mailbox, known bool, err error) {
	var at int64
	known, err = s.reads.row(ctx, `SELECT read_at FROM groups_read WHERE tenant = ? AND object = ?`, []any{tenant, group}, &at)
	if err != nil || !known {
		return nil, false, s.refuse(err)
	}
	err = s.reads.rows(ctx, `SELECT mailbox, upn FROM members WHERE tenant = ? AND object = ? ORDER BY mailbox`, []any{tenant, group}, func(row scanner) error {
		var m graphwarden.Mailbox
		err := row.Scan(&m.ID, &m.UPN)
		list = append(list, m)
		return err
	})
	return list, err == nil, s.refuse(err)
}

// PutMembers stores the members of a group in place of those before.
func (s *Store) PutMembers(ctx context.Context, tx graphwarden.Tx, tenant, group string, list []graphwarden.Mailbox) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	have := map[string]string{}
	err = t.rows(ctx, `SELECT mailbox, upn FROM members WHERE tenant = ? AND object = ?`, []any{tenant, group}, func(row scanner) error {
		var id, upn string
		err := row.Scan(&id, &upn)
		have[id] = upn
		return err
	})
	changed := false
	for _, m := range list {
		upn, there := have[m.ID]
		delete(have, m.ID)
		if err != nil || there && upn == m.UPN {
			continue
		}
		changed = true
		_, err = t.exec(ctx, `INSERT INTO members (tenant, object, mailbox, upn, since) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (tenant, object, mailbox) DO UPDATE SET upn = excluded.upn`, tenant, group, m.ID, m.UPN, micros(t.now))
	}
	for id := range have {
		if err == nil {
			changed = true
			_, err = t.exec(ctx, `DELETE FROM members WHERE tenant = ? AND object = ? AND mailbox = ?`, tenant, group, id)
		}
	}
	if err == nil {
		_, err = t.exec(ctx, `INSERT INTO groups_read (tenant, object, read_at) VALUES (?, ?, ?)
ON CONFLICT (tenant, object) DO UPDATE SET read_at = excluded.read_at`, tenant, group, micros(t.now))
	}
	if err == nil && changed {
		err = t.bumpRoster(ctx)
	}
	return wrapped(err, "storing the members of a group")
}

// RosterVersion grows whenever pins or members change.
func (s *Store) RosterVersion(ctx context.Context) (version int64, err error) {
	_, err = s.reads.row(ctx, `SELECT value FROM counters WHERE name = 'roster'`, nil, &version)
	return version, s.refuse(err)
}

func (t *transaction) bumpRoster(ctx context.Context) error {
	_, err := t.exec(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'roster'`)
	return err
}
