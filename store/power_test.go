package store_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/store"
)

var (
	powerCuts = flag.Int("cuts", 40, "how often the power is cut")
	powerSeed = flag.Uint64("cutseed", 0, "where the cuts fall; 0 is another place every time")
)

// confirmed is what a store said is done.
type confirmed struct {
	mu      sync.Mutex
	pins    []string
	soft    [][]string // by round, what was committed and not synced, in order
	cursor  int        // of the feed c1, the last page's number
	entries int64
}

// TestNothingThatWasConfirmedIsLostWithThePower cuts the power at random places,
// among them the making of the database, its migrations and checkpoints, while
// several write at once, and looks at everything afterwards.
func TestNothingThatWasConfirmedIsLostWithThePower(t *testing.T) {
	t.Parallel()
	fileOnly(t) // a server's disk is its own
	seed := *powerSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("%d cuts, -cutseed %d", *powerCuts, seed)
	random := rand.New(rand.NewPCG(seed, seed))
	disk := faulty.NewPower(t, random)
	h := empty(t)
	options := store.Options{Path: h.path, Now: h.clock.Now, FileSystem: disk.Name()}
	var known confirmed
	for cut := range *powerCuts {
		after := random.IntN(60) // at once, or while the database is made or opened
		if random.IntN(2) == 0 {
			after = random.IntN(1200) // at work
		}
		disk.CutAfter(after)
		if s, err := store.Open(t.Context(), options); err == nil {
			work(t, house{Store: s, clock: h.clock}, cut, &known)
			_ = s.Close() // it cannot write any more
		} else if !disk.Off() {
			t.Fatalf("cut %d: %v", cut, err)
		}
		if err := disk.Back(); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), options)
		if err != nil {
			t.Fatalf("after cut %d: %v", cut, err)
		}
		known.hold(t, cut, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			return
		}
	}
	if len(known.pins) < *powerCuts || known.cursor < *powerCuts/4 {
		t.Errorf("only %d pins and %d pages were confirmed: the cuts come too early to show anything", len(known.pins), known.cursor)
	}
}

// work writes from several goroutines until writing fails.
func work(t *testing.T, h house, round int, known *confirmed) {
	t.Helper()
	var all sync.WaitGroup
	for w := range 3 {
		all.Go(func() {
			for n := 0; ; n++ {
				user := fmt.Sprintf("u%d-%d-%d", round, w, n)
				if h.Update(t.Context(), pin(h.Store, user)) != nil {
					return
				}
				known.mu.Lock()
				known.pins = append(known.pins, user)
				known.mu.Unlock()
			}
		})
	}
	all.Go(func() { workUnsynced(t, h, round, known) })
	all.Go(func() {
		var last graphwarden.Entry
		for {
			err := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) (err error) {
				last, err = h.AppendEntry(ctx, tx, graphwarden.Entry{Kind: graphwarden.Decided, Note: strings.Repeat("x", 500)}, leafOf)
				return err
			})
			if err != nil {
				return
			}
			known.mu.Lock()
			known.entries = last.Seq
			known.mu.Unlock()
		}
	})
	all.Go(func() {
		var feed graphwarden.Feed
		err := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) (err error) {
			feed, err = h.EnsureFeed(ctx, tx, calendar("c1"))
			return err
		})
		start, _ := strconv.Atoi(string(feed.Cursor)) // "" begins at 0
		for n := start + 1; err == nil; n++ {
			next := graphwarden.Cursor(strconv.Itoa(n))
			items := []graphwarden.Item{event(fmt.Sprint("i", n), strings.Repeat("y", 20_000)), event("same", fmt.Sprint(n))}
			err = h.UpdateBulk(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
				_, err := h.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: items, Next: next})
				return err
			})
			if feed.Cursor = next; err == nil {
				known.mu.Lock()
				known.cursor = n
				known.mu.Unlock()
			}
		}
	})
	all.Wait()
}

// workUnsynced writes what need not be synced, and now and then something that takes it to
// the disk: one that writes, and one that does not.
func workUnsynced(t *testing.T, h house, round int, known *confirmed) {
	t.Helper()
	var soft []string
	defer func() {
		known.mu.Lock()
		known.soft = append(known.soft, soft)
		known.mu.Unlock()
	}()
	nothing := func(context.Context, graphwarden.Tx) error { return nil }
	for synced := 0; ; {
		user := fmt.Sprintf("soft%d-%d", round, len(soft))
		soft = append(soft, user)
		if h.UpdateUnsynced(t.Context(), pin(h.Store, user)) != nil {
			return
		}
		if len(soft)%7 != 0 {
			continue
		}
		follow := nothing
		if len(soft)%2 == 0 {
			follow = pin(h.Store, user+"-followed")
		}
		if h.Update(t.Context(), follow) != nil {
			return
		}
		known.mu.Lock()
		known.pins = append(known.pins, soft[synced:]...)
		known.mu.Unlock()
		synced = len(soft)
	}
}

// hold wants everything that was confirmed to be there, of what was not synced nothing
// without what came before, and the database sound.
func (known *confirmed) hold(t *testing.T, cut int, s *store.Store) {
	t.Helper()
	for _, user := range known.pins {
		if !pinned(t, s, user) {
			t.Errorf("after cut %d: %s was confirmed and is gone", cut, user)
		}
	}
	for _, soft := range known.soft {
		lost := ""
		for _, user := range soft {
			switch there := pinned(t, s, user); {
			case !there && lost == "":
				lost = user
			case there && lost != "":
				t.Errorf("after cut %d: %s is lost, and %s, which was committed after it, is not", cut, lost, user)
			}
		}
	}
	known.soft = nil // once is enough
	feeds, err := s.Feeds(t.Context(), "")
	if err != nil || len(feeds) == 0 && known.cursor > 0 {
		t.Fatalf("after cut %d: %v, %v", cut, feeds, err)
	}
	if len(feeds) > 0 {
		if cursor, _ := strconv.Atoi(string(feeds[0].Cursor)); cursor < known.cursor {
			t.Errorf("after cut %d: the cursor is %d, %d was confirmed", cut, cursor, known.cursor)
		}
	}
	i, err := s.Inspect(t.Context(), leafOf)
	if err != nil || len(i.Wrong) > 0 || i.Entries < known.entries {
		t.Errorf("after cut %d: %+v, %v; %d entries were confirmed", cut, i, err, known.entries)
	}
}
