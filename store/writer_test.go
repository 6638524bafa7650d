package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
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

var errOwn = errors.New("the closure's own")

func TestAnUpdateStandsOrFallsWhole(t *testing.T) {
	h := open(t)
	var called bool
	err := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		tx.AfterCommit(func() { called = true })
		if err := pin(h.Store, "ada@contoso.example")(ctx, tx); err != nil {
			return err
		}
		return errOwn
	})
	if !errors.Is(err, errOwn) {
		t.Errorf("Update = %v, want the closure's own error", err)
	}
	if called || pinned(t, h.Store, "ada@contoso.example") {
		t.Errorf("something of it happened (hook called: %v)", called)
	}
}

func TestAnUpdateThatPanicsTakesNothingWithIt(t *testing.T) {
	h := open(t)
	func() {
		defer func() {
			if recover() != "on purpose" {
				t.Error("the panic did not come back to its caller")
			}
		}()
		_ = h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			_ = pin(h.Store, "ada@contoso.example")(ctx, tx)
			panic("on purpose")
		})
	}()
	h.update(t, pin(h.Store, "grace@contoso.example"))
	if pinned(t, h.Store, "ada@contoso.example") || !pinned(t, h.Store, "grace@contoso.example") {
		t.Error("the panic's work stayed, or the next update's did not")
	}
}

// TestUpdatesInAGroupStandOrFallAlone holds the first update until the others
// wait behind it, so that all run in its transaction.
func TestUpdatesInAGroupStandOrFallAlone(t *testing.T) {
	commits := 0
	h := open(t, func(o *store.Options) {
		o.Step = func(_ string, act func() error) error { commits++; return act() }
	})
	outcome := make([]error, 10)
	var hooks []int
	first := inGroup(t, h, len(outcome), func(i int) {
		outcome[i] = h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			tx.AfterCommit(func() { hooks = append(hooks, i) })
			if err := pin(h.Store, fmt.Sprint("user", i))(ctx, tx); err != nil || i%3 != 1 {
				return err
			}
			return errOwn
		})
	})
	if first != nil || commits != 1 {
		t.Errorf("%d commits for one group, whose first update returned %v", commits, first)
	}
	slices.Sort(hooks)
	if want := []int{0, 2, 3, 5, 6, 8, 9}; !slices.Equal(hooks, want) {
		t.Errorf("hooks called for %v, want %v", hooks, want)
	}
	for i, err := range outcome {
		if failed := i%3 == 1; errors.Is(err, errOwn) != failed || pinned(t, h.Store, fmt.Sprint("user", i)) == failed {
			t.Errorf("update %d: %v", i, err)
		}
	}
}

// inGroup runs do(0) … do(n-1), each of which makes one Update, in the group of
// an update that does nothing, whose outcome it returns.
func inGroup(t *testing.T, h house, n int, do func(i int)) (first error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var all sync.WaitGroup
		first = h.Update(t.Context(), func(context.Context, graphwarden.Tx) error {
			for i := range n {
				all.Go(func() { do(i) })
			}
			synctest.Wait() // all wait for their turn
			return nil
		})
		all.Wait()
	})
	return first
}

// TestEachUpdateOfAGroupHasItsOwnTime: what was asked for after the first began must not
// find that something is not due yet.
func TestEachUpdateOfAGroupHasItsOwnTime(t *testing.T) {
	var hours atomic.Int64
	h := open(t, func(o *store.Options) {
		o.Now = func() time.Time {
			return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours.Load()) * time.Hour)
		}
	})
	var at [3]time.Time
	first := inGroup(t, h, len(at), func(i int) {
		hours.Store(1) // before it is asked for
		if err := h.Update(t.Context(), func(_ context.Context, tx graphwarden.Tx) error { at[i] = tx.Now(); return nil }); err != nil {
			t.Error(err)
		}
	})
	if first != nil {
		t.Fatal(first)
	}
	for _, now := range at {
		if now.Hour() != 1 {
			t.Errorf("it is %s", now)
		}
	}
}

func TestAnUpdateThatWasCancelledBeforeItsTurnDoesNotRun(t *testing.T) {
	h := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Update(ctx, pin(h.Store, "ada@contoso.example")); !errors.Is(err, context.Canceled) {
		t.Errorf("Update = %v", err)
	}
	if pinned(t, h.Store, "ada@contoso.example") {
		t.Error("it ran")
	}
}

func TestCancellingAnUpdateHalfWayDoesNotUndoOthers(t *testing.T) {
	h := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := h.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		cancel()
		return pin(h.Store, "ada@contoso.example")(ctx, tx)
	})
	if err != nil || !pinned(t, h.Store, "ada@contoso.example") {
		t.Errorf("Update = %v; it had begun and should have ended", err)
	}
}

func TestACutAtTheCommitIsWhollyThereOrNot(t *testing.T) {
	for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
		t.Run(string(at), func(t *testing.T) {
			plan := faulty.NewPlan(t, faulty.Cut{Step: "commit", At: at})
			h := open(t, func(o *store.Options) { o.Step = plan.Step })
			hook := false
			err := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
				tx.AfterCommit(func() { hook = true })
				return pin(h.Store, "ada@contoso.example")(ctx, tx)
			})
			if !errors.Is(err, faulty.ErrCut) || hook {
				t.Errorf("Update = %v (hook called: %v), want the cut", err, hook)
			}
			if there := pinned(t, h.Store, "ada@contoso.example"); there != (at == faulty.After) {
				t.Errorf("after a cut %s the commit, it is there: %v", at, there)
			}
			h.update(t, pin(h.Store, "ada@contoso.example")) // the retry
		})
	}
}

// TestACommitIsCutByTheNamesOfWhatIsInIt cuts by the name that an update gave
// what it does; one that was taken back leaves no name.
func TestACommitIsCutByTheNamesOfWhatIsInIt(t *testing.T) {
	for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
		t.Run(string(at), func(t *testing.T) {
			plan := faulty.NewPlan(t, faulty.Cut{Step: "pin", At: at})
			h := open(t, func(o *store.Options) { o.Step = plan.Step })
			update := func(own error) error {
				return h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
					tx.Step("pin")
					return errors.Join(pin(h.Store, "ada@contoso.example")(ctx, tx), own)
				})
			}
			if err := update(errOwn); !errors.Is(err, errOwn) || errors.Is(err, faulty.ErrCut) {
				t.Errorf("what was taken back ended with %v", err)
			}
			if err := update(nil); !errors.Is(err, faulty.ErrCut) {
				t.Errorf("Update = %v, want the cut", err)
			}
			if there := pinned(t, h.Store, "ada@contoso.example"); there != (at == faulty.After) {
				t.Errorf("after a cut %s, it is there: %v", at, there)
			}
		})
	}
}

// TestBulkWorkTakesTurns has work of both kinds arrive while a group commits.
func TestBulkWorkTakesTurns(t *testing.T) {
	situations := map[string]struct {
		first func(h house) func(context.Context, func(context.Context, graphwarden.Tx) error) error
		want  []string
	}{
		"after bulk work, the urgent comes first": {func(h house) func(context.Context, func(context.Context, graphwarden.Tx) error) error {
			return h.UpdateBulk
		}, []string{"first", "urgent", "urgent", "bulk", "bulk"}},
		"after urgent work, a slice of the bulk, which takes the urgent with it": {func(h house) func(context.Context, func(context.Context, graphwarden.Tx) error) error {
			return h.Update
		}, []string{"first", "bulk", "urgent", "urgent", "bulk"}},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			var order []string
			note := func(name string) func(context.Context, graphwarden.Tx) error {
				return func(context.Context, graphwarden.Tx) error { order = append(order, name); return nil }
			}
			var arrive func()
			h := open(t, func(o *store.Options) {
				o.Step = func(_ string, commit func() error) error {
					if arrive != nil {
						arrive()
						arrive = nil
					}
					return commit()
				}
			})
			synctest.Test(t, func(t *testing.T) {
				var all sync.WaitGroup
				arrive = func() {
					for range 2 {
						all.Go(func() { _ = h.UpdateBulk(t.Context(), note("bulk")) })
						all.Go(func() { _ = h.Update(t.Context(), note("urgent")) })
					}
					synctest.Wait() // all wait for their turn
				}
				if err := s.first(h)(t.Context(), note("first")); err != nil {
					t.Error(err)
				}
				all.Wait()
			})
			if !slices.Equal(order, s.want) {
				t.Errorf("ran %v, want %v", order, s.want)
			}
		})
	}
}

func TestAPanicInAGroupComesBackToItsOwnCaller(t *testing.T) {
	h := open(t)
	var recovered [3]any
	first := inGroup(t, h, len(recovered), func(i int) {
		defer func() { recovered[i] = recover() }()
		_ = h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			if i == 1 {
				panic("on purpose")
			}
			return pin(h.Store, fmt.Sprint("user", i))(ctx, tx)
		})
	})
	if first != nil || recovered != [3]any{1: "on purpose"} || !pinned(t, h.Store, "user0") || !pinned(t, h.Store, "user2") {
		t.Errorf("the panics that came back are %v, the first update returned %v", recovered, first)
	}
}

func TestCloseWaitsForWhatIsBeingWritten(t *testing.T) {
	h := open(t)
	synctest.Test(t, func(t *testing.T) {
		var closing sync.WaitGroup
		err := h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			closing.Go(func() {
				if err := h.Close(); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait() // Close has begun
			return pin(h.Store, "ada@contoso.example")(ctx, tx)
		})
		if err != nil {
			t.Errorf("Update = %v", err)
		}
		closing.Wait()
	})
	if !pinned(t, reopen(t, h), "ada@contoso.example") {
		t.Error("it is gone")
	}
}

func TestATestThatFailsInAnUpdateLeavesTheStoreUsable(t *testing.T) {
	h := open(t)
	var gone sync.WaitGroup
	gone.Go(func() {
		_ = h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			_ = pin(h.Store, "ada@contoso.example")(ctx, tx)
			runtime.Goexit() // as FailNow does
			return nil
		})
	})
	gone.Wait()
	h.update(t, pin(h.Store, "grace@contoso.example"))
	if pinned(t, h.Store, "ada@contoso.example") {
		t.Error("the abandoned update stayed")
	}
}

func TestATransactionThatIsOverIsRefused(t *testing.T) {
	h := open(t)
	var kept graphwarden.Tx
	h.update(t, func(_ context.Context, tx graphwarden.Tx) error { kept = tx; return nil })
	if err := pin(h.Store, "ada@contoso.example")(t.Context(), kept); err == nil {
		t.Error("a transaction was used after its end")
	}
	if err := pin(h.Store, "ada@contoso.example")(t.Context(), foreign{}); err == nil {
		t.Error("a transaction of something else was used")
	}
}

// foreign is a transaction of no store.
type foreign struct{}

func (foreign) Now() time.Time     { return time.Time{} }
func (foreign) AfterCommit(func()) {}
func (foreign) Step(string)        {}

func TestTheTransactionsTimeDoesNotMove(t *testing.T) {
	h := open(t)
	h.update(t, func(_ context.Context, tx graphwarden.Tx) error {
		before := tx.Now()
		h.clock.Advance(time.Hour)
		if !tx.Now().Equal(before) {
			t.Errorf("the transaction's time moved from %v to %v", before, tx.Now())
		}
		return nil
	})
}
