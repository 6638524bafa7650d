package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// attemptsKept is how many attempts of a delivery are remembered.
const attemptsKept = 20

// NoteAttempts remembers attempts that failed, the last 20 of each delivery.
func (s *Store) NoteAttempts(ctx context.Context, tx graphwarden.Tx, list []graphwarden.Attempt) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	for _, chunk := range chunks(list) {
		args := make([]any, 0, 7*len(chunk))
		for _, a := range chunk {
			args = append(args, a.Sink, a.Seq, a.Nth, micros(a.At), a.Took.Microseconds(), a.Status, a.Reason)
		}
		_, err := t.exec(ctx, `INSERT INTO attempts (sink, seq, nth, at, took, status, reason) VALUES `+tuples(len(chunk), `(?, ?, ?, ?, ?, ?, ?)`)+
			` ON CONFLICT (sink, seq, nth) DO UPDATE SET at = excluded.at, took = excluded.took, status = excluded.status, reason = excluded.reason`, args...)
		if err != nil {
			return fmt.Errorf("remembering attempts: %w", err)
		}
	}
	for _, a := range list {
		if a.Nth <= attemptsKept {
			continue
		}
		if _, err := t.exec(ctx, `DELETE FROM attempts WHERE sink = ? AND seq = ? AND nth <= ?`, a.Sink, a.Seq, a.Nth-attemptsKept); err != nil {
			return fmt.Errorf("forgetting old attempts: %w", err)
		}
	}
	return nil
}

// Attempts gives the last attempts of a delivery that failed, the oldest first.
func (s *Store) Attempts(ctx context.Context, sink string, seq int64) ([]graphwarden.Attempt, error) {
	var list []graphwarden.Attempt
	err := s.reads.rows(ctx, `SELECT nth, at, took, status, reason FROM attempts WHERE sink = ? AND seq = ? ORDER BY nth`,
		[]any{sink, seq}, func(row scanner) error {
			a := graphwarden.Attempt{Sink: sink, Seq: seq}
			var at, took int64
			err := row.Scan(&a.Nth, &at, &took, &a.Status, &a.Reason)
			a.At, a.Took = fromMicros(at), time.Duration(took)*time.Microsecond
			list = append(list, a)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the attempts of change %d for sink %s: %w", seq, sink, err))
	}
	return list, nil
}
