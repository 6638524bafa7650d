package mirror

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

const (
	// discoverEvery is how old the list of a mailbox's calendars may get.
	discoverEvery = 15 * time.Minute
	// discoverStep is how often mailboxes are looked for whose list is too old.
	discoverStep = 30 * time.Second
	// discoverAtOnce is how many mailboxes are asked at once.
	discoverAtOnce = 4
)

// discoverAlways keeps the lists of calendars young until ctx ends.
func (m *Mirror) discoverAlways(ctx context.Context) {
	due := map[string]time.Time{} // by flow and mailbox
	for {
		m.discoverDue(ctx, due)
		timer := time.NewTimer(discoverStep)
		select {
		case <-m.discover:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// discoverDue asks every mailbox that is due for its calendars.
func (m *Mirror) discoverDue(ctx context.Context, due map[string]time.Time) {
	var mu sync.Mutex // guards due
	places := make(chan struct{}, discoverAtOnce)
	var all sync.WaitGroup
	defer all.Wait()
	for _, f := range m.config.Roster.Flows() {
		have, err := m.feedsByMailbox(ctx, f)
		if err != nil {
			m.config.Log.Error("finding calendars", "flow", f.Name, "reason", err)
			continue
		}
		for _, mailbox := range f.Mailboxes {
			what := "calendars of " + f.Name + "/" + mailbox.ID
			mu.Lock()
			early := m.config.Now().Before(due[what])
			mu.Unlock()
			if early || ctx.Err() != nil {
				continue
			}
			places <- struct{}{}
			all.Go(func() {
				next := m.discoverOne(ctx, f, mailbox, have[mailbox.ID], what)
				mu.Lock()
				due[what] = m.config.Now().Add(next)
				mu.Unlock()
				<-places
			})
		}
	}
}

func (m *Mirror) feedsByMailbox(ctx context.Context, f flow.Flow) (map[string][]graphwarden.Feed, error) {
	feeds, err := m.config.Feeds.Feeds(ctx, f.Name)
	if err != nil {
		return nil, err
	}
	by := map[string][]graphwarden.Feed{}
	for _, feed := range feeds {
		by[feed.Mailbox.ID] = append(by[feed.Mailbox.ID], feed)
	}
	return by, nil
}

// discoverOne asks one mailbox and gives when it is asked next.
func (m *Mirror) discoverOne(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox, have []graphwarden.Feed, what string) time.Duration {
	err := m.findCalendars(ctx, f, mailbox, have)
	if err == nil {
		m.setbacks.over(what)
		return m.spread.around(discoverEvery)
	}
	wait := m.spread.around(m.setbacks.next(what))
	if ctx.Err() == nil {
		m.config.Log.Warn("finding calendars", "flow", f.Name, "mailbox", mailbox.UPN, "again_in", wait, "reason", err)
	}
	return wait
}

// findCalendars gives every calendar of a mailbox its feed, and ends the feeds of
// calendars that are gone.
func (m *Mirror) findCalendars(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox, have []graphwarden.Feed) error {
	calendars, err := m.config.Source.Calendars(ctx, f, mailbox)
	if err != nil {
		return err
	}
	span := window(m.config.Now(), f.Reach)
	err = m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		there := map[string]bool{}
		for _, c := range calendars {
			there[c.ID] = true
			_, err := m.config.Feeds.EnsureFeed(ctx, tx, graphwarden.Feed{
				Flow: f.Name, Tenant: f.Tenant, Mailbox: mailbox, Resource: c.ID, Title: c.Name, Window: span,
			})
			if err != nil {
				return err
			}
		}
		for _, feed := range have {
			if there[feed.Resource] {
				continue
			}
			if _, err := m.config.Feeds.DropFeed(ctx, tx, feed.ID); err != nil {
				return err
			}
			tx.AfterCommit(m.config.Changed)
		}
		tx.AfterCommit(m.Wake)
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping the calendars of %s: %w", mailbox.UPN, err)
	}
	return nil
}
