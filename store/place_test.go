package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

var outlook = graphwarden.Budget{Owner: "app in a mailbox", Places: 4, Calls: 10, Span: 10 * time.Minute}

// take takes a place for a call of a process.
func (h house) take(t testing.TB, b graphwarden.Budget, holder, call string) (taken bool, wait time.Duration) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		taken, wait, err = h.TakePlace(ctx, tx, b, holder, call)
		return err
	})
	return taken, wait
}

// live has processes live for another span.
func (h house) live(t testing.TB, holders ...string) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, holder := range holders {
			if err := h.Live(ctx, tx, holder, 15*time.Second); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestProcessesShareTheirPlaces(t *testing.T) {
	h := open(t)
	h.live(t, "one", "two")
	for i, holder := range []string{"one", "two", "one", "one"} {
		if taken, _ := h.take(t, outlook, holder, string(rune('a'+i))); !taken {
			t.Fatalf("call %d of four has no place", i+1)
		}
	}
	if taken, wait := h.take(t, outlook, "two", "e"); taken || wait != 0 {
		t.Fatalf("a fifth call: %v, %s", taken, wait)
	}
	other := outlook
	other.Owner = "app in another mailbox"
	if taken, _ := h.take(t, other, "two", "f"); !taken {
		t.Fatal("another mailbox has no place")
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.GivePlace(ctx, tx, "a") })
	if taken, _ := h.take(t, outlook, "two", "e"); !taken {
		t.Fatal("a place that was given back is not free")
	}
}

func TestThePlacesOfADeadProcessAreFree(t *testing.T) {
	h := open(t)
	h.live(t, "one", "two")
	for _, call := range []string{"a", "b", "c", "d"} {
		h.take(t, outlook, "one", call)
	}
	h.clock.Advance(10 * time.Second)
	h.live(t, "two")
	h.clock.Advance(5 * time.Second)
	if taken, _ := h.take(t, outlook, "two", "e"); !taken {
		t.Fatal("a process that is dead has places")
	}
	h.update(t, h.BuryProcesses)
	h.live(t, "one") // it comes back: what it had is gone
	for _, call := range []string{"f", "g", "h"} {
		if taken, _ := h.take(t, outlook, "one", call); !taken {
			t.Fatal("places of the dead were not freed for good")
		}
	}
}

func TestTheWindowIsOneForAllProcesses(t *testing.T) {
	h := open(t)
	h.live(t, "one", "two")
	spend := func(holder string) (taken bool, wait time.Duration) {
		taken, wait = h.take(t, outlook, holder, "call")
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.GivePlace(ctx, tx, "call") })
		return taken, wait
	}
	for i := range outlook.Calls {
		if taken, _ := spend([]string{"one", "two"}[i%2]); !taken {
			t.Fatalf("call %d of ten has no place", i+1)
		}
	}
	if taken, wait := spend("two"); taken || wait <= 0 {
		t.Fatalf("an eleventh call: %v, %s", taken, wait)
	}
	h.clock.Advance(outlook.Span - time.Second)
	h.live(t, "one", "two")
	if taken, _ := spend("one"); taken {
		t.Fatal("the window forgets too early")
	}
	h.clock.Advance(12 * time.Second)
	h.live(t, "one", "two")
	if taken, _ := spend("one"); !taken {
		t.Fatal("the window does not forget")
	}
}

func TestARestHoldsForAllProcesses(t *testing.T) {
	h := open(t)
	h.live(t, "one", "two")
	rest := func(d time.Duration) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.Rest(ctx, tx, outlook.Owner, h.clock.now.Add(d))
		})
	}
	rest(30 * time.Second)
	rest(10 * time.Second) // the longer one counts
	if taken, wait := h.take(t, outlook, "two", "a"); taken || wait != 30*time.Second {
		t.Fatalf("while it rests: %v, %s", taken, wait)
	}
	unlimited := graphwarden.Budget{Owner: outlook.Owner}
	if taken, _ := h.take(t, unlimited, "two", "a"); taken {
		t.Fatal("what has no limit of its own does not rest")
	}
	h.clock.Advance(30 * time.Second)
	h.live(t, "two")
	if taken, _ := h.take(t, outlook, "two", "a"); !taken {
		t.Fatal("it rests for too long")
	}
}
