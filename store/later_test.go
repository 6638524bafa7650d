package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/store"
)

func TestUpdatesThatMayWaitShareACommit(t *testing.T) {
	var commits atomic.Int64
	h := open(t, func(o *store.Options) {
		o.Step = func(_ string, act func() error) error { commits.Add(1); return act() }
	})
	var mu sync.Mutex // guards outcome
	outcome := map[int]error{}
	tell := func(i int, err error) {
		mu.Lock()
		defer mu.Unlock()
		outcome[i] = err
	}
	synctest.Test(t, func(t *testing.T) {
		for i := range 9 {
			h.UpdateLater(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
				if err := pin(h.Store, fmt.Sprint("user", i))(ctx, tx); err != nil || i%3 != 1 {
					return err
				}
				if i == 4 {
					panic("on purpose")
				}
				return errOwn
			}, func(err error) { tell(i, err) })
			h.update(t, pin(h.Store, "urgent")) // which does not carry the others along
		}
		if n := commits.Swap(0); n != 9 {
			t.Errorf("%d commits of 9 that were urgent: the others did not wait", n)
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
	})
	if n := commits.Load(); n != 1 {
		t.Errorf("%d commits for what waited together", n)
	}
	for i := range 9 {
		err, told := outcome[i]
		if failed := i%3 == 1; !told || (err != nil) != failed || pinned(t, h.Store, fmt.Sprint("user", i)) == failed {
			t.Errorf("update %d: %v, told %v", i, err, told)
		}
	}
	if !errors.Is(outcome[1], errOwn) {
		t.Errorf("it was told %v, want its own error", outcome[1])
	}
}

func TestWhatIsFollowedGoesWithTheNextUpdate(t *testing.T) {
	var commits atomic.Int64
	h := open(t, func(o *store.Options) {
		o.Step = func(_ string, act func() error) error { commits.Add(1); return act() }
	})
	synctest.Test(t, func(t *testing.T) {
		var order []string
		put := func(how func(context.Context, func(context.Context, graphwarden.Tx) error, func(error)), name string) {
			how(t.Context(), pin(h.Store, name), func(err error) {
				if order = append(order, name); err != nil {
					t.Error(name, err)
				}
			})
		}
		put(h.UpdateLater, "later")
		put(h.UpdateNext, "first")
		put(h.UpdateNext, "second")
		h.update(t, pin(h.Store, "urgent"))
		if n := commits.Swap(0); n != 1 || !slices.Equal(order, []string{"first", "second"}) {
			t.Errorf("%d commits, with %v", n, order)
		}
		put(h.UpdateNext, "third") // and nothing follows it
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if n := commits.Load(); n != 1 || !slices.Equal(order[2:], []string{"third", "later"}) {
			t.Errorf("%d commits later, with %v", n, order)
		}
	})
}

func TestWhatMayWaitIsWrittenBeforeTheStoreCloses(t *testing.T) {
	h := open(t)
	outcome := errors.New("nobody was told")
	h.UpdateLater(t.Context(), pin(h.Store, "ada@contoso.example"), func(err error) { outcome = err })
	if err := h.Close(); err != nil || outcome != nil {
		t.Fatalf("closed with %v, told %v", err, outcome)
	}
	h.UpdateLater(t.Context(), pin(h.Store, "late@contoso.example"), func(err error) { outcome = err })
	if !errors.Is(outcome, store.ErrClosed) {
		t.Errorf("after the end: %v", outcome)
	}
	if h.Store = reopen(t, h); !pinned(t, h.Store, "ada@contoso.example") {
		t.Error("it is lost")
	}
}

// TestWhatMayWaitIsToldOfACut cuts the commit that it shares.
func TestWhatMayWaitIsToldOfACut(t *testing.T) {
	for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
		t.Run(string(at), func(t *testing.T) {
			plan := faulty.NewPlan(t, faulty.Cut{Step: "commit", At: at})
			h := open(t, func(o *store.Options) { o.Step = plan.Step })
			var outcome error
			h.UpdateLater(t.Context(), pin(h.Store, "ada@contoso.example"), func(err error) { outcome = err })
			h.Settle()
			if !errors.Is(outcome, faulty.ErrCut) || pinned(t, h.Store, "ada@contoso.example") != (at == faulty.After) {
				t.Errorf("cut %s the commit it was told %v", at, outcome)
			}
		})
	}
}
