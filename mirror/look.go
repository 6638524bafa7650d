package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

const (
	// lookSpan is how long held items stay with one who looks and gives no sign of
	// life.
	lookSpan = time.Minute
	// lookAtOnce is how many items of a feed one looks for in a turn.
	lookAtOnce = 48
	// lookTogether is how many calls for them are under way at once.
	lookTogether = 3
	// patience is how often an item is looked for that lies in a calendar which no
	// feed reads; then it has left the flow's sight, and is gone.
	patience = 12
	// rereadAfter is how many looks later the calendar that an item moved to is read
	// from the start, when its feed has not shown the item.
	rereadAfter = 3
)

// lookAlways looks for the items that feeds say are gone. calendarView's delta
// tells of deletions that did not happen (an event that moved to another calendar
// or out of the window among them), so each is asked for by its immutable id.
func (m *Mirror) lookAlways(ctx context.Context) {
	var lookers sync.WaitGroup
	defer lookers.Wait()
	for ctx.Err() == nil {
		held, err := m.leaseHeld(ctx)
		if err != nil && ctx.Err() == nil {
			m.config.Log.Error("looking for removed items", "reason", err)
		}
		if len(held) == 0 {
			idle(ctx, m.doubt)
			continue
		}
		lookers.Go(func() {
			m.lookForAll(ctx, held)
			m.lookers.Leave(held[0].Feed.Tenant, held[0].Feed.Mailbox.ID)
			signal(m.doubt)
		})
	}
}

// leaseHeld gives held items of one feed for which there is a place, and takes
// the place.
func (m *Mirror) leaseHeld(ctx context.Context) (held []graphwarden.Removal, err error) {
	busy, free := m.lookers.Busy()
	if !free {
		return nil, nil
	}
	err = m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		held, err = m.config.Removals.LeaseRemovals(ctx, tx, m.config.Holder, busy, lookSpan, lookAtOnce)
		return err
	})
	if err != nil || len(held) == 0 {
		return nil, err
	}
	m.lookers.Take(held[0].Feed.Tenant, held[0].Feed.Mailbox.ID)
	return held, nil
}

// lookForAll looks for held items of one feed, a few at once: Microsoft lets a
// mailbox have four calls under way, and the feed's own reading needs one. What
// stops one stops the others.
func (m *Mirror) lookForAll(ctx context.Context, held []graphwarden.Removal) {
	feed := held[0].Feed
	f, known := m.config.Roster.Flow(feed.Flow)
	if !known || !f.Mailboxes.Holds(feed.Mailbox.ID) {
		m.deferHeld(ctx, held, &graphwarden.Later{After: unwanted, Cause: errLeft})
		return
	}
	var mu sync.Mutex // guards what follows
	var stopped error
	var left []graphwarden.Removal
	places := make(chan struct{}, lookTogether)
	var all sync.WaitGroup
	for _, r := range held {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			mu.Lock()
			err := stopped
			mu.Unlock()
			if err == nil {
				err = m.lookFor(ctx, f, r)
			}
			if err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if stopped == nil {
				stopped = err
			}
			left = append(left, r)
		})
	}
	all.Wait()
	if stopped == nil {
		return
	}
	if ctx.Err() == nil {
		m.config.Log.Warn("looking for a removed item", "flow", feed.Flow, "mailbox", feed.Mailbox.UPN, "feed", feed.Title, "reason", stopped)
	}
	m.deferHeld(ctx, left, stopped)
}

var (
	errLeft      = errors.New("its mailbox is not in the flow")
	errElsewhere = errors.New("it is in a calendar that has not been read yet")
	errUnshown   = errors.New("no feed has shown it yet")
)

// lookFor asks for one item and settles what became of it. If we crash between
// the answer and the settlement, it is asked for again.
func (m *Mirror) lookFor(ctx context.Context, f flow.Flow, r graphwarden.Removal) error {
	seen, err := m.config.Source.Event(ctx, f, r.Feed.Mailbox, r.Item)
	if err != nil {
		return err
	}
	verdict, told, err := judge(r, seen)
	if errors.Is(err, errUnshown) {
		m.deferHeld(ctx, []graphwarden.Removal{r}, err)
		return nil
	}
	if errors.Is(err, errElsewhere) && f.DefaultOnly {
		verdict, err = graphwarden.Gone, nil // in a calendar that the flow does not read
	}
	if errors.Is(err, errElsewhere) {
		if err := m.readElsewhere(ctx, r, seen.Calendar); err != nil {
			return err
		}
		m.deferHeld(ctx, []graphwarden.Removal{r}, err)
		return nil
	}
	return m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		changes, err := m.config.Removals.SettleRemoval(ctx, tx, r, verdict, told)
		if len(changes) > 0 {
			tx.AfterCommit(m.config.Changed)
		}
		if verdict == graphwarden.Reread {
			tx.AfterCommit(m.Wake)
		}
		return err
	})
}

// readElsewhere sees to it that the calendar is read that an item has moved to. It
// may be a new one; or its feed has shown the item before this feed did, and will
// not show it again unless it is read from the start.
func (m *Mirror) readElsewhere(ctx context.Context, r graphwarden.Removal, calendar string) error {
	m.Discover()
	if r.Tries != rereadAfter {
		return nil
	}
	return m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		tx.AfterCommit(m.Wake)
		return m.config.Removals.RereadCalendar(ctx, tx, r.Feed, calendar)
	})
}

// judge says what became of an item that its feed says is gone.
func judge(r graphwarden.Removal, seen graph.Sight) (graphwarden.Verdict, []byte, error) {
	left := outside(r.Feed.Window)
	switch {
	case !seen.There:
		return graphwarden.Gone, nil, nil
	case r.Body == nil && (left(seen.Body) || r.Tries >= patience):
		return graphwarden.Stays, nil, nil // made where no feed of the flow looks
	case r.Body == nil:
		return "", nil, errUnshown // until a feed shows it, it may still be deleted unseen
	case left(seen.Body) && left(r.Body):
		return graphwarden.Left, nil, nil
	case left(seen.Body):
		return graphwarden.Left, seen.Body, nil
	case seen.Calendar != "" && seen.Calendar != r.Feed.Resource && r.Tries < patience:
		return "", nil, errElsewhere // the other calendar's feed takes it over
	case seen.Calendar != "" && seen.Calendar != r.Feed.Resource:
		return graphwarden.Gone, nil, nil
	case isSeries(seen.Body):
		// A view shows a series by its dates: one whose dates in the window have all
		// been taken out is there and not seen, however often the feed is read.
		return graphwarden.Stays, nil, nil
	case !sameItem(r.Body, seen.Body):
		return graphwarden.Reread, nil, nil
	}
	return graphwarden.Stays, nil, nil
}

func isSeries(body json.RawMessage) bool {
	var event struct {
		Type string `json:"type"`
	}
	return json.Unmarshal(body, &event) == nil && event.Type == "seriesMaster"
}

// sameItem says whether two pictures of an event are of one state of it. An
// occurrence's picture in a delta has no change key; then its times decide.
func sameItem(a, b json.RawMessage) bool {
	type state struct {
		Key   string `json:"changeKey"`
		Start moment `json:"start"`
		End   moment `json:"end"`
	}
	var x, y state
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	if x.Key == "" || y.Key == "" {
		x.Key, y.Key = "", ""
	}
	return x.Key == y.Key && x.Start.time().Equal(y.Start.time()) && x.End.time().Equal(y.End.time())
}

// restOf is how long a held item rests before it is looked for again, and counts the
// look if it was answered. Where Microsoft did not answer, that is an eighth of the time
// for which the item is held: the app hears of it soon after Microsoft is back, however
// long that took.
func (m *Mirror) restOf(r *graphwarden.Removal, why error) time.Duration {
	if !errors.Is(why, errElsewhere) && !errors.Is(why, errUnshown) {
		return eighth(m.config.Now().Sub(r.HeldAt))
	}
	r.Tries++
	return min(shortestWait<<min(r.Tries-1, 20), longestWait)
}

// deferHeld puts held items off, also when ctx has ended.
func (m *Mirror) deferHeld(ctx context.Context, held []graphwarden.Removal, why error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), putDown)
	defer cancel()
	err := m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, r := range held {
			wait := m.spread.around(m.restOf(&r, why))
			if later := new(graphwarden.Later); errors.As(why, &later) {
				wait = max(wait, later.After)
			}
			if errors.Is(why, context.Canceled) {
				wait = 0
			}
			if err := m.config.Removals.DeferRemoval(ctx, tx, r, tx.Now().Add(wait)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		m.config.Log.Info("putting removed items off", "flow", held[0].Feed.Flow, "reason", err)
	}
}
