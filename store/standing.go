package store

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
)

// FeedMailboxes gives the ids of the mailboxes that have feeds of a flow. It reads
// no cursors, and is cheap with thousands of feeds.
func (s *Store) FeedMailboxes(ctx context.Context, flow string) ([]string, error) {
	list, err := s.words(ctx, `SELECT DISTINCT mailbox FROM feeds WHERE flow = ? AND dropped_at = 0 ORDER BY mailbox`, flow)
	return list, s.refuse(wrapped(err, "reading which mailboxes have feeds"))
}

// ReadSince gives the ids of the mailboxes of which a feed of a flow was read to its
// end after since.
func (s *Store) ReadSince(ctx context.Context, flow string, since time.Time) ([]string, error) {
	list, err := s.words(ctx, `SELECT DISTINCT mailbox FROM feeds WHERE flow = ? AND dropped_at = 0 AND read_at > ? ORDER BY mailbox`, flow, micros(since))
	return list, s.refuse(wrapped(err, "reading which mailboxes were read"))
}

// KeptFlows gives the flows that feeds or skipped mailboxes are kept of, and when
// one of a flow was last read or tried.
func (s *Store) KeptFlows(ctx context.Context) (map[string]time.Time, error) {
	flows := map[string]time.Time{}
	err := s.reads.rows(ctx, `SELECT k.flow, max(k.last) FROM (SELECT flow, read_at AS last FROM feeds WHERE dropped_at = 0
UNION ALL SELECT flow, last_at AS last FROM skipped) AS k GROUP BY k.flow`, nil, func(row scanner) error {
		var flow string
		var last int64
		err := row.Scan(&flow, &last)
		flows[flow] = fromMicros(last)
		return err
	})
	return flows, s.refuse(wrapped(err, "reading which flows have feeds"))
}

// words reads a column of text.
func (s *Store) words(ctx context.Context, query string, args ...any) (list []string, err error) {
	err = s.reads.rows(ctx, query, args, func(row scanner) error {
		var word string
		err := row.Scan(&word)
		list = append(list, word)
		return err
	})
	return list, err
}

// FeedsOf gives the feeds of a flow of one mailbox that are not dropped.
func (s *Store) FeedsOf(ctx context.Context, flow, mailbox string) (list []graphwarden.Feed, err error) {
	err = s.reads.rows(ctx, `SELECT `+feedColumns+feedTables+`WHERE f.flow = ? AND f.mailbox = ? AND f.dropped_at = 0 ORDER BY f.id`,
		[]any{flow, mailbox}, func(row scanner) error {
			f, err := scanFeed(row)
			list = append(list, f)
			return err
		})
	return list, s.refuse(wrapped(err, "reading the feeds of a mailbox"))
}
