package mirror

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
)

const (
	// leaseSpan is how long a feed stays with a reader that gives no sign of life:
	// so long it waits when its reader was killed. A reader that is only slow may
	// lose it; then the page is read twice and stored once.
	leaseSpan = 30 * time.Second
	// poll is how often due feeds are looked for when nothing wakes the mirror.
	poll = 2 * time.Second
)

// Config is what a mirror is made of.
type Config struct {
	Roster  Roster
	Source  Source
	Wakers  Wakers
	Store   Store
	Feeds   Feeds
	Rounds  Rounds
	Log     *slog.Logger
	Now     func() time.Time
	Random  *rand.Rand // spreads sweeps and waits; used by the mirror alone
	Holder  string     // the name of this process in leases
	Readers int        // how many feeds are read at once
	// Swept and Woken are how long a feed goes unread at most, without and with a
	// subscription that wakes it.
	Swept, Woken time.Duration
	// Changed is called when changes have been stored; it does not block.
	Changed func()
}

// Mirror reads the feeds.
type Mirror struct {
	config   Config
	wake     chan struct{} // something is due
	discover chan struct{} // the mailboxes have changed
	spread   spread
	setbacks setbacks
}

// New makes a mirror; Run sets it going.
func New(c Config) *Mirror {
	return &Mirror{
		config: c, wake: make(chan struct{}, 1), discover: make(chan struct{}, 1),
		spread: spread{random: c.Random}, setbacks: setbacks{failed: map[string]int{}},
	}
}

// Wake has the mirror look for due feeds at once. It does not block.
func (m *Mirror) Wake() { signal(m.wake) }

// Discover has the mirror look for calendars at once. It does not block.
func (m *Mirror) Discover() { signal(m.discover) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // a signal is waiting already and says the same
	}
}

// Run finds calendars and reads feeds until ctx ends, beginning with every feed
// there is: a notification may have been lost while nothing ran. It returns when
// every reader has put its feed down.
func (m *Mirror) Run(ctx context.Context) error {
	if err := m.config.Store.Update(ctx, m.config.Feeds.HurryFeeds); err != nil && ctx.Err() == nil {
		m.config.Log.Error("hurrying the feeds", "reason", err)
	}
	var loops sync.WaitGroup
	loops.Go(func() { m.discoverAlways(ctx) })
	m.readAlways(ctx)
	loops.Wait()
	return nil
}

// readAlways leases due feeds and has each read by a reader of its own.
func (m *Mirror) readAlways(ctx context.Context) {
	places := make(chan struct{}, m.config.Readers)
	var readers sync.WaitGroup
	defer readers.Wait()
	for {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		feed, found, err := m.lease(ctx)
		if err != nil && ctx.Err() == nil {
			m.config.Log.Error("leasing a feed", "reason", err)
		}
		if !found {
			<-places
			if !m.idle(ctx) {
				return
			}
			continue
		}
		readers.Go(func() {
			m.read(ctx, feed)
			<-places
			m.Wake() // the feed may have become due again while it was read
		})
	}
}

// idle waits for something to do; false means that ctx has ended.
func (m *Mirror) idle(ctx context.Context) bool {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-m.wake:
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	return true
}

func (m *Mirror) lease(ctx context.Context) (feed graphwarden.Feed, found bool, err error) {
	err = m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		feed, found, err = m.config.Rounds.LeaseDueFeed(ctx, tx, m.config.Holder, leaseSpan)
		return err
	})
	return feed, found && err == nil, err
}
