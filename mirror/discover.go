package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

const (
	// discoverEvery is how old the list of a mailbox's calendars may get.
	discoverEvery = 15 * time.Minute
	// discoverStep is how often mailboxes are looked for whose list is too old.
	discoverStep = 30 * time.Second
	// unusable is how long a mailbox rests that cannot be read at all.
	unusable = 15 * time.Minute
	// discoverAtOnce is how many mailboxes are asked at once.
	discoverAtOnce = 4
	// forsaking is what the schedule calls the look for flows that are gone.
	forsaking = "flows"
)

// discoverAlways keeps the lists of calendars young until ctx ends. Each tenant
// has its own turn, so that one that hangs delays no other.
func (m *Mirror) discoverAlways(ctx context.Context) {
	var turns sync.WaitGroup
	defer turns.Wait()
	var mu sync.Mutex // guards both
	under, again := map[string]bool{}, map[string]bool{}
	due := schedule{at: map[string]time.Time{}, found: map[string]bool{}}
	missed := map[string]time.Time{}
	for {
		if due.due(forsaking, m.config.Now()) {
			due.set(forsaking, m.config.Now().Add(forsakeStep))
			if err := m.forsake(ctx, missed); err != nil && ctx.Err() == nil {
				m.config.Log.Error("ending the feeds of flows that are no longer declared", "reason", err)
			}
		}
		flows := map[string][]flow.Flow{}
		for _, f := range m.config.Roster.Flows() {
			flows[f.Tenant] = append(flows[f.Tenant], f)
		}
		for tenant, flows := range flows {
			mu.Lock()
			busy := under[tenant]
			under[tenant], again[tenant] = true, busy // who joins meanwhile has a turn right after
			mu.Unlock()
			if busy {
				continue
			}
			turns.Go(func() {
				m.discoverDue(ctx, flows, &due)
				mu.Lock()
				delete(under, tenant)
				missed := again[tenant]
				mu.Unlock()
				if missed {
					m.Discover()
				}
			})
		}
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

// schedule remembers when something is due.
type schedule struct {
	mu    sync.Mutex
	at    map[string]time.Time
	found map[string]bool // the mailbox had calendars when it was asked
}

// calendarsOf is what the schedule calls a mailbox of a flow.
func calendarsOf(flow, mailbox string) string { return "calendars of " + flow + "/" + mailbox }

// rejoin has mailboxes asked at once that left the flow, when they are in it again:
// those that are not in it now, and those whose feeds are gone although they had
// calendars, because somebody left and came back before it was seen here.
func (s *schedule) rejoin(f flow.Flow, have []string) (left []string) {
	in, read := f.Mailboxes.IDs(), map[string]bool{}
	for _, mailbox := range have {
		read[mailbox] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for what := range s.at {
		mailbox, ours := strings.CutPrefix(what, calendarsOf(f.Name, ""))
		if ours && (!in[mailbox] || s.found[what] && !read[mailbox]) {
			delete(s.at, what)
			delete(s.found, what)
			left = append(left, what)
		}
	}
	return left
}

func (s *schedule) has(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found[what] = true
}

func (s *schedule) due(what string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !now.Before(s.at[what])
}

func (s *schedule) set(what string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[what] = at
}

// discoverDue asks every mailbox of a tenant's flows that is due for its
// calendars, and ends the feeds of mailboxes that have left.
func (m *Mirror) discoverDue(ctx context.Context, flows []flow.Flow, due *schedule) {
	places := make(chan struct{}, discoverAtOnce)
	var all sync.WaitGroup
	defer all.Wait()
	for _, f := range flows {
		have, err := m.leave(ctx, f)
		if err != nil {
			m.config.Log.Error("finding mailboxes that left", "flow", f.Name, "reason", err)
			continue
		}
		for _, what := range due.rejoin(f, have) {
			m.setbacks.over(what)
		}
		for _, mailbox := range f.Mailboxes {
			what := calendarsOf(f.Name, mailbox.ID)
			if !due.due(what, m.config.Now()) || ctx.Err() != nil {
				continue
			}
			places <- struct{}{}
			all.Go(func() {
				due.set(what, m.config.Now().Add(m.discoverOne(ctx, f, mailbox, due)))
				<-places
			})
		}
	}
}

// discoverOne asks one mailbox and gives when it is asked next.
func (m *Mirror) discoverOne(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox, due *schedule) time.Duration {
	what := calendarsOf(f.Name, mailbox.ID)
	found, err := m.findCalendars(ctx, f, mailbox)
	if err == nil {
		if found > 0 {
			due.has(what)
		}
		m.setbacks.over(what)
		return m.spread.around(discoverEvery)
	}
	wait := m.setbacks.next(what, m.config.Now())
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Kind == graphwarden.Unknown {
		wait = max(wait, unusable) // no licence, deleted, on premises …
	}
	wait = m.spread.around(wait)
	m.skip(ctx, f, mailbox, err)
	if ctx.Err() == nil {
		m.config.Log.Warn("finding calendars", "flow", f.Name, "mailbox", mailbox.UPN, "again_in", wait, "reason", err)
	}
	return wait
}

// findCalendars gives every calendar of a mailbox its feed, and ends the feeds of
// calendars that are gone. It says how many there are.
func (m *Mirror) findCalendars(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox) (int, error) {
	have, err := m.config.Standing.FeedsOf(ctx, f.Name, mailbox.ID)
	if err != nil {
		return 0, err
	}
	calendars, err := m.config.Source.Calendars(ctx, f, mailbox)
	if err != nil {
		return 0, err
	}
	if f.DefaultOnly {
		calendars = slices.DeleteFunc(calendars, func(c graph.Calendar) bool { return !c.Default })
	}
	there := map[string]bool{}
	for _, c := range calendars {
		there[c.ID] = true
	}
	gone, err := m.secondLook(ctx, f, mailbox, have, there)
	if err != nil {
		return 0, err
	}
	err = m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, c := range calendars {
			_, err := m.config.Feeds.EnsureFeed(ctx, tx, graphwarden.Feed{
				Flow: f.Name, Tenant: f.Tenant, Mailbox: mailbox, Resource: c.ID, Title: c.Name,
				Window: window(m.config.Now(), f.Reach, c.ID),
			})
			if err != nil {
				return err
			}
		}
		for _, feed := range gone {
			if _, err := m.config.Feeds.DropFeed(ctx, tx, feed.ID); err != nil {
				return err
			}
			tx.AfterCommit(m.config.Changed)
		}
		tx.AfterCommit(m.Wake)
		return m.config.Skips.UnskipMailbox(ctx, tx, f.Name, mailbox.ID)
	})
	if err != nil {
		return 0, fmt.Errorf("keeping the calendars of %s: %w", mailbox.UPN, err)
	}
	return len(calendars), nil
}

// secondLook gives the feeds whose calendars are not there. A list that lacks a
// calendar does not end its feed: the calendar is asked for itself.
func (m *Mirror) secondLook(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox, have []graphwarden.Feed, there map[string]bool) (gone []graphwarden.Feed, err error) {
	for _, feed := range have {
		if there[feed.Resource] {
			continue
		}
		still, err := m.config.Source.HasCalendar(ctx, f, mailbox, feed.Resource)
		switch {
		case err == nil && f.DefaultOnly && len(there) > 0:
			gone = append(gone, feed) // another calendar is the default one now
		case err != nil:
			return nil, err
		case still:
			m.config.Log.Warn("a calendar is there and not in the list", "flow", f.Name, "mailbox", mailbox.UPN, "feed", feed.Title)
		default:
			gone = append(gone, feed)
		}
	}
	return gone, nil
}
