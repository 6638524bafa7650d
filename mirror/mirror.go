package mirror

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/share"
)

const (
	// leaseSpan is how long a feed stays with a reader that gives no sign of life:
	// so long it waits when its reader was killed. A reader that is only slow may
	// lose it; then the page is read twice and stored once.
	leaseSpan = 30 * time.Second
	// poll is how often due feeds are looked for when nothing wakes the mirror.
	poll = 2 * time.Second
	// perMailbox is how many feeds of one mailbox are read at once: Microsoft allows
	// four calls, and others call too.
	perMailbox = 3
)

// Config is what a mirror is made of.
type Config struct {
	Roster Roster
	Source Source
	Wakers Wakers
	Store  Store
	Feeds  Feeds
	Rounds Rounds
	// Standing is what feeds there are.
	Standing Standing
	// Removals are looked for in the Source before they are believed.
	Removals Removals
	Skips    Skips
	// Directory says more of mailboxes that cannot be read; nil is asked nothing.
	Directory Directory
	// Old is pruned of what is older than Keep; 0 keeps everything.
	Old    Old
	Keep   time.Duration
	Log    *slog.Logger
	Now    func() time.Time
	Random *rand.Rand // spreads sweeps and waits; used by the mirror alone
	Holder string     // the name of this process in leases
	// Readers is how many feeds are read at once; a tenant alone gets half of them
	// (package share).
	Readers int
	// Swept and Woken are how long a feed goes unread at most, without and with a
	// subscription that wakes it.
	Swept, Woken time.Duration
	// Changed is called when changes have been stored, Recovered when a feed was read
	// again that could not be; neither may block.
	Changed, Recovered func()
}

// Mirror reads the feeds.
type Mirror struct {
	config    Config
	wake      chan struct{} // something is due
	discover  chan struct{} // the mailboxes have changed
	doubt     chan struct{} // an item is held
	gatherers chan struct{} // who reads many pages at a time
	readers   *share.Places
	lookers   *share.Places
	spread    spread
	setbacks  setbacks
}

// New makes a mirror; Run sets it going.
func New(c Config) *Mirror {
	return &Mirror{
		config: c, wake: make(chan struct{}, 1), discover: make(chan struct{}, 1), doubt: make(chan struct{}, 1), gatherers: make(chan struct{}, gatherers),
		readers: share.New(c.Readers, perMailbox), lookers: share.New(c.Readers, 1),
		spread: spread{random: c.Random}, setbacks: setbacks{since: map[string]setback{}},
	}
}

// Wake has the mirror look for due feeds at once. It does not block.
func (m *Mirror) Wake() { signal(m.wake) }

// Find finds calendars, and ends the feeds of those and of mailboxes that are
// gone, until ctx ends. One process at a time runs it.
func (m *Mirror) Find(ctx context.Context) error {
	m.discoverAlways(ctx)
	return nil
}

// Discover has the mirror look for calendars at once. It does not block.
func (m *Mirror) Discover() { signal(m.discover) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // a signal is waiting already and says the same
	}
}

// Run reads feeds until ctx ends, beginning with every feed there is: a
// notification may have been lost while nothing ran. It returns when every reader
// has put its feed down. Many processes may run it together.
func (m *Mirror) Run(ctx context.Context) error {
	if err := m.config.Store.Update(ctx, m.config.Feeds.HurryFeeds); err != nil && ctx.Err() == nil {
		m.config.Log.Error("hurrying the feeds", "reason", err)
	}
	var loops sync.WaitGroup
	loops.Go(func() { m.lookAlways(ctx) })
	m.readAlways(ctx)
	loops.Wait()
	return nil
}

// readAlways leases due feeds and has each read by a reader of its own.
func (m *Mirror) readAlways(ctx context.Context) {
	var readers sync.WaitGroup
	defer readers.Wait()
	for ctx.Err() == nil {
		feeds, err := m.lease(ctx)
		if err != nil && ctx.Err() == nil {
			m.config.Log.Error("leasing feeds", "reason", err)
		}
		if len(feeds) == 0 {
			idle(ctx, m.wake)
			continue
		}
		for _, feed := range feeds {
			readers.Go(func() {
				m.read(ctx, feed)
				m.readers.Leave(feed.Tenant, feed.Mailbox.ID)
				m.Wake() // there is a place, and the feed may be due again
			})
		}
	}
}

// idle waits for something to do, or until ctx ends.
func idle(ctx context.Context, wake <-chan struct{}) {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// lease gives the due feeds for which there are places, in one commit, and takes
// the places.
func (m *Mirror) lease(ctx context.Context) (feeds []graphwarden.Feed, err error) {
	if _, free := m.readers.Busy(); !free {
		return nil, nil
	}
	err = m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for {
			busy, free := m.readers.Busy()
			if !free {
				return nil
			}
			feed, found, err := m.config.Rounds.LeaseDueFeed(ctx, tx, m.config.Holder, leaseSpan, busy)
			if err != nil || !found {
				return err
			}
			m.readers.Take(feed.Tenant, feed.Mailbox.ID)
			feed.Doubted = true // calendarView tells of deletions that did not happen
			feeds = append(feeds, feed)
		}
	})
	if err != nil {
		for _, feed := range feeds {
			m.readers.Leave(feed.Tenant, feed.Mailbox.ID)
		}
		return nil, err
	}
	return feeds, nil
}
