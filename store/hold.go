package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Hold gives a duty to holder, who has it alone until span has passed; who has it
// already has it for another span. False means that somebody else has it.
func (s *Store) Hold(ctx context.Context, tx graphwarden.Tx, name, holder string, span time.Duration) (bool, error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	now := micros(t.now)
	n, err := t.change(ctx, `INSERT INTO holds (name, holder, until) VALUES (?1, ?2, ?3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE holds.holder = excluded.holder OR holds.until <= ?4`, name, holder, now+span.Microseconds(), now)
	if err != nil {
		return false, fmt.Errorf("taking the duty %s: %w", name, err)
	}
	return n > 0, nil
}

// LetGo gives a duty back before its time is over; another's stays as it is.
func (s *Store) LetGo(ctx context.Context, tx graphwarden.Tx, name, holder string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM holds WHERE name = ? AND holder = ?`, name, holder); err != nil {
		return fmt.Errorf("giving back the duty %s: %w", name, err)
	}
	return nil
}
