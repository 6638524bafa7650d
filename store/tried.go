package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// triedKept is how long the answer of a request is kept, to be given again.
const triedKept = 48 * time.Hour

// BeginTry takes a request in hand until a time. If its answer is kept already,
// or somebody else has it in hand, it gives what there is; else the zero Tried.
func (s *Store) BeginTry(ctx context.Context, tx graphwarden.Tx, r graphwarden.Tried, until time.Time) (found graphwarden.Tried, err error) {
	t, err := open(tx)
	if err != nil {
		return found, err
	}
	now := micros(t.now)
	if _, err := t.exec(ctx, `DELETE FROM app_requests WHERE at < ?`, micros(t.now.Add(-triedKept))); err != nil {
		return found, fmt.Errorf("forgetting old requests: %w", err)
	}
	n, err := t.change(ctx, `INSERT INTO app_requests (app, key, print, at, until, status, body) VALUES (?1, ?2, ?3, ?4, ?5, 0, NULL)
ON CONFLICT (app, key) DO UPDATE SET until = excluded.until
WHERE app_requests.status = 0 AND app_requests.until <= ?4 AND app_requests.print = excluded.print`,
		r.App, r.Key, r.Print[:], now, micros(until))
	if err != nil || n > 0 {
		return found, wrapped(err, "taking a request in hand")
	}
	var print []byte
	err = t.row(ctx, `SELECT app, key, print, status, body FROM app_requests WHERE app = ? AND key = ?`, []any{r.App, r.Key},
		&found.App, &found.Key, &print, &found.Status, &found.Body)
	if err != nil {
		return found, fmt.Errorf("reading a request that came before: %w", err)
	}
	found.Print = [32]byte(print)
	return found, nil
}

// EndTry keeps the answer of a request; without one (status 0) the request is
// forgotten.
func (s *Store) EndTry(ctx context.Context, tx graphwarden.Tx, r graphwarden.Tried) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if r.Status == 0 {
		_, err = t.exec(ctx, `DELETE FROM app_requests WHERE app = ? AND key = ? AND status = 0`, r.App, r.Key)
		return wrapped(err, "forgetting a request")
	}
	_, err = t.exec(ctx, `UPDATE app_requests SET status = ?, body = ? WHERE app = ? AND key = ?`, r.Status, nilIfEmpty(r.Body), r.App, r.Key)
	return wrapped(err, "keeping the answer of a request")
}
