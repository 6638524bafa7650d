package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestOnlyWhatNobodyNeedsIsPruned: an item's body stays however old it is.
func TestOnlyWhatNobodyNeedsIsPruned(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	h.apply(t, &feed, "d1", event("a", "one"), event("b", "two"))
	h.apply(t, &feed, "d2", event("a", "uno"), removed("b"))
	prune := func(before time.Time) (total int) {
		for after := int64(0); ; {
			var upTo int64
			h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
				var n int
				upTo, n, err = h.Prune(ctx, tx, after, before, 1)
				total += n
				return err
			})
			if upTo == after {
				return total
			}
			after = upTo
		}
	}
	left := func() []string {
		list, err := h.ChangesAfter(t.Context(), feed.Flow, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return told(list)
	}
	later := h.clock.now.Add(time.Hour)
	if n := prune(later); n != 0 {
		t.Errorf("%d changes were pruned before any sink had them", n)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.EnsureSink(ctx, tx, graphwarden.Sink{Name: "s", App: "a", Flow: feed.Flow, URL: "http://x"})
	})
	if n := prune(later); n != 0 {
		t.Errorf("%d changes were pruned that the sink has not acknowledged", n)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.AdvanceSink(ctx, tx, "s", 4, nil) })
	if n := prune(h.clock.now); n != 0 {
		t.Errorf("%d changes were pruned before their time", n)
	}
	if n := prune(later); n != 3 || !slices.Equal(left(), []string{"3 updated a"}) {
		t.Errorf("%d were pruned, and left is %v", n, left())
	}
	if last, pruned, err := h.Head(t.Context()); last != 4 || pruned != 4 || err != nil {
		t.Errorf("the head is %d, pruned is %d: %v", last, pruned, err)
	}
	h.apply(t, &feed, "d3", event("a", "uno"))
	if got := left(); len(got) != 1 {
		t.Errorf("after pruning, an item that is as it was gave %v", got)
	}
}

// TestNothingIsKeptOfAFlowThatWasRemoved: its sinks have been put away, and its
// feeds have ended.
func TestNothingIsKeptOfAFlowThatWasRemoved(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	h.apply(t, &feed, "d1", event("a", "one"))
	var left int
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := h.EnsureSink(ctx, tx, graphwarden.Sink{Name: "s", App: "a", Flow: feed.Flow, URL: "http://x"}); err != nil {
			return err
		}
		return h.RetireSinks(ctx, tx, nil)
	})
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.LeaveFeed(ctx, tx, feed.ID)
		return err
	})
	for _, since := range []time.Duration{0, time.Hour} {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			_, _, err := h.Prune(ctx, tx, 0, h.clock.now.Add(since), 10)
			return err
		})
		list, err := h.ChangesAfter(t.Context(), feed.Flow, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if left = len(list); since == 0 && left != 2 {
			t.Errorf("%d changes are left before their time", left)
		}
	}
	if left != 0 {
		t.Errorf("%d changes are kept for nobody", left)
	}
}
