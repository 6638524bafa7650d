package store

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

const connectionColumns = `tenant, registration, account, account_name, mark, revoked_at, connected_at, signed_in_at,
refused_at, refused_code, refused_say, refused_do, waiting_since, waiting_for, expires_at, expiry_by`

// Standing gives how a connection is; the zero Standing when nothing is known.
func (s *Store) Standing(ctx context.Context, tenant, registration string) (out graphwarden.Standing, err error) {
	err = s.reads.rows(ctx, `SELECT `+connectionColumns+` FROM connections WHERE tenant = ? AND registration = ?`,
		[]any{tenant, registration}, func(row scanner) error { return scanStanding(row, &out) })
	if err != nil {
		return graphwarden.Standing{}, s.refuse(fmt.Errorf("reading how the connection %s is: %w", registration, err))
	}
	return out, nil
}

// Standings gives how every connection is that was ever tried, by name.
func (s *Store) Standings(ctx context.Context) ([]graphwarden.Standing, error) {
	var all []graphwarden.Standing
	err := s.reads.rows(ctx, `SELECT `+connectionColumns+` FROM connections ORDER BY tenant, registration`, nil, func(row scanner) error {
		var one graphwarden.Standing
		if err := scanStanding(row, &one); err != nil {
			return err
		}
		all = append(all, one)
		return nil
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading how the connections are: %w", err))
	}
	return all, nil
}

func scanStanding(row scanner, s *graphwarden.Standing) error {
	var revoked, connected, signedIn, refused, waiting, expires int64
	err := row.Scan(&s.Tenant, &s.Registration, &s.Account.ID, &s.Account.Name, &s.Mark, &revoked, &connected, &signedIn,
		&refused, &s.RefusedCode, &s.RefusedSay, &s.RefusedDo, &waiting, &s.WaitingFor, &expires, &s.ExpiryBy)
	s.RevokedAt, s.ConnectedAt, s.SignedInAt = fromMicros(revoked), fromMicros(connected), fromMicros(signedIn)
	s.RefusedAt, s.WaitingSince, s.ExpiresAt = fromMicros(refused), fromMicros(waiting), fromMicros(expires)
	return err
}

// PutStanding writes how a connection is, whole.
func (s *Store) PutStanding(ctx context.Context, tx graphwarden.Tx, c graphwarden.Standing) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO connections (`+connectionColumns+`)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
ON CONFLICT (tenant, registration) DO UPDATE SET account = excluded.account, account_name = excluded.account_name,
mark = excluded.mark, revoked_at = excluded.revoked_at, connected_at = excluded.connected_at, signed_in_at = excluded.signed_in_at,
refused_at = excluded.refused_at, refused_code = excluded.refused_code, refused_say = excluded.refused_say, refused_do = excluded.refused_do,
waiting_since = excluded.waiting_since, waiting_for = excluded.waiting_for, expires_at = excluded.expires_at, expiry_by = excluded.expiry_by`,
		c.Tenant, c.Registration, c.Account.ID, c.Account.Name, c.Mark, micros(c.RevokedAt), micros(c.ConnectedAt), micros(c.SignedInAt),
		micros(c.RefusedAt), c.RefusedCode, c.RefusedSay, c.RefusedDo, micros(c.WaitingSince), c.WaitingFor, micros(c.ExpiresAt), c.ExpiryBy)
	if err != nil {
		return fmt.Errorf("writing how the connection %s is: %w", c.Registration, err)
	}
	return nil
}

// StandingIn reads how a connection is within a transaction, to be changed there.
func (s *Store) StandingIn(ctx context.Context, tx graphwarden.Tx, tenant, registration string) (out graphwarden.Standing, err error) {
	t, err := open(tx)
	if err != nil {
		return out, err
	}
	err = t.rows(ctx, `SELECT `+connectionColumns+` FROM connections WHERE tenant = ? AND registration = ?`,
		[]any{tenant, registration}, func(row scanner) error { return scanStanding(row, &out) })
	if err != nil {
		return graphwarden.Standing{}, fmt.Errorf("reading how the connection %s is: %w", registration, err)
	}
	out.Tenant, out.Registration = tenant, registration
	return out, nil
}

// DropTokens deletes every token of a registration, whichever credential it was
// obtained with and whichever person it is for, and says how many there were.
func (s *Store) DropTokens(ctx context.Context, tx graphwarden.Tx, tenant, registration string) (int, error) {
	t, err := open(tx)
	if err != nil {
		return 0, err
	}
	n, err := t.change(ctx, `DELETE FROM tokens WHERE tenant = ?1
AND (registration = ?2 OR substr(registration, 1, ?3) IN (?4, ?5))`, tenant, registration, len([]rune(registration))+1, registration+"#", registration+"@")
	if err != nil {
		return 0, fmt.Errorf("deleting the tokens of %s: %w", registration, err)
	}
	return n, nil
}

// SealedTokens gives at most limit rows that follow a place, in order.
func (s *Store) SealedTokens(ctx context.Context, tenant, registration string, limit int) ([]graphwarden.SealedToken, error) {
	var out []graphwarden.SealedToken
	err := s.reads.rows(ctx, `SELECT tenant, registration, version, account, sealed FROM tokens
WHERE tenant > ?1 OR (tenant = ?1 AND registration > ?2) ORDER BY tenant, registration LIMIT ?3`,
		[]any{tenant, registration, limit}, func(row scanner) error {
			var one graphwarden.SealedToken
			if err := row.Scan(&one.Tenant, &one.Registration, &one.Version, &one.Account, &one.Sealed); err != nil {
				return err
			}
			out = append(out, one)
			return nil
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the sealed tokens: %w", err))
	}
	return out, nil
}

// Reseal puts a token that was sealed anew in the place of the same one. False
// means that it has been renewed or deleted meanwhile, so that nothing was done.
func (s *Store) Reseal(ctx context.Context, tx graphwarden.Tx, row graphwarden.SealedToken) (bool, error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	n, err := t.change(ctx, `UPDATE tokens SET sealed = ? WHERE tenant = ? AND registration = ? AND version = ?`,
		row.Sealed, row.Tenant, row.Registration, row.Version)
	if err != nil {
		return false, fmt.Errorf("sealing the token of %s anew: %w", row.Registration, err)
	}
	return n > 0, nil
}
