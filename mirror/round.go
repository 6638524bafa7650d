package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// lag is when a feed is read again that was said to have news and showed none:
// Microsoft may notify before the delta shows the change (graph-facts §3.1).
const lag = 20 * time.Second

// unwanted is how long a feed rests whose mailbox has left its flow or is not
// pinned yet.
const unwanted = time.Minute

// together is how many items of a full read are stored at once, and gathering how long
// they are waited for: far less than the lease lasts. So many feeds are read that way
// at a time, for a thousand items take a few megabytes.
const (
	together  = 1000
	gathering = 2 * time.Second
	gatherers = 2
)

// putDown bounds how long a reader takes to put its feed down when it is told to
// stop.
const putDown = 10 * time.Second

// read reads a leased feed and puts it down, whatever happens.
func (m *Mirror) read(ctx context.Context, feed graphwarden.Feed) {
	what := feedCalled(feed)
	f, known := m.config.Roster.Flow(feed.Flow)
	if !known || !f.Mailboxes.Holds(feed.Mailbox.ID) {
		m.deferFeed(ctx, feed, unwanted)
		return
	}
	err := m.CatchUp(ctx, f, &feed)
	var refusal *graphwarden.Refusal
	switch {
	case err == nil:
		m.setbacks.over(what)
	case ctx.Err() != nil:
		m.deferFeed(ctx, feed, 0)
	case errors.As(err, &refusal) && refusal.Kind == graphwarden.Conflict:
		// Another reader has the feed, or its window moved: it is not ours to put down.
	default:
		wait := m.spread.around(m.setbacks.next(what, m.config.Now()))
		if later := new(graphwarden.Later); errors.As(err, &later) {
			wait = max(wait, later.After)
		}
		m.config.Log.Warn("reading a feed", "flow", feed.Flow, "mailbox", feed.Mailbox.UPN, "feed", feed.Title, "again_in", wait, "reason", err)
		m.trouble(ctx, feed, err)
		m.deferFeed(ctx, feed, wait)
	}
}

// trouble remembers why a feed could not be read, for people to see.
func (m *Mirror) trouble(ctx context.Context, feed graphwarden.Feed, why error) {
	code, say := graphwarden.Explain(why)
	err := m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return m.config.Rounds.TroubleFeed(ctx, tx, feed.ID, code, say)
	})
	if err != nil && ctx.Err() == nil {
		m.config.Log.Info("noting a feed's trouble", "feed", feed.ID, "reason", err)
	}
}

// CatchUp reads a feed from its cursor to the end of the round, and moves the
// cursor of feed along. Each page is stored with the cursor that follows it in
// one transaction, those of a full read mostly several at a time; if we crash before, they
// are read again, and if after, the next one is. A cursor that Microsoft has forgotten
// leads to one full read. The end of a round that brought nothing is on disk soon after.
func (m *Mirror) CatchUp(ctx context.Context, f flow.Flow, feed *graphwarden.Feed) error {
	found, reset := 0, false
	whole, many := feed.Cursor == "" || feed.ReadAt.IsZero(), false
	if whole {
		select {
		case m.gatherers <- struct{}{}:
			many = true
			defer func() { <-m.gatherers }()
		default: // page by page, as memory has no room for more
		}
	}
	for begun := false; ; begun = true {
		page, err := m.gather(ctx, f, *feed, many)
		if err == nil && page.Last && len(page.Items) == 0 && !begun && !whole {
			m.nothing(ctx, *feed, page.Next)
			return nil
		}
		if page.Next != "" { // also what came before an error
			n, err := m.store(ctx, *feed, page, found, whole)
			if err != nil {
				return fmt.Errorf("storing %d items of the calendar %q of %s: %w", len(page.Items), feed.Title, feed.Mailbox.UPN, err)
			}
			found += n
			feed.Cursor = page.Next
		}
		switch {
		case errors.Is(err, graphwarden.ErrResync) && !reset:
			m.config.Log.Info("reading a feed anew", "flow", feed.Flow, "mailbox", feed.Mailbox.UPN, "feed", feed.Title, "reason", err)
			reset, whole = true, true
			if err := m.reset(ctx, feed); err != nil {
				return err
			}
		case err != nil:
			return err
		case page.Last:
			return nil
		}
	}
}

// gather reads the next page of a feed, or many that follow each other, up to about a
// thousand items: what shares a transaction writes each page of the database once. An
// error comes with what was read before it, if anything was.
func (m *Mirror) gather(ctx context.Context, f flow.Flow, feed graphwarden.Feed, many bool) (all graphwarden.Page, err error) {
	until := m.config.Now().Add(gathering)
	for {
		page, err := m.config.Source.Page(ctx, f, feed)
		if err != nil {
			return all, err
		}
		all = graphwarden.Page{Items: append(all.Items, page.Items...), Next: page.Next, Last: page.Last}
		if !many || all.Last || len(all.Items)+len(page.Items) > together || m.config.Now().After(until) {
			return all, nil
		}
		feed.Cursor = page.Next
	}
}

// nothing ends a round that brought nothing. That need not be on disk before
// anything else happens: if we crash before, the feed is read once more when the
// lease has run out. So thousands of feeds that are swept in vain share commits.
func (m *Mirror) nothing(ctx context.Context, feed graphwarden.Feed, next graphwarden.Cursor) {
	recovered := m.recovered(feed)
	m.config.Store.UpdateLater(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		tx.AfterCommit(m.Wake) // it may have become due again
		tx.AfterCommit(recovered)
		return m.config.Rounds.EmptyRound(ctx, tx, feed, next, tx.Now().Add(m.sweep(feed, 0)))
	}, func(err error) {
		if err != nil {
			m.config.Log.Info("ending a round that brought nothing", "flow", feed.Flow, "mailbox", feed.Mailbox.UPN, "feed", feed.Title, "reason", err)
		}
	})
}

// store puts a page on disk, with the end of the round when it is the last one.
// A full read lets interactive work go first.
func (m *Mirror) store(ctx context.Context, feed graphwarden.Feed, page graphwarden.Page, found int, whole bool) (n int, err error) {
	update := m.config.Store.Update
	if whole {
		update = m.config.Store.UpdateBulk
	}
	err = update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		changes, err := m.config.Rounds.ApplyPage(ctx, tx, feed, page)
		if err != nil {
			return err
		}
		n = len(changes)
		if page.Last {
			after := feed
			after.Cursor = page.Next
			gone, err := m.config.Rounds.FinishRound(ctx, tx, after, tx.Now().Add(m.sweep(feed, found+n)), outside(feed.Window))
			if err != nil {
				return err
			}
			n += len(gone)
			tx.AfterCommit(m.recovered(feed))
		}
		if n > 0 {
			tx.AfterCommit(m.config.Changed)
		}
		if page.Last && whole || slices.ContainsFunc(page.Items, func(i graphwarden.Item) bool { return i.Removed }) {
			tx.AfterCommit(func() { signal(m.doubt) })
		}
		return nil
	})
	return n, err
}

// recovered is what to call once it is on disk that a feed was read to its end.
func (m *Mirror) recovered(feed graphwarden.Feed) func() {
	if m.setbacks.has(feedCalled(feed)) {
		return m.config.Recovered
	}
	return func() {}
}

// feedCalled is what the setbacks of a feed are kept under.
func feedCalled(feed graphwarden.Feed) string { return fmt.Sprintf("feed %d", feed.ID) }

// sweep says when a feed is read again if nothing wakes it.
func (m *Mirror) sweep(feed graphwarden.Feed, found int) time.Duration {
	often := m.config.Swept
	if m.config.Wakers.Awake(feed.Flow, feed.Mailbox.ID) {
		often = m.config.Woken
	}
	rest := m.spread.around(often)
	if feed.Dirty && found == 0 {
		return min(lag, rest)
	}
	return rest
}

func (m *Mirror) reset(ctx context.Context, feed *graphwarden.Feed) error {
	err := m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return m.config.Rounds.ResetFeed(ctx, tx, *feed)
	})
	if err != nil {
		return fmt.Errorf("resetting the calendar %q of %s: %w", feed.Title, feed.Mailbox.UPN, err)
	}
	feed.Cursor = ""
	return nil
}

// deferFeed puts a feed down until the wait is over, also when ctx has ended. A
// feed that cannot be put down is free again when its lease ends.
func (m *Mirror) deferFeed(ctx context.Context, feed graphwarden.Feed, wait time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), putDown)
	defer cancel()
	err := m.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return m.config.Rounds.DeferFeed(ctx, tx, feed, tx.Now().Add(wait))
	})
	if err != nil {
		m.config.Log.Info("putting a feed down", "flow", feed.Flow, "mailbox", feed.Mailbox.UPN, "reason", err)
	}
}
