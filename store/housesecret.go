package store

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// HouseSecret gives a secret of the house by name; the first who asks makes it.
// Every process of a cluster gets the same. It protects nothing of Microsoft's:
// that is sealed with the key file.
func (s *Store) HouseSecret(ctx context.Context, name string, made seal.Secret) (secret seal.Secret, err error) {
	err = s.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		t, err := open(tx)
		if err != nil {
			return err
		}
		made.Reveal(func(plain []byte) {
			_, err = t.exec(ctx, `INSERT INTO house_secrets (name, secret) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, name, plain)
		})
		if err != nil {
			return fmt.Errorf("keeping the secret %s: %w", name, err)
		}
		var raw []byte
		if err := t.row(ctx, `SELECT secret FROM house_secrets WHERE name = ?`, []any{name}, &raw); err != nil {
			return fmt.Errorf("reading the secret %s: %w", name, err)
		}
		secret = seal.New(raw)
		clear(raw)
		return nil
	})
	return secret, err
}
