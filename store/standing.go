package store

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// FeedMailboxes gives the ids of the mailboxes that have feeds of a flow. It reads
// no cursors, and is cheap with thousands of feeds.
func (s *Store) FeedMailboxes(ctx context.Context, flow string) ([]string, error) {
	list, err := s.words(ctx, `SELECT DISTINCT mailbox FROM feeds WHERE flow = ? AND dropped_at = 0 ORDER BY mailbox`, flow)
	return list, s.refuse(wrapped(err, "reading which mailboxes have feeds"))
}

// FeedFlows gives the names of the flows that have feeds.
func (s *Store) FeedFlows(ctx context.Context) ([]string, error) {
	list, err := s.words(ctx, `SELECT DISTINCT flow FROM feeds WHERE dropped_at = 0 ORDER BY flow`)
	return list, s.refuse(wrapped(err, "reading which flows have feeds"))
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
