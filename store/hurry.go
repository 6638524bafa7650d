package store

import (
	"context"
	"fmt"
)

// hurries names the counter of a sink.
func hurries(sink string) string { return "hurries/" + sink }

// Hurries counts how often somebody asked for what failed at a sink to be tried at
// once, so that whichever process serves it sees that it was asked.
func (s *Store) Hurries(ctx context.Context, sink string) (n int64, err error) {
	_, err = s.reads.row(ctx, `SELECT value FROM counters WHERE name = ?`, []any{hurries(sink)}, &n)
	if err != nil {
		return 0, s.refuse(fmt.Errorf("reading how often the sink %s was hurried: %w", sink, err))
	}
	return n, nil
}

func (t *transaction) countHurry(ctx context.Context, sink string) error {
	_, err := t.exec(ctx, `INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1`, hurries(sink))
	return wrapped(err, "hurrying a sink")
}
