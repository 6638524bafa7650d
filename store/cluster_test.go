package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/store"
)

// TestNumbersAreSeenInOrderFromAllProcesses has three write at once while a fourth
// reads on from the last number it has seen, as a sink does: it must miss none.
func TestNumbersAreSeenInOrderFromAllProcesses(t *testing.T) {
	once(t)
	const writers, pages = 3, 40
	url := pg.New(t)
	var all, done sync.WaitGroup
	done.Add(writers)
	for w := range writers {
		s := opened(t, store.Options{URL: url})
		h := house{Store: s, clock: newClock()}
		feed := h.ensure(t, calendar(fmt.Sprint("c", w)))
		all.Go(func() {
			defer done.Done()
			for n := range pages {
				next := graphwarden.Cursor(fmt.Sprint(n))
				items := []graphwarden.Item{event(fmt.Sprint(n), "x"), event(fmt.Sprint(n, "b"), "x")}
				err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
					_, err := s.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: items, Next: next})
					if err == nil {
						_, err = s.AppendEntry(ctx, tx, graphwarden.Entry{Kind: graphwarden.Decided}, func(graphwarden.Entry) (leaf [32]byte) { return leaf })
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
				feed.Cursor = next
			}
		})
	}
	reader := opened(t, store.Options{URL: url})
	ended := make(chan struct{})
	all.Go(func() { done.Wait(); close(ended) })
	var seen int64
	for last := false; ; {
		changes, err := reader.ChangesAfter(t.Context(), "office-calendars", seen, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if c.Seq != seen+1 {
				t.Fatalf("after %d comes %d: one between would be missed", seen, c.Seq)
			}
			seen = c.Seq
		}
		if last {
			break
		}
		select {
		case <-ended:
			last = true
		default:
		}
	}
	all.Wait()
	if seen != writers*pages*2 {
		t.Errorf("%d changes seen", seen)
	}
	entries := int64(0)
	if err := reader.EntriesAfter(t.Context(), 0, 1000, func(e graphwarden.Entry, _ [32]byte) error {
		entries++
		if e.Seq != entries {
			t.Errorf("entry %d follows %d", e.Seq, entries-1)
		}
		return nil
	}); err != nil || entries != writers*pages {
		t.Errorf("%d entries, %v", entries, err)
	}
}

// TestWhatOneProcessWritesWakesTheOthers listens with two, of which one writes.
func TestWhatOneProcessWritesWakesTheOthers(t *testing.T) {
	once(t)
	server := pg.Start(t)
	url := server.New(t)
	writes := house{Store: opened(t, store.Options{URL: url}), clock: newClock()}
	waits := opened(t, store.Options{URL: url})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	listen := func(s *store.Store) <-chan string {
		heard := make(chan string, 100)
		all.Go(func() {
			if err := s.Woken(ctx, func(what string) { heard <- what }); err != nil {
				t.Error(err)
			}
		})
		return heard
	}
	own, others := listen(writes.Store), listen(waits)
	first := []string{store.TouchedMarks, store.TouchedChanges, store.TouchedPresence} // what may have been missed
	for _, heard := range []<-chan string{own, others} {
		if got := []string{<-heard, <-heard, <-heard}; !slices.Equal(got, first) {
			t.Errorf("at first it was woken for %v", got)
		}
	}
	feed := writes.ensure(t, calendar("c1"))
	writes.apply(t, &feed, "d1", event("a", "1"))
	if got := []string{<-others, <-others}; !slices.Equal(got, first[:2]) {
		t.Errorf("woken for %v", got)
	}
	if err := server.Stop(t.Context(), "fast"); err != nil {
		t.Fatal(err)
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, heard := range []<-chan string{own, others} {
		if got := []string{<-heard, <-heard, <-heard}; !slices.Equal(got, first) {
			t.Errorf("after the server's restart it was woken for %v", got)
		}
	}
	stop()
	all.Wait()
	if len(own) > 0 {
		t.Errorf("it was woken for what it wrote itself: %s", <-own)
	}
}

// TestAProcessThatHangsLosesItsTurn has one stand still in the middle of an update,
// as a machine does that is suspended: the others go on, and nothing of it happened.
func TestAProcessThatHangsLosesItsTurn(t *testing.T) {
	once(t)
	url := pg.New(t)
	hangs := opened(t, store.Options{URL: url, Patience: 300 * time.Millisecond})
	works := opened(t, store.Options{URL: url})
	err := hangs.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		if err := pin(hangs, "half")(ctx, tx); err != nil {
			return err
		}
		return works.Update(t.Context(), pin(works, "whole")) // comes back when the turn is free
	})
	if code := refusal(t, err, graphwarden.Storage); code != "storage.server_lost" && code != "storage.server_down" {
		t.Errorf("the one that hung was refused with %s", code)
	}
	if pinned(t, works, "half") || !pinned(t, works, "whole") {
		t.Error("half of an update stayed, or the other's did not")
	}
	for tries := 1; ; tries++ { // on a slow machine it may take longer than its patience
		err := hangs.Update(t.Context(), pin(hangs, "again"))
		if err == nil {
			break
		}
		if tries == 20 {
			t.Fatalf("awake again: %v", err)
		}
	}
}
