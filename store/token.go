package store

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// Token gives the sealed token of a registration in a tenant. Version 0 means
// that none is stored.
func (s *Store) Token(ctx context.Context, tenant, registration string) (graphwarden.SealedToken, error) {
	out := graphwarden.SealedToken{Tenant: tenant, Registration: registration}
	var expires int64
	_, err := s.reads.row(ctx, `SELECT sealed, version, account, expires_at FROM tokens WHERE tenant = ? AND registration = ?`,
		[]any{tenant, registration}, &out.Sealed, &out.Version, &out.Account, &expires)
	if err != nil {
		return graphwarden.SealedToken{}, s.refuse(fmt.Errorf("reading the token of %s in %s: %w", registration, tenant, err))
	}
	out.ExpiresAt = fromMicros(expires)
	return out, nil
}

// PutToken stores a sealed token. Its version must follow the stored one, so
// that of two that were renewed at once the second is refused (Conflict) and
// never overwrites a newer refresh token.
func (s *Store) PutToken(ctx context.Context, tx graphwarden.Tx, k graphwarden.SealedToken) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	n, err := t.change(ctx, `INSERT INTO tokens (tenant, registration, version, account, sealed, expires_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6
WHERE ?3 = 1 + coalesce((SELECT version FROM tokens WHERE tenant = ?1 AND registration = ?2), 0)
ON CONFLICT (tenant, registration) DO UPDATE
SET version = excluded.version, account = excluded.account, sealed = excluded.sealed, expires_at = excluded.expires_at`,
		k.Tenant, k.Registration, k.Version, k.Account, k.Sealed, micros(k.ExpiresAt))
	if err != nil {
		return fmt.Errorf("storing the token of %s in %s: %w", k.Registration, k.Tenant, err)
	}
	if n == 0 {
		return &graphwarden.Refusal{
			Kind: graphwarden.Conflict, Code: "store.token_moved",
			Say: fmt.Sprintf("The token of %s in %s was renewed by somebody else.", k.Registration, k.Tenant),
			Do:  "Read the stored one and use it.",
		}
	}
	return nil
}

// SealedRows counts what could not be read without the key file.
func (s *Store) SealedRows(ctx context.Context) (int, error) {
	var n int
	if _, err := s.reads.row(ctx, `SELECT count(*) FROM tokens`, nil, &n); err != nil {
		return 0, s.refuse(fmt.Errorf("counting the sealed rows: %w", err))
	}
	return n, nil
}
