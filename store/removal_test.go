package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// doubted gives a house with a doubted feed that holds the items a and b.
func doubted(t *testing.T) (house, graphwarden.Feed) {
	t.Helper()
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	feed.Doubted = true
	h.apply(t, &feed, "d1", event("a", "one"), event("b", "two"))
	return h, feed
}

func (h house) held(t *testing.T) (list []graphwarden.Removal) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		list, err = h.LeaseRemovals(ctx, tx, "one", graphwarden.Busy{}, time.Minute, 10)
		return err
	})
	return list
}

func (h house) settle(t *testing.T, r graphwarden.Removal, v graphwarden.Verdict, told string) (changes []graphwarden.Change) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		changes, err = h.SettleRemoval(ctx, tx, r, v, []byte(told))
		return err
	})
	return changes
}

func TestARemovalIsHeldUntilSomebodyHasLooked(t *testing.T) {
	for _, s := range []struct {
		verdict graphwarden.Verdict
		told    string
		want    []string
		kept    bool
	}{
		{graphwarden.Gone, "", []string{"3 deleted a"}, false},
		{graphwarden.Left, `{"far":1}`, []string{"3 updated a"}, false},
		{graphwarden.Left, "", []string{}, false},
		{graphwarden.Stays, "", []string{}, true},
		{graphwarden.Reread, "", []string{}, true},
	} {
		t.Run(string(s.verdict)+s.told, func(t *testing.T) {
			h, feed := doubted(t)
			if got := told(h.apply(t, &feed, "d2", removed("a"), removed("z"))); len(got) != 0 {
				t.Fatalf("a removal was believed: %v", got)
			}
			list := h.held(t)
			if len(list) != 1 || list[0].Item != "a" || string(list[0].Body) != string(event("a", "one").Body) || list[0].Feed.ID != feed.ID {
				t.Fatalf("held are %+v", list)
			}
			if again := h.held(t); len(again) != 0 {
				t.Error("two look for one item")
			}
			if got := told(h.settle(t, list[0], s.verdict, s.told)); !slices.Equal(got, s.want) {
				t.Errorf("the verdict gave %v, want %v", got, s.want)
			}
			if got := told(h.settle(t, list[0], graphwarden.Gone, "")); len(got) != 0 {
				t.Errorf("settled twice, it gave %v", got)
			}
			if s.verdict == graphwarden.Reread {
				if feed = h.lease(t, "w"); feed.Cursor != "" {
					t.Error("the feed is not read from the start")
				}
			}
			if got := h.apply(t, &feed, "d3", event("a", "one")); (len(got) == 0) != s.kept {
				t.Errorf("seen again, the item gave %v", told(got))
			}
		})
	}
}

func TestAnItemThatIsSeenAgainIsNotLookedFor(t *testing.T) {
	h, feed := doubted(t)
	h.apply(t, &feed, "d2", removed("a"), removed("b"), event("b", "two"))
	h.apply(t, &feed, "d3", event("a", "one"))
	if list := h.held(t); len(list) != 0 {
		t.Errorf("held are %+v", list)
	}
}

func TestALookThatEndedInACrashIsRepeated(t *testing.T) {
	h, feed := doubted(t)
	h.apply(t, &feed, "d2", removed("a"))
	h.held(t)
	h.clock.Advance(time.Minute)
	list := h.held(t)
	if len(list) != 1 {
		t.Fatalf("held are %+v", list)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		list[0].Tries++
		return h.DeferRemoval(ctx, tx, list[0], h.clock.now.Add(time.Hour))
	})
	h.clock.Advance(59 * time.Minute)
	if list := h.held(t); len(list) != 0 {
		t.Error("looked for before its time")
	}
	h.clock.Advance(time.Minute)
	if list := h.held(t); len(list) != 1 || list[0].Tries != 1 {
		t.Errorf("held are %+v", list)
	}
}

// TestWhoeverHasTheFileLooksAtOnce ends a look with its process: the next has the
// file alone and waits for no lease.
func TestWhoeverHasTheFileLooksAtOnce(t *testing.T) {
	if onServer() {
		t.Skip("others may be looking")
	}
	h, feed := doubted(t)
	h.apply(t, &feed, "d2", removed("a"))
	h.held(t)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h.Store = reopen(t, h)
	if list := h.held(t); len(list) != 1 {
		t.Errorf("held are %+v", list)
	}
}

func TestAFullReadOfADoubtedFeedDeletesNothingByItself(t *testing.T) {
	h, feed := doubted(t)
	h.finish(t, feed, nil)
	h.clock.Advance(time.Hour)
	feed = h.lease(t, "w")
	feed.Doubted = true
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.ResetFeed(ctx, tx, feed) })
	feed.Cursor = ""
	h.apply(t, &feed, "e1", event("b", "two"))
	if got := told(h.finish(t, feed, nil)); len(got) != 0 {
		t.Errorf("the full read gave %v", got)
	}
	if list := h.held(t); len(list) != 1 || list[0].Item != "a" {
		t.Errorf("held are %+v", list)
	}
}

func TestAnEventThatMovesBetweenCalendarsIsUpdatedOnce(t *testing.T) {
	for _, order := range []string{"the old calendar is read first", "the new calendar is read first"} {
		t.Run(order, func(t *testing.T) {
			h, old := doubted(t)
			h.ensure(t, calendar("c2"))
			next := h.lease(t, "w")
			next.Doubted = true
			if order == "the old calendar is read first" {
				h.apply(t, &old, "d2", removed("a"))
			}
			if got := told(h.apply(t, &next, "n1", event("a", "one"))); !slices.Equal(got, []string{"3 updated a"}) {
				t.Errorf("the new calendar gave %v", got)
			}
			if got := told(h.apply(t, &old, "d3", removed("a"))); len(got) != 0 {
				t.Errorf("the old calendar gave %v", got)
			}
			if list := h.held(t); len(list) != 0 {
				t.Errorf("held are %+v", list)
			}
			if got := told(h.apply(t, &next, "n2", event("a", "one"))); len(got) != 0 {
				t.Errorf("its replay gave %v", got)
			}
			h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
				changes, err := h.DropFeed(ctx, tx, old.ID)
				if got := told(changes); !slices.Equal(got, []string{"4 deleted b"}) {
					t.Errorf("dropping the old calendar gave %v", got)
				}
				return err
			})
		})
	}
}

func TestFeedsOfBusyTenantsAndMailboxesWait(t *testing.T) {
	h := open(t)
	feed := h.ensure(t, calendar("c1"))
	for _, busy := range []graphwarden.Busy{{Tenants: []string{"x", feed.Tenant}}, {Mailboxes: []string{feed.Mailbox.ID}}, {}} {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			_, ok, err := h.LeaseDueFeed(ctx, tx, "w", time.Minute, busy)
			if ok != (busy.Tenants == nil && busy.Mailboxes == nil) {
				t.Errorf("with %+v: leased %v", busy, ok)
			}
			return err
		})
	}
}
