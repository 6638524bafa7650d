package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/store"
	"pgregory.net/rapid"
)

// model is what a feed should hold: the body of each item that is there.
type model map[string]string

// take makes of an item what Microsoft then has.
func (m model) take(item graphwarden.Item) {
	if item.Removed {
		delete(m, item.ID)
	} else {
		m[item.ID] = string(item.Body)
	}
}

// play plays changes, as an app that receives them does.
func (m model) play(r *rapid.T, changes []graphwarden.Change) {
	for _, c := range changes {
		body, there := m[c.Item]
		if there == (c.Kind == graphwarden.Created) {
			r.Errorf("%s %s, but there before: %v", c.Kind, c.Item, there)
		}
		if c.Kind == graphwarden.Updated && body == string(c.Body) {
			r.Errorf("%s was reported updated and is as it was", c.Item)
		}
		m.take(graphwarden.Item{ID: c.Item, Removed: c.Kind == graphwarden.Deleted, Body: c.Body})
	}
}

// TestAnAppThatFollowsTheChangesHasWhatMicrosoftHas drives a feed with a program
// of pages, ends of rounds and resets, each of which may be cut at its commit and
// is then looked for, and plays the stored changes to an app.
func TestAnAppThatFollowsTheChangesHasWhatMicrosoftHas(t *testing.T) {
	t.Parallel()
	cut, flows := false, 0
	h := open(t, func(o *store.Options) {
		o.Step = func(_ string, act func() error) error {
			if !cut {
				return act()
			}
			cut = false
			return errors.Join(act(), faulty.ErrCut) // it is on disk, and nobody knows
		}
	})
	rapid.Check(t, func(r *rapid.T) {
		flows++
		want := calendar("c1")
		want.Flow = fmt.Sprint("flow", flows)
		h.ensure(t, want)
		feed := h.lease(t, "w")
		truth, seen, whole := model{}, model{}, true // Microsoft's, this full read's
		for i := range rapid.IntRange(1, 40).Draw(r, "steps") {
			cut = rapid.IntRange(0, 6).Draw(r, "cut") == 0
			next := graphwarden.Cursor(fmt.Sprint("c", i))
			switch rapid.SampledFrom([]string{"page", "page", "page", "page", "end", "reset"}).Draw(r, "step") {
			case "page":
				items := rapid.SliceOfN(rapid.Custom(drawItem), 0, 5).Draw(r, "items")
				for _, item := range items {
					truth.take(item)
					seen.take(item)
				}
				h.retry(t, &feed, next, func(ctx context.Context, tx graphwarden.Tx) error {
					_, err := h.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: items, Next: next})
					return err
				})
			case "end":
				if whole {
					truth = maps.Clone(seen)
				}
				whole = false
				h.retry(t, &feed, feed.Cursor, func(ctx context.Context, tx graphwarden.Tx) error {
					_, err := h.FinishRound(ctx, tx, feed, tx.Now(), nil)
					return err
				})
				h.clock.Advance(time.Hour)
				feed = h.lease(t, "w")
			case "reset":
				whole, seen = true, model{}
				h.retry(t, &feed, "", func(ctx context.Context, tx graphwarden.Tx) error { return h.ResetFeed(ctx, tx, feed) })
			}
		}
		cut = false
		app := model{}
		changes, err := h.ChangesAfter(t.Context(), want.Flow, 0, 10_000)
		if err != nil {
			r.Fatal(err)
		}
		app.play(r, changes)
		if !maps.Equal(app, truth) {
			r.Fatalf("the app has %v, Microsoft %v", app, truth)
		}
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := h.DropFeed(ctx, tx, feed.ID)
			return err
		})
	})
}

// drawItem gives one of eight items with one of four bodies, or removed.
func drawItem(r *rapid.T) graphwarden.Item {
	item := event(string(rapid.RuneFrom([]rune("abcdefgh")).Draw(r, "id")), fmt.Sprint(rapid.IntRange(0, 3).Draw(r, "body")))
	item.Removed = rapid.IntRange(0, 3).Draw(r, "removed") == 0
	return item
}

// retry does as a reader does: after a cut it asks where its feed stands, and
// tries again only what did not happen.
func (h house) retry(t *testing.T, feed *graphwarden.Feed, next graphwarden.Cursor, do func(context.Context, graphwarden.Tx) error) {
	t.Helper()
	if err := h.Update(t.Context(), do); err != nil && !errors.Is(err, faulty.ErrCut) {
		t.Fatal(err)
	} else if err != nil {
		feeds, err := h.Feeds(t.Context(), feed.Flow)
		if err != nil || feeds[0].Cursor != next {
			t.Fatalf("after a cut the feed stands at %v (%v), want %q", feeds, err, next)
		}
	}
	feed.Cursor = next
}
