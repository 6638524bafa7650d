package store

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// NoteInspection writes down how an inspection went: what was found, or why it did
// not come to its end.
func (s *Store) NoteInspection(ctx context.Context, tx graphwarden.Tx, wrong, problem string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err = t.exec(ctx, putUpkeep, "inspecting", micros(t.now), problem); err == nil && problem == "" {
		_, err = t.exec(ctx, putUpkeep, "inspection", micros(t.now), wrong)
	}
	return wrapped(err, "noting an inspection")
}

// Inspected tells how the last inspections went, in whichever process.
func (s *Store) Inspected(ctx context.Context) (i graphwarden.Inspected, err error) {
	err = s.reads.rows(ctx, `SELECT what, at, note FROM upkeep WHERE what IN ('inspection', 'inspecting')`, nil, func(row scanner) error {
		var what, note string
		var at int64
		err := row.Scan(&what, &at, &note)
		if what == "inspection" {
			i.At, i.Wrong = fromMicros(at), note
		} else {
			i.TriedAt, i.Problem = fromMicros(at), note
		}
		return err
	})
	return i, s.refuse(wrapped(err, "reading when the database was inspected"))
}
