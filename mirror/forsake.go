package mirror

import (
	"context"
	"errors"
	"time"

	"github.com/graphwarden/graphwarden"
)

const (
	// forsakeAfter is for how long nobody may have read a flow's feeds, and this
	// process not have known the flow, before they end. Processes of a cluster are
	// restarted one after the other: what one does not know yet, another reads.
	forsakeAfter = time.Hour
	// forsakeStep is how often flows are looked for that nobody knows.
	forsakeStep = 5 * time.Minute
)

// forsake ends the feeds of flows that the configuration no longer has, as those
// of mailboxes that have left. since remembers when a flow was missed first.
func (m *Mirror) forsake(ctx context.Context, since map[string]time.Time) error {
	flows, err := m.config.Standing.KeptFlows(ctx)
	if err != nil {
		return err
	}
	now := m.config.Now()
	var troubles []error
	for flow, readAt := range flows {
		if m.config.Roster.Declares(flow) {
			delete(since, flow)
			continue
		}
		if _, missed := since[flow]; !missed {
			since[flow] = now
		}
		if now.Sub(since[flow]) < forsakeAfter || now.Sub(readAt) < forsakeAfter {
			continue
		}
		if err := m.forsakeFlow(ctx, flow); err != nil {
			troubles = append(troubles, err)
			continue
		}
		m.config.Log.Info("a flow is no longer in the configuration; its feeds have ended", "flow", flow)
	}
	return errors.Join(troubles...)
}

// forsakeFlow ends the feeds of a flow, each mailbox's by itself. If we crash in
// between, the rest is ended later.
func (m *Mirror) forsakeFlow(ctx context.Context, flow string) error {
	mailboxes, err := m.config.Standing.FeedMailboxes(ctx, flow)
	if err != nil {
		return err
	}
	for _, mailbox := range mailboxes {
		if _, err := m.leaveMailbox(ctx, flow, mailbox); err != nil {
			return err
		}
	}
	return m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return m.config.Skips.UnskipFlow(ctx, tx, flow)
	})
}
