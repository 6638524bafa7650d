package mirror

import (
	"context"
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// skip remembers why a mailbox is not read.
func (m *Mirror) skip(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox, why error) {
	if ctx.Err() != nil || !graphwarden.Tells(why) {
		return // what was known before stays while nobody answers
	}
	code, say := m.why(ctx, f, mailbox, why)
	err := m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return m.config.Skips.SkipMailbox(ctx, tx, graphwarden.Skipped{Flow: f.Name, Tenant: f.Tenant, Mailbox: mailbox, Code: code, Say: say})
	})
	if err != nil && ctx.Err() == nil {
		m.config.Log.Info("noting a mailbox that is skipped", "mailbox", mailbox.UPN, "reason", err)
	}
}

// leave ends the feeds of a flow whose mailboxes have left it, and gives the
// mailboxes that had feeds.
func (m *Mirror) leave(ctx context.Context, f flow.Flow) (have []string, err error) {
	have, err = m.config.Standing.FeedMailboxes(ctx, f.Name)
	if err != nil || !f.Whole {
		return have, err
	}
	var troubles []error
	own := f.Mailboxes.IDs()
	for _, mailbox := range have {
		if own[mailbox] {
			continue
		}
		feeds, err := m.leaveMailbox(ctx, f.Name, mailbox)
		if err != nil {
			troubles = append(troubles, err)
		} else if len(feeds) > 0 {
			m.config.Log.Info("a mailbox has left", "flow", f.Name, "mailbox", feeds[0].Mailbox.UPN, "feeds", len(feeds))
		}
	}
	return have, errors.Join(troubles...)
}

// leaveMailbox ends the feeds of a flow of one mailbox.
func (m *Mirror) leaveMailbox(ctx context.Context, flow, mailbox string) ([]graphwarden.Feed, error) {
	feeds, err := m.config.Standing.FeedsOf(ctx, flow, mailbox)
	if err != nil {
		return nil, err
	}
	err = m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, feed := range feeds {
			if _, err := m.config.Feeds.LeaveFeed(ctx, tx, feed.ID); err != nil {
				return err
			}
		}
		tx.AfterCommit(m.config.Changed)
		return m.config.Skips.UnskipMailbox(ctx, tx, flow, mailbox)
	})
	if err != nil {
		return nil, fmt.Errorf("ending the feeds of the mailbox %s, which left: %w", mailbox, err)
	}
	return feeds, nil
}
