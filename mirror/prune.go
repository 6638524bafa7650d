package mirror

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
)

const (
	// pruneEvery is how often old changes are gone through.
	pruneEvery = time.Hour
	// pruneSlice is how many changes one transaction looks at, so that others get in
	// between.
	pruneSlice = 256
)

// Old prunes changes, within transactions of a Store.
type Old interface {
	// Prune looks at some changes after a number and deletes those stored before a
	// time that nobody needs; it gives the number that it looked up to.
	Prune(ctx context.Context, tx graphwarden.Tx, after int64, before time.Time, limit int) (upTo int64, pruned int, err error)
}

// Prune deletes the changes that are older than Keep and that nobody needs, again
// and again, until ctx ends. One process at a time runs it. Without Keep nothing
// is deleted.
func (m *Mirror) Prune(ctx context.Context) error {
	for ctx.Err() == nil {
		if m.config.Keep > 0 {
			if n, err := m.pruneOld(ctx); err != nil && ctx.Err() == nil {
				m.config.Log.Error("pruning old changes", "reason", err)
			} else if n > 0 {
				m.config.Log.Info("old changes were pruned", "count", n)
			}
		}
		timer := time.NewTimer(m.spread.around(pruneEvery))
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// pruneOld goes once through the changes.
func (m *Mirror) pruneOld(ctx context.Context) (total int, err error) {
	before := m.config.Now().Add(-m.config.Keep)
	for after, upTo := int64(-1), int64(0); upTo > after && ctx.Err() == nil; {
		after = upTo
		err := m.config.Store.UpdateBulk(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			var n int
			upTo, n, err = m.config.Old.Prune(ctx, tx, after, before, pruneSlice)
			total += n
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
