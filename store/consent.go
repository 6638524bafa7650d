package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// consentKept is how long a link that is over is kept, to say that it is.
const consentKept = 30 * 24 * time.Hour

// PutConsent writes down that an administrator is asked, and forgets old questions.
func (s *Store) PutConsent(ctx context.Context, tx graphwarden.Tx, c graphwarden.Consent) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM consents WHERE until < ?`, micros(tx.Now().Add(-consentKept)))
	if err == nil {
		_, err = t.exec(ctx, `INSERT INTO consents (state, tenant, registration, until, answered_at, problem) VALUES (?, ?, ?, ?, 0, '')`,
			c.State, c.Tenant, c.Registration, micros(c.Until))
	}
	if err != nil {
		return fmt.Errorf("writing down a question for consent to %s: %w", c.Registration, err)
	}
	return nil
}

// AnswerConsent takes the answer to a question, once and in time. It gives the
// question as it was before, the zero Consent when there is none, and whether the
// answer was taken.
func (s *Store) AnswerConsent(ctx context.Context, tx graphwarden.Tx, state, problem string) (before graphwarden.Consent, taken bool, err error) {
	t, err := open(tx)
	if err != nil {
		return before, false, err
	}
	err = t.rows(ctx, consentSelection+` WHERE state = ?`, []any{state}, func(row scanner) error { return scanConsent(row, &before) })
	if err != nil {
		return before, false, fmt.Errorf("finding a question for consent: %w", err)
	}
	n, err := t.change(ctx, `UPDATE consents SET answered_at = ?, problem = ? WHERE state = ? AND answered_at = 0 AND until > ?`,
		micros(tx.Now()), problem, state, micros(tx.Now()))
	if err != nil {
		return before, false, fmt.Errorf("taking an answer for consent to %s: %w", before.Registration, err)
	}
	return before, n > 0, nil
}

// LastConsent gives the question of a connection that was answered last, the zero
// Consent when none was.
func (s *Store) LastConsent(ctx context.Context, tenant, registration string) (last graphwarden.Consent, err error) {
	err = s.reads.rows(ctx, consentSelection+` WHERE tenant = ? AND registration = ? AND answered_at > 0 ORDER BY answered_at DESC LIMIT 1`,
		[]any{tenant, registration}, func(row scanner) error { return scanConsent(row, &last) })
	if err != nil {
		return last, s.refuse(fmt.Errorf("reading the consent to %s: %w", registration, err))
	}
	return last, nil
}

const consentSelection = `SELECT state, tenant, registration, until, answered_at, problem FROM consents`

func scanConsent(row scanner, c *graphwarden.Consent) error {
	var until, answered int64
	err := row.Scan(&c.State, &c.Tenant, &c.Registration, &until, &answered, &c.Problem)
	c.Until, c.AnsweredAt = fromMicros(until), fromMicros(answered)
	return err
}
