package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// windowParts is into how many parts a budget's window is cut: a call is forgotten
// by at most one part too late.
const windowParts = 60

// process is the hold that says that a process lives.
func process(holder string) string { return "process/" + holder }

// Live says that a process lives for another span; the places of one that does
// not are free.
func (s *Store) Live(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration) error {
	_, err := s.Hold(ctx, tx, process(holder), holder, span)
	return err
}

// TakePlace charges a call to a budget and gives it a place until GivePlace or
// until its process is dead. When there is none, taken is false and nothing is
// written; wait is then how long it takes at least, 0 when that is not known: a
// call that is under way has to end.
func (s *Store) TakePlace(ctx context.Context, tx graphwarden.Tx, b graphwarden.Budget, holder, call string) (taken bool, wait time.Duration, err error) {
	t, err := open(tx)
	if err != nil {
		return false, 0, err
	}
	now := micros(t.now)
	rest, err := t.number(ctx, `SELECT coalesce(max(until), 0) FROM rests WHERE owner = ?`, b.Owner)
	if err != nil || rest > now {
		return false, time.Duration(rest-now) * time.Microsecond, err
	}
	if b.Places == 0 {
		return true, 0, nil
	}
	under, err := t.number(ctx, `SELECT count(*) FROM places p JOIN holds h ON h.name = 'process/' || p.holder
WHERE p.owner = ? AND h.until > ?`, b.Owner, now)
	if err != nil || under >= int64(b.Places) {
		return false, 0, err
	}
	return t.charge(ctx, b, holder, call)
}

// charge counts a call against the window, and notes its place.
func (t *transaction) charge(ctx context.Context, b graphwarden.Budget, holder, call string) (taken bool, wait time.Duration, err error) {
	width := b.Span.Microseconds() / windowParts
	part := micros(t.now) / width
	spent, err := t.number(ctx, `SELECT coalesce(sum(calls), 0) FROM spent WHERE owner = ? AND part >= ?`, b.Owner, part-windowParts)
	if err != nil || spent >= int64(b.Calls) {
		return false, time.Duration(width) * time.Microsecond, err
	}
	if _, err = t.exec(ctx, `INSERT INTO spent (owner, part, calls) VALUES (?, ?, 1)
ON CONFLICT (owner, part) DO UPDATE SET calls = spent.calls + 1`, b.Owner, part); err != nil {
		return false, 0, err
	}
	if spent == 0 || spent%64 == 0 { // now and then, what is forgotten goes
		if _, err = t.exec(ctx, `DELETE FROM spent WHERE part < ?`, part-windowParts); err != nil {
			return false, 0, err
		}
	}
	_, err = t.exec(ctx, `INSERT INTO places (call, owner, holder) VALUES (?, ?, ?) ON CONFLICT (call) DO NOTHING`, call, b.Owner, holder)
	return err == nil, 0, err
}

// GivePlace frees the place of a call that is over; one without a place is no
// error.
func (s *Store) GivePlace(ctx context.Context, tx graphwarden.Tx, call string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM places WHERE call = ?`, call); err != nil {
		return fmt.Errorf("freeing the place of a call: %w", err)
	}
	return nil
}

// Rest has no call of an owner begin before a time, in any process.
func (s *Store) Rest(ctx context.Context, tx graphwarden.Tx, owner string, until time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO rests (owner, until) VALUES (?, ?)
ON CONFLICT (owner) DO UPDATE SET until = excluded.until WHERE rests.until < excluded.until`, owner, micros(until))
	if err != nil {
		return fmt.Errorf("having %s rest: %w", owner, err)
	}
	return nil
}

// BuryProcesses frees the places of processes that are dead, and forgets rests
// that are over.
func (s *Store) BuryProcesses(ctx context.Context, tx graphwarden.Tx) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	now := micros(t.now)
	if _, err := t.exec(ctx, `DELETE FROM places WHERE NOT EXISTS
(SELECT 1 FROM holds h WHERE h.name = 'process/' || places.holder AND h.until > ?)`, now); err != nil {
		return fmt.Errorf("freeing the places of dead processes: %w", err)
	}
	if _, err := t.exec(ctx, `DELETE FROM rests WHERE until <= ?`, now); err != nil {
		return fmt.Errorf("forgetting rests that are over: %w", err)
	}
	return nil
}

// number reads one number.
func (t *transaction) number(ctx context.Context, query string, args ...any) (n int64, err error) {
	if err := t.row(ctx, query, args, &n); err != nil {
		return 0, fmt.Errorf("looking at a budget: %w", err)
	}
	return n, nil
}
