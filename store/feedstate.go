package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// FeedStates gives at most limit of the chosen feeds with an id above after, by
// id, as they stand.
func (s *Store) FeedStates(ctx context.Context, chosen graphwarden.FeedChoice, after int64, limit int) ([]graphwarden.FeedState, error) {
	var list []graphwarden.FeedState
	err := s.reads.rows(ctx, `SELECT `+feedColumns+`, f.whole <> 0, l.feed IS NOT NULL, coalesce(l.until, f.due_at), f.not_before,
(SELECT count(*) FROM items i WHERE i.feed = f.id)`+feedTables+`LEFT JOIN leases l ON l.feed = f.id WHERE f.id > ?1 AND f.dropped_at = 0
AND (?2 = '' OR f.flow = ?2) AND (?3 = '' OR f.tenant = ?3) AND (?4 = '' OR f.upn = ?4 OR f.mailbox = ?4 OR lower(f.upn) = ?5)
ORDER BY f.id LIMIT ?6`,
		[]any{after, chosen.Flow, chosen.Tenant, chosen.Mailbox, strings.ToLower(chosen.Mailbox), limit}, func(row scanner) (err error) {
			var st graphwarden.FeedState
			var due, notBefore int64
			st.Feed, err = scanFeed(row, &st.Whole, &st.Held, &due, &notBefore, &st.Items)
			st.DueAt, st.NotBefore = fromMicros(due), fromMicros(notBefore)
			list = append(list, st)
			return err
		})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading how the feeds stand: %w", err))
	}
	return list, nil
}
