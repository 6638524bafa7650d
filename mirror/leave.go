package mirror

import (
	"context"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// skip remembers why a mailbox is not read.
func (m *Mirror) skip(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox, why error) {
	code, say := graphwarden.Explain(why)
	if ctx.Err() != nil || code == graphwarden.CodeBusy {
		return
	}
	err := m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return m.config.Skips.SkipMailbox(ctx, tx, graphwarden.Skipped{Flow: f.Name, Tenant: f.Tenant, Mailbox: mailbox, Code: code, Say: say})
	})
	if err != nil && ctx.Err() == nil {
		m.config.Log.Info("noting a mailbox that is skipped", "mailbox", mailbox.UPN, "reason", err)
	}
}

// leave ends the feeds of a flow whose mailboxes have left it.
func (m *Mirror) leave(ctx context.Context, f flow.Flow, have map[string][]graphwarden.Feed) {
	if !f.Whole {
		return
	}
	for mailbox, feeds := range have {
		if f.Mailboxes.Holds(mailbox) {
			continue
		}
		err := m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			for _, feed := range feeds {
				if _, err := m.config.Feeds.LeaveFeed(ctx, tx, feed.ID); err != nil {
					return err
				}
			}
			tx.AfterCommit(m.config.Changed)
			return m.config.Skips.UnskipMailbox(ctx, tx, f.Name, mailbox)
		})
		if err != nil && ctx.Err() == nil {
			m.config.Log.Error("ending the feeds of a mailbox that left", "flow", f.Name, "mailbox", feeds[0].Mailbox.UPN, "reason", err)
			continue
		}
		m.config.Log.Info("a mailbox has left", "flow", f.Name, "mailbox", feeds[0].Mailbox.UPN, "feeds", len(feeds))
	}
}
