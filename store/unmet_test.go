package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// makes keeps that an app has made an item.
func (h house) makes(t *testing.T, item string) {
	t.Helper()
	in := write(h, "make-"+item)
	in.Kind, in.Item = graphwarden.CreateEvent, ""
	kept, _ := h.put(t, in)
	kept.Item, kept.Outcome = item, graphwarden.Outcome{State: graphwarden.IntentDone}
	h.endIntent(t, kept, nil)
}

// round reads the feed once more, with what the page brings.
func (h house) round(t *testing.T, feed *graphwarden.Feed, next graphwarden.Cursor, items ...graphwarden.Item) (got []string) {
	t.Helper()
	h.clock.Advance(time.Minute)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.HurryFeeds(ctx, tx) })
	*feed = h.lease(t, "w")
	got = told(h.apply(t, feed, next, items...))
	return append(got, told(h.finish(t, *feed, nil))...)
}

// TestWhatNoFeedHasShownIsLookedFor: what an app made and a round does not show that
// began afterwards, once, and unless a feed shows it meanwhile.
func TestWhatNoFeedHasShownIsLookedFor(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	h.makes(t, "a") // while a round is under way, which need not show it
	h.apply(t, &feed, "d1")
	h.finish(t, feed, nil)
	if list := h.held(t); len(list) != 0 {
		t.Fatalf("a round that began before holds %+v", list)
	}
	h.round(t, &feed, "d2")
	list := h.held(t)
	if len(list) != 1 || list[0].Item != "a" || list[0].Body != nil || list[0].Feed.ID != feed.ID {
		t.Fatalf("a round that does not show it holds %+v", list)
	}
	if got := told(h.settle(t, list[0], graphwarden.Gone, "")); !slices.Equal(got, []string{"1 deleted a"}) {
		t.Errorf("that it is gone is told as %v", got)
	}
	h.round(t, &feed, "d3")
	if list := h.held(t); len(list) != 0 {
		t.Errorf("it is looked for again: %+v", list)
	}
	h.makes(t, "b")
	if got := h.round(t, &feed, "d4", event("b", "shown")); !slices.Equal(got, []string{"2 created b"}) {
		t.Errorf("what is shown is told as %v", got)
	}
	h.makes(t, "c")
	h.round(t, &feed, "d5")
	h.round(t, &feed, "d6", event("c", "shown late"))
	if list := h.held(t); len(list) != 0 {
		t.Errorf("what was shown is looked for: %+v", list)
	}
}

// TestWhatIsShownElsewhereIsNotLookedFor: by the feed of another calendar of its mailbox,
// before or after it was missed.
func TestWhatIsShownElsewhereIsNotLookedFor(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	first := h.lease(t, "w")
	h.finish(t, first, nil)
	h.makes(t, "a")
	h.round(t, &first, "d1")
	list := h.held(t)
	if len(list) != 1 {
		t.Fatalf("held are %+v", list)
	}
	h.ensure(t, calendar("c2"))
	second := h.lease(t, "w")
	h.apply(t, &second, "e1", event("a", "in the second"))
	h.finish(t, second, nil)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.DeferRemoval(ctx, tx, list[0], h.clock.Now())
	})
	h.clock.Advance(time.Hour)
	if list := h.held(t); len(list) != 0 {
		t.Errorf("what another calendar shows is looked for: %+v", list)
	}
}

// TestTheEndOfAnItemIsToldOnce: when the feed told it before the write had an outcome.
func TestTheEndOfAnItemIsToldOnce(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	h.apply(t, &feed, "d1", event("a", "made"))
	h.apply(t, &feed, "d2", removed("a"))
	h.finish(t, feed, nil)
	h.makes(t, "a")
	h.round(t, &feed, "d3")
	list := h.held(t)
	if len(list) != 1 {
		t.Fatalf("held are %+v", list)
	}
	if got := told(h.settle(t, list[0], graphwarden.Gone, "")); len(got) != 0 {
		t.Errorf("told once more: %v", got)
	}
}
