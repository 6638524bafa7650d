package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// Mailbox gives the mailbox that was pinned for a name in a tenant; the name's
// case does not matter.
func (s *Store) Mailbox(ctx context.Context, tenant, upn string) (graphwarden.Mailbox, bool, error) {
	m := graphwarden.Mailbox{UPN: upn}
	found, err := s.reads.row(ctx, `SELECT id FROM mailboxes WHERE tenant = ? AND upn = ?`,
		[]any{tenant, strings.ToLower(upn)}, &m.ID)
	if err != nil || !found {
		return graphwarden.Mailbox{}, false, s.refuse(err)
	}
	return m, true, nil
}

// MailboxNames are the names that mailboxes were pinned by, by their object ids; of
// several names of one the first in the alphabet.
func (s *Store) MailboxNames(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	err := s.reads.rows(ctx, `SELECT id, min(upn) FROM mailboxes GROUP BY id`, nil, func(row scanner) error {
		var id, name string
		err := row.Scan(&id, &name)
		names[id] = name
		return err
	})
	return names, s.refuse(wrapped(err, "reading the names of mailboxes"))
}

// PinMailbox ties a name to an object id for good. A name that is already tied
// to another id is refused (Conflict): somebody new has got an old name, and
// must not inherit what was granted to it.
func (s *Store) PinMailbox(ctx context.Context, tx graphwarden.Tx, tenant string, m graphwarden.Mailbox) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if err := t.bumpRoster(ctx); err != nil {
		return fmt.Errorf("pinning the mailbox %s: %w", m.UPN, err)
	}
	var id string
	err = t.row(ctx, `INSERT INTO mailboxes (tenant, upn, id, pinned_at) VALUES (?, ?, ?, ?)
ON CONFLICT (tenant, upn) DO UPDATE SET upn = excluded.upn RETURNING id`,
		[]any{tenant, strings.ToLower(m.UPN), m.ID, micros(t.now)}, &id)
	if err != nil {
		return fmt.Errorf("pinning the mailbox %s: %w", m.UPN, err)
	}
	if id != m.ID {
		return &graphwarden.Refusal{
			Kind: graphwarden.Conflict, Code: "store.mailbox_moved",
			Say: fmt.Sprintf("The name %s now belongs to another mailbox than the one that was pinned.", m.UPN),
			Do:  "Check in Microsoft 365 who has the name, and declare the mailbox anew under it.",
		}
	}
	return nil
}
