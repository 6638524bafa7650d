package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestAFeedIsKeptOnce(t *testing.T) {
	h := open(t)
	first := h.ensure(t, calendar("c1"))
	if first.ID == 0 || first.Cursor != "" || first.Dirty {
		t.Errorf("a new feed is %+v", first)
	}
	if again := h.ensure(t, calendar("c1")); again != first {
		t.Errorf("ensured again, it is %+v", again)
	}
	renamed := calendar("c1")
	renamed.Title, renamed.Mailbox.UPN = "Private", "ada.lovelace@contoso.example"
	if again := h.ensure(t, renamed); again.ID != first.ID || again.Title != "Private" || again.Mailbox != renamed.Mailbox {
		t.Errorf("renamed, it is %+v", again)
	}
	other := calendar("c1")
	other.Flow = "rooms"
	if again := h.ensure(t, other); again.ID == first.ID {
		t.Error("two flows share a feed")
	}
	if feeds, err := h.Feeds(t.Context(), "office-calendars"); err != nil || len(feeds) != 1 {
		t.Errorf("the flow has %v, %v", feeds, err)
	}
	if feeds, err := h.Feeds(t.Context(), ""); err != nil || len(feeds) != 2 {
		t.Errorf("all are %v, %v", feeds, err)
	}
}

func TestAFeedHasOneReader(t *testing.T) {
	h := open(t)
	feed := h.ensure(t, calendar("c1"))
	page := h.lease(t, "one")
	if page.ID != feed.ID {
		t.Fatalf("the new feed is not due: %+v", page)
	}
	if got := h.lease(t, "two"); got.ID != 0 {
		t.Errorf("a second reader got %+v", got)
	}
	h.clock.Advance(59 * time.Second)
	h.apply(t, &page, "d1", event("a", "one")) // a sign of life
	h.clock.Advance(59 * time.Second)
	if got := h.lease(t, "two"); got.ID != 0 {
		t.Errorf("a second reader got %+v although the first is alive", got)
	}
	h.clock.Advance(2 * time.Second)
	got := h.lease(t, "two")
	if got.ID != feed.ID || got.Cursor != "d1" {
		t.Errorf("the first has died, the second got %+v", got)
	}
}

// TestARestartDoesNotWaitForTheLeasesOfTheDead closes a store, as a killed process
// does, while a feed and a duty are held.
func TestARestartDoesNotWaitForTheLeasesOfTheDead(t *testing.T) {
	fileOnly(t) // a server's other processes may be alive
	h := open(t)
	h.ensure(t, calendar("c1"))
	held := h.lease(t, "dead")
	hold := func(holder string) (got bool) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			got, err = h.Hold(ctx, tx, "keeper", holder, time.Minute)
			return err
		})
		return got
	}
	if !hold("dead") {
		t.Fatal("the duty is not free")
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h.Store = reopen(t, h)
	if got := h.lease(t, "alive"); got.ID != held.ID {
		t.Errorf("the feed waits for its dead reader")
	}
	if !hold("alive") {
		t.Error("the duty waits for its dead holder")
	}
}

func TestAReaderThatLostItsFeedIsRefused(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	slow := h.lease(t, "slow")
	h.clock.Advance(time.Hour)
	quick := h.lease(t, "quick")
	h.apply(t, &quick, "d1", event("a", "one"))
	calls := map[string]func(ctx context.Context, tx graphwarden.Tx) error{
		"ApplyPage": func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := h.ApplyPage(ctx, tx, slow, graphwarden.Page{Items: []graphwarden.Item{removed("a")}, Next: "x"})
			return err
		},
		"FinishRound": func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := h.FinishRound(ctx, tx, slow, tx.Now(), nil)
			return err
		},
		"ResetFeed": func(ctx context.Context, tx graphwarden.Tx) error { return h.ResetFeed(ctx, tx, slow) },
		"DeferFeed": func(ctx context.Context, tx graphwarden.Tx) error { return h.DeferFeed(ctx, tx, slow, tx.Now()) },
	}
	for name, call := range calls {
		err := h.Update(t.Context(), call)
		if code := refusal(t, err, graphwarden.Conflict); code != "store.feed_moved" {
			t.Errorf("%s: %s", name, code)
		}
	}
	if got := told(h.finish(t, quick, nil)); len(got) != 0 {
		t.Errorf("the other reader's round ended with %v", got)
	}
}

func TestAFeedIsDueWhenThereIsAReason(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	round := func() {
		t.Helper()
		feed := h.lease(t, "w")
		if feed.ID == 0 {
			t.Fatal("it is not due")
		}
		h.apply(t, &feed, feed.Cursor+"+")
		h.finish(t, feed, nil)
	}
	mark := func(want int) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			n, err := h.MarkDirty(ctx, tx, "office-calendars", "id-ada")
			if n != want {
				t.Errorf("%d feeds marked, want %d", n, want)
			}
			return err
		})
	}
	idle := func(why string) {
		t.Helper()
		if feed := h.lease(t, "w"); feed.ID != 0 {
			t.Errorf("it is due %s", why)
		}
	}
	round()
	idle("although it has just been read")
	mark(1)
	round()
	idle("although the news was read")
	h.clock.Advance(15*time.Minute - time.Microsecond)
	idle("before its sweep")
	h.clock.Advance(time.Microsecond)
	round()

	// News that come while it is read make it due again at once.
	mark(1)
	feed := h.lease(t, "w")
	if !feed.Dirty {
		t.Error("a leased feed does not say that it is dirty")
	}
	h.apply(t, &feed, "x")
	mark(1)
	idle("while it is being read")
	h.finish(t, feed, nil)
	round()
	idle("twice for the same news")

	// What Microsoft asked to wait for is waited for, and marks are kept.
	mark(1)
	feed = h.lease(t, "w")
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.DeferFeed(ctx, tx, feed, h.clock.now.Add(time.Minute))
	})
	mark(1)
	idle("although Microsoft asked to wait")
	h.clock.Advance(time.Minute)
	round()
	idle("although all marks were read")
}

func TestNewsGoBeforeAFirstSync(t *testing.T) {
	h := open(t)
	read := h.ensure(t, calendar("read"))
	feed := h.lease(t, "w")
	h.finish(t, feed, nil)
	for _, name := range []string{"new1", "new2"} {
		h.ensure(t, calendar(name))
	}
	h.clock.Advance(time.Hour)
	if got := h.lease(t, "w"); got.ID != read.ID {
		t.Errorf("the first lease went to %s", got.Resource)
	}
	if got := h.lease(t, "w"); got.Resource != "new1" {
		t.Errorf("the second lease went to %s, not to the one that has waited longest", got.Resource)
	}
}

func TestAFullReadTellsWhatIsGoneOnlyAtItsEnd(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	h.apply(t, &feed, "d1", event("a", "one"), event("b", "two"), event("c", "three"))
	h.finish(t, feed, nil)

	h.clock.Advance(time.Hour)
	feed = h.lease(t, "w")
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.ResetFeed(ctx, tx, feed) })
	feed.Cursor = ""
	if got := told(h.apply(t, &feed, "e1", event("b", "two"))); len(got) != 0 {
		t.Errorf("an item that is as it was gave %v", got)
	}
	if got := told(h.apply(t, &feed, "e2", event("d", "four"))); !slices.Equal(got, []string{"4 created d"}) {
		t.Errorf("a new item gave %v", got)
	}
	if got := told(h.finish(t, feed, nil)); !slices.Equal(got, []string{"5 deleted a", "6 deleted c"}) {
		t.Errorf("the end of the full read gave %v", got)
	}
	// The next, ordinary round knows exactly b and d.
	h.clock.Advance(time.Hour)
	feed = h.lease(t, "w")
	if got := told(h.apply(t, &feed, "e3", removed("a"), event("c", "three"), removed("b"))); !slices.Equal(got, []string{"7 created c", "8 deleted b"}) {
		t.Errorf("the next round gave %v", got)
	}
	if got := told(h.finish(t, feed, nil)); len(got) != 0 {
		t.Errorf("an ordinary round ended with %v", got)
	}
}

func TestAMovedWindowForgetsSilentlyWhatItLeft(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	h.apply(t, &feed, "d1", event("old", "past"), event("gone", "now"), event("kept", "now"))
	h.finish(t, feed, nil)

	moved := calendar("c1")
	moved.Window = graphwarden.Window{Start: moved.Window.Start.AddDate(0, 1, 0), End: moved.Window.End.AddDate(0, 1, 0)}
	if got := h.ensure(t, moved); got.Cursor != "" || got.Window != moved.Window {
		t.Errorf("with its window moved, the feed is %+v", got)
	}
	feed = h.lease(t, "w")
	if feed.ID == 0 {
		t.Fatal("a feed whose window moved is not due")
	}
	h.apply(t, &feed, "e1", event("kept", "now"))
	outside := func(body json.RawMessage) bool { return strings.Contains(string(body), "past") }
	if got := told(h.finish(t, feed, outside)); !slices.Equal(got, []string{"4 deleted gone"}) {
		t.Errorf("the round ended with %v", got)
	}
}

func TestAMovedWindowStopsTheReaderOfTheOldOne(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	h.apply(t, &feed, "d1", event("a", "one"))
	moved := calendar("c1")
	moved.Window.End = moved.Window.End.AddDate(1, 0, 0)
	h.ensure(t, moved)
	err := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.ApplyPage(ctx, tx, feed, graphwarden.Page{Next: "d2"})
		return err
	})
	refusal(t, err, graphwarden.Conflict)
	if got := h.lease(t, "w2"); got.ID != feed.ID || got.Window != moved.Window {
		t.Errorf("the next reader got %+v", got)
	}
}

func TestADroppedFeedReportsItsItemsDeletedAndComesBack(t *testing.T) {
	h := open(t)
	feed := h.ensure(t, calendar("c1"))
	leased := h.lease(t, "w")
	h.apply(t, &leased, "d1", event("a", "one"), event("b", "two"))
	var changes []graphwarden.Change
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		changes, err = h.DropFeed(ctx, tx, feed.ID)
		return err
	})
	if got := told(changes); !slices.Equal(got, []string{"3 deleted a", "4 deleted b"}) {
		t.Errorf("dropping gave %v", got)
	}
	h.clock.Advance(time.Hour)
	if got := h.lease(t, "w"); got.ID != 0 {
		t.Errorf("a dropped feed is due: %+v", got)
	}
	if feeds, err := h.Feeds(t.Context(), ""); err != nil || len(feeds) != 0 {
		t.Errorf("it is still listed: %v, %v", feeds, err)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		n, err := h.MarkDirty(ctx, tx, feed.Flow, feed.Mailbox.ID)
		if n != 0 {
			t.Errorf("%d dropped feeds marked", n)
		}
		return err
	})
	if back := h.ensure(t, calendar("c1")); back.ID != feed.ID {
		t.Errorf("it came back as %+v", back)
	}
	leased = h.lease(t, "w")
	if got := told(h.apply(t, &leased, "e1", event("a", "one"))); !slices.Equal(got, []string{"5 created a"}) {
		t.Errorf("back again, its item gave %v", got)
	}
}

func TestChangesAreReadByFlowInOrder(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	other := calendar("c1")
	other.Flow = "rooms"
	h.ensure(t, other)
	one, two := h.lease(t, "w"), h.lease(t, "w")
	h.apply(t, &one, "1", event("a", "1"))
	h.apply(t, &two, "1", event("a", "1"))
	h.apply(t, &one, "2", event("b", "1"), removed("a"))
	got, err := h.ChangesAfter(t.Context(), "office-calendars", 1, 10)
	if err != nil || !slices.Equal(told(got), []string{"3 created b", "4 deleted a"}) {
		t.Errorf("after 1: %v, %v", told(got), err)
	}
	if string(got[0].Body) != string(event("b", "1").Body) || got[1].Body != nil || !got[0].At.Equal(h.clock.now) || got[0].Feed != one.ID {
		t.Errorf("the changes are %+v", got)
	}
	if got, err := h.ChangesAfter(t.Context(), "office-calendars", 0, 1); err != nil || len(got) != 1 {
		t.Errorf("limited to one: %v, %v", told(got), err)
	}
}

func TestNumbersOfAFailedPageAreUsedAgain(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	err := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: []graphwarden.Item{event("a", "1")}, Next: "x"})
		return errors.Join(err, errOwn)
	})
	if !errors.Is(err, errOwn) {
		t.Fatal(err)
	}
	if got := told(h.apply(t, &feed, "d1", event("a", "1"))); !slices.Equal(got, []string{"1 created a"}) {
		t.Errorf("after a page that was taken back: %v", got)
	}
}
