package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/store"
)

// emptyRound ends a round that brought nothing.
func (h house) emptyRound(feed graphwarden.Feed, next graphwarden.Cursor) error {
	return h.Update(context.Background(), func(ctx context.Context, tx graphwarden.Tx) error {
		return h.EmptyRound(ctx, tx, feed, next, tx.Now().Add(15*time.Minute))
	})
}

// begun is a feed that has been read once.
func begun(t *testing.T, change ...func(*store.Options)) house {
	t.Helper()
	h := open(t, change...)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "one")
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: []graphwarden.Item{event("a", "one")}, Next: "d1", Last: true})
		return err
	})
	feed.Cursor = "d1"
	h.finish(t, feed, nil)
	return h
}

func TestACursorIsStoredAnewOnlyWhenItIsOld(t *testing.T) {
	h := begun(t)
	for round, want := range []graphwarden.Cursor{"d1", "d1", "d1", "d5", "d5", "d5"} {
		h.clock.Advance(16 * time.Minute)
		feed := h.lease(t, "one")
		if feed.ID == 0 {
			t.Fatalf("round %d is not due", round+2)
		}
		if err := h.emptyRound(feed, graphwarden.Cursor("d"+string(rune('2'+round)))); err != nil {
			t.Fatal(err)
		}
		after := h.ensure(t, calendar("c1"))
		if after.Cursor != want || !after.ReadAt.Equal(h.clock.now) || !after.SweepAt.Equal(h.clock.now.Add(15*time.Minute)) {
			t.Errorf("after round %d: %+v, want the cursor %s", round+2, after, want)
		}
	}
}

// TestACursorInTheMiddleOfARoundIsReplaced: it is no place to begin a round from.
func TestACursorInTheMiddleOfARoundIsReplaced(t *testing.T) {
	h := begun(t)
	h.clock.Advance(16 * time.Minute)
	feed := h.lease(t, "dies")
	h.apply(t, &feed, "skip", event("b", "two"))
	h.clock.Advance(2 * time.Minute)
	feed = h.lease(t, "one")
	if err := h.emptyRound(feed, "d2"); err != nil {
		t.Fatal(err)
	}
	if after := h.ensure(t, calendar("c1")); after.Cursor != "d2" {
		t.Errorf("the next round begins at %q", after.Cursor)
	}
}

func TestARoundFromTheStartDoesNotEndAsAnEmptyOne(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	if err := h.emptyRound(h.lease(t, "one"), "d1"); err == nil {
		t.Error("what it should have brought counts as there")
	}
}

// TestALostLeaseEndsNoRound has a second reader come while the first still reads:
// the cursor has not moved, yet the first must not say what the second has read.
func TestALostLeaseEndsNoRound(t *testing.T) {
	h := begun(t)
	mark := func() {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := h.MarkDirty(ctx, tx, "office-calendars", "id-ada")
			return err
		})
	}
	mark()
	slow := h.lease(t, "slow")
	h.clock.Advance(2 * time.Minute)
	mark()
	quick := h.lease(t, "quick")
	refusal(t, h.emptyRound(slow, "d2"), graphwarden.Conflict)
	if after := h.ensure(t, calendar("c1")); !after.Dirty {
		t.Error("the second mark is forgotten")
	}
	if err := h.emptyRound(quick, "d2"); err != nil {
		t.Fatal(err)
	}
	refusal(t, h.emptyRound(quick, "d2"), graphwarden.Conflict)
	if after := h.ensure(t, calendar("c1")); after.Dirty {
		t.Error("what was read is still to be read")
	}
}

// TestNewsDuringAnEmptyRoundAreReadAtOnce marks the feed while it is read, before
// and after a cut around the commit that ends the round.
func TestNewsDuringAnEmptyRoundAreReadAtOnce(t *testing.T) {
	for _, cut := range []faulty.Moment{"", faulty.Before, faulty.After} {
		t.Run("cut "+string(cut), func(t *testing.T) {
			fall := faulty.Moment("")
			h := begun(t, func(o *store.Options) {
				o.Step = func(_ string, act func() error) error {
					at := fall
					if fall = ""; at == faulty.Before {
						return faulty.ErrCut
					}
					if err := act(); err != nil || at == "" {
						return err
					}
					return faulty.ErrCut
				}
			})
			h.clock.Advance(16 * time.Minute)
			feed := h.lease(t, "one")
			h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
				_, err := h.MarkDirty(ctx, tx, "office-calendars", "id-ada")
				return err
			})
			if fall = cut; (h.emptyRound(feed, "d2") != nil) != (cut != "") {
				t.Fatal("the cut did not fall")
			}
			if cut == faulty.Before {
				if got := h.lease(t, "two"); got.ID != 0 {
					t.Error("it is read twice at once")
				}
				h.clock.Advance(2 * time.Minute) // the lease of the dead
			}
			if got := h.lease(t, "two"); got.ID != feed.ID || !got.Dirty {
				t.Errorf("after the round: %+v, want news", got)
			}
		})
	}
}
