package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Unsure gives the writes that came to be uncertain since a time, by app.
func (s *Store) Unsure(ctx context.Context, since time.Time) ([]graphwarden.Unsure, error) {
	var list []graphwarden.Unsure
	err := s.reads.rows(ctx, `SELECT app, CASE WHEN kind IN (?1, ?2) THEN 1 ELSE 0 END AS mail, count(*), min(ended_at) FROM intents
WHERE state = 'uncertain' AND ended_at >= ?3 GROUP BY app, CASE WHEN kind IN (?1, ?2) THEN 1 ELSE 0 END ORDER BY 1, 2`,
		[]any{string(graphwarden.SendMail), string(graphwarden.SendMailOnce), micros(since)}, func(row scanner) error {
			var u graphwarden.Unsure
			var at int64
			err := row.Scan(&u.App, &u.Mail, &u.Count, &at)
			u.Since = fromMicros(at)
			list = append(list, u)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading what is uncertain: %w", err))
	}
	return list, nil
}
