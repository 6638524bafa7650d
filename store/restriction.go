package store

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

const restrictionColumns = `registration, tenant, means, state, inside, inside_name, outside, outside_name, reads, changed_at, freed_at, look_at, code, say, account, wanted, proven_at, roles`

// PutRestriction writes down how far a registration is restricted, over what was
// known before.
func (s *Store) PutRestriction(ctx context.Context, tx graphwarden.Tx, r graphwarden.Restriction) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO restrictions (`+restrictionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (registration) DO UPDATE SET tenant = excluded.tenant, means = excluded.means, state = excluded.state, inside = excluded.inside,
inside_name = excluded.inside_name, outside = excluded.outside, outside_name = excluded.outside_name, reads = excluded.reads, changed_at = excluded.changed_at,
freed_at = excluded.freed_at, look_at = excluded.look_at, code = excluded.code, say = excluded.say, account = excluded.account, wanted = excluded.wanted, proven_at = excluded.proven_at, roles = excluded.roles`,
		r.Registration, r.Tenant, string(r.By), string(r.State), r.Inside.ID, r.Inside.UPN, r.Outside.ID, r.Outside.UPN, yes(r.Reads),
		micros(r.ChangedAt), micros(r.FreedAt), micros(r.LookAt), r.Code, r.Say, r.Account, r.Wanted, micros(r.ProvenAt), r.Roles)
	if err != nil {
		return fmt.Errorf("writing down the restriction of %s: %w", r.Registration, err)
	}
	return nil
}

// DropRestriction forgets that a registration was restricted.
func (s *Store) DropRestriction(ctx context.Context, tx graphwarden.Tx, registration string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM restrictions WHERE registration = ?`, registration)
	return wrapped(err, "forgetting a restriction")
}

// Restrictions lists how far each registration is restricted that ever was.
func (s *Store) Restrictions(ctx context.Context) ([]graphwarden.Restriction, error) {
	var list []graphwarden.Restriction
	err := s.reads.rows(ctx, `SELECT `+restrictionColumns+` FROM restrictions ORDER BY registration`, nil, func(row scanner) error {
		var r graphwarden.Restriction
		var by, state string
		var reads, changed, freed, look, proven int64
		err := row.Scan(&r.Registration, &r.Tenant, &by, &state, &r.Inside.ID, &r.Inside.UPN, &r.Outside.ID, &r.Outside.UPN, &reads,
			&changed, &freed, &look, &r.Code, &r.Say, &r.Account, &r.Wanted, &proven, &r.Roles)
		r.By, r.State, r.Reads = graphwarden.RestrictedBy(by), graphwarden.RestrictionState(state), reads == 1
		r.ChangedAt, r.FreedAt, r.LookAt, r.ProvenAt = fromMicros(changed), fromMicros(freed), fromMicros(look), fromMicros(proven)
		list = append(list, r)
		return err
	})
	return list, s.refuse(wrapped(err, "reading the restrictions"))
}
