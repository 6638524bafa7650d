package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/store"
)

// laden gives a house in which a process called "dead" holds all that one can
// hold, for an hour: a feed, a held item of it, a duty, a write, the only place of
// a budget.
func laden(t *testing.T, h house) graphwarden.Budget {
	t.Helper()
	one := outlook
	one.Places = 1
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "dead")
	feed.Doubted = true
	h.apply(t, &feed, "d1", event("a", "one"))
	h.apply(t, &feed, "d2", removed("a"))
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.LeaseRemovals(ctx, tx, "dead", graphwarden.Busy{}, time.Hour, 10)
		return errors.Join(err, h.Live(ctx, tx, "dead", time.Hour), h.hold(ctx, tx, "keeper", "dead"))
	})
	in := write(h, "k")
	in.Holder, in.DueAt = "dead", time.Now().Add(2000*time.Hour) // by either clock
	h.put(t, in)
	if taken, _ := h.take(t, one, "dead", "call"); !taken {
		t.Fatal("it has no place")
	}
	return one
}

func (h house) hold(ctx context.Context, tx graphwarden.Tx, name, holder string) error {
	got, err := h.Hold(ctx, tx, name, holder, time.Hour)
	if err == nil && !got {
		err = errors.New("somebody else has the duty")
	}
	return err
}

// free says what of all that another process can have, and takes it.
func (h house) free(t *testing.T, b graphwarden.Budget) string {
	t.Helper()
	h.live(t, "two")
	feed := h.lease(t, "two")
	looked := h.held(t)
	place, _ := h.take(t, b, "two", "another call")
	duty := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error { return h.hold(ctx, tx, "keeper", "two") })
	return fmt.Sprint(feed.ID != 0, len(looked) > 0, place, duty == nil, len(h.leaseIntents(t, "two")) > 0)
}

func TestWhatAProcessHeldCanBeFreed(t *testing.T) {
	h := open(t)
	b := laden(t, h)
	if got := h.free(t, b); got != "false false false false false" {
		t.Fatalf("while it lives another had: %s", got)
	}
	freed := h.Freed()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Free(ctx, tx, "somebody") })
	if got := h.free(t, b); got != "false false false false false" {
		t.Errorf("when another had died there was free: %s", got)
	}
	select {
	case <-freed:
	default:
		t.Error("nobody was told")
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Free(ctx, tx, "dead") })
	if got := h.free(t, b); got != "true true true true true" {
		t.Errorf("when it had died there was free: %s", got)
	}
}

// TestWhoeverHasTheFileHasAllAtOnce is the same for a file, which one has alone.
func TestWhoeverHasTheFileHasAllAtOnce(t *testing.T) {
	fileOnly(t)
	h := open(t)
	b := laden(t, h)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h.Store = reopen(t, h)
	if got := h.free(t, b); got != "true true true true true" {
		t.Errorf("after a restart there was free: %s", got)
	}
}

// mourner mourns until the test ends, frees, and tells whom.
func mourner(t *testing.T, s *store.Store, cut string) <-chan string {
	t.Helper()
	died := make(chan string, 10)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		_ = s.Mourn(ctx, func(ctx context.Context, holder string) error {
			this := cut
			cut = ""
			if this == "before" {
				return errors.New("cut before it was freed")
			}
			err := s.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error { return s.Free(ctx, tx, holder) })
			died <- holder
			if this == "after" {
				return errors.New("cut after it was freed")
			}
			return err
		})
	})
	t.Cleanup(func() { stop(); all.Wait() })
	return died
}

// TestWhatADeadProcessHeldIsFreeWithinFiveSeconds ends the connections of a
// process without a word, as the system does when it is killed; its leases would
// last an hour.
func TestWhatADeadProcessHeldIsFreeWithinFiveSeconds(t *testing.T) {
	once(t)
	for _, cut := range []string{"", "before", "after"} {
		t.Run("cut="+cut, func(t *testing.T) {
			t.Parallel()
			url := pg.New(t)
			dies := opened(t, store.Options{URL: url})
			h := house{Store: opened(t, store.Options{URL: url}), clock: newClock()}
			for name, s := range map[string]*store.Store{"dead": dies, "two": h.Store} {
				if err := s.Appear(t.Context(), name); err != nil {
					t.Fatal(err)
				}
			}
			b := laden(t, house{Store: dies, clock: h.clock})
			died, freed := mourner(t, h.Store, cut), h.Freed()
			if got := h.free(t, b); got != "false false false false false" {
				t.Fatalf("while it lives another had: %s", got)
			}
			if err := dies.Close(); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if who := <-died; who != "dead" {
				t.Fatalf("%s was mourned", who)
			}
			<-freed
			took := time.Since(began)
			if got := h.free(t, b); got != "true true true true true" {
				t.Errorf("when it had died there was free: %s", got)
			}
			if took > 15*time.Second { // five, and room for a slow machine
				t.Errorf("it took %s", took)
			}
			t.Logf("free after %s", took)
		})
	}
}

// TestTheOthersThatLiveAreCounted: until one has ended, for whoever asks. One that works on,
// but has lost its lock for a moment, counts.
func TestTheOthersThatLiveAreCounted(t *testing.T) {
	once(t)
	url := pg.New(t)
	all := appear(t, url)
	count := func(asks *store.Store, self string) int {
		t.Helper()
		n, err := asks.Others(t.Context(), self)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if a, b, c := count(all["one"], "one"), count(all["two"], "two"), count(all["one"], ""); a != 1 || b != 1 || c != 2 {
		t.Fatalf("one counts %d, two counts %d, who came to ask counts %d", a, b, c)
	}
	if err := all["two"].Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		return all["two"].Live(ctx, tx, "two", time.Hour)
	}); err != nil {
		t.Fatal(err)
	}
	if err := all["two"].Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(all["one"], "one"); n != 1 {
		t.Errorf("of one that said a moment ago that it lives, %d are counted", n)
	}
	if err := all["one"].Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		return all["one"].LetGo(ctx, tx, "process/two", "two")
	}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for count(all["one"], "one") != 0 { // the server ends the lock when it has seen the connection's end
		if time.Since(began) > time.Minute {
			t.Fatal("one that has ended is counted")
		}
	}
}

// TestAFileHasOneProcess, whoever asks.
func TestAFileHasOneProcess(t *testing.T) {
	fileOnly(t)
	if n, err := open(t).Others(t.Context(), "another"); err != nil || n != 0 {
		t.Errorf("%d others, %v", n, err)
	}
}

// appear gives stores of one database, each of a process that lives; those that
// listen find out when their connection has broken.
func appear(t *testing.T, url string, listening ...string) map[string]*store.Store {
	t.Helper()
	all := map[string]*store.Store{}
	for _, name := range []string{"one", "two"} {
		all[name] = opened(t, store.Options{URL: url})
		if err := all[name].Appear(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range listening {
		listen(t, all[name])
	}
	return all
}

func listen(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { _ = s.Woken(ctx, func(string) {}) })
	t.Cleanup(func() { stop(); all.Wait() })
}

// nobody wants nobody to be mourned for a while.
func nobody(t *testing.T, died <-chan string, d time.Duration) {
	t.Helper()
	select {
	case who := <-died:
		t.Fatalf("%s was mourned and lives", who)
	case <-time.After(d):
	}
}

// TestOneThatLivesIsNotMourned restarts the server under two that live, beside a
// command that keeps leases and never said that it lives.
func TestOneThatLivesIsNotMourned(t *testing.T) {
	once(t)
	t.Parallel()
	server := pg.Start(t)
	stores := appear(t, server.New(t), "one", "two")
	h := house{Store: stores["two"]}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return errors.Join(h.hold(ctx, tx, "keeper", "one"), h.hold(ctx, tx, "token", "a command"))
	})
	died := mourner(t, stores["two"], "")
	if err := server.Stop(t.Context(), "fast"); err != nil {
		t.Fatal(err)
	}
	nobody(t, died, 3*time.Second)
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	nobody(t, died, 5*time.Second)
	freed := stores["one"].Freed() // it hears of what the other frees
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Free(ctx, tx, "nobody") })
	<-freed
}

// TestOneWithoutALockOfItsOwnJudgesNobody breaks the connections of both: the one
// that looks must first have its own again, and so has had the other time for it.
func TestOneWithoutALockOfItsOwnJudgesNobody(t *testing.T) {
	once(t)
	t.Parallel()
	url := pg.New(t)
	stores := appear(t, url)
	pg.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	died := mourner(t, stores["two"], "")
	nobody(t, died, 5*time.Second)
	listen(t, stores["two"])
	if who := <-died; who != "one" {
		t.Errorf("%s was mourned", who)
	}
}
