package gate_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/policy"
)

// member makes a gate of another process on the rig's store, which lives until
// the test or its stop ends it.
func member(t *testing.T, r *rig.Rig, holder string) (g *gate.Gate, stop func()) {
	t.Helper()
	c := r.Config(t, r.Net.Client())
	c.Cluster, c.Holder = r.Store, holder
	g = gate.New(c).With(rig.Lender{})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = g.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return g, stop
}

// crowd counts the calls that are under way at Microsoft.
type crowd struct{ now, most, all atomic.Int64 }

func (c *crowd) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	c.all.Add(1)
	if n := c.now.Add(1); n > c.most.Load() {
		c.most.Store(n)
	}
	time.Sleep(time.Second)
	c.now.Add(-1)
	rig.Says(http.StatusOK, `{"value":[]}`)(w, nil)
}

func TestProcessesTogetherHaveFourCallsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		c := &crowd{}
		m.Answer(c.ServeHTTP)
		var all sync.WaitGroup
		for _, holder := range []string{"one", "two", "three"} {
			g, stop := member(t, r, holder)
			defer stop()
			for range 12 {
				all.Go(func() {
					answer, err := g.Do(t.Context(), list(rig.Alice))
					if err != nil {
						t.Error(err)
						return
					}
					answer.Body.Close()
				})
			}
		}
		began := time.Now()
		all.Wait()
		if c.most.Load() != 4 || c.all.Load() != 36 {
			t.Errorf("%d calls were under way together of %d: Microsoft allows 4, and we use them", c.most.Load(), c.all.Load())
		}
		if spent := time.Since(began); spent > 11*time.Second {
			t.Errorf("36 calls of a second took %s: the places are not used to the full", spent)
		}
	})
}

// TestACallDoesNotWaitForEverForOtherProcesses: their calls have all places, and one that is
// to begin soon is told to come again.
func TestACallDoesNotWaitForEverForOtherProcesses(t *testing.T) {
	r, m := put(t, nil)
	one, _ := member(t, r, "one")
	two, _ := member(t, r, "two")
	var held []*gate.Answer
	for range 4 {
		answer, err := one.Do(t.Context(), list(rig.Alice))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, answer)
	}
	before := len(m.Requests())
	var later *graphwarden.Later
	if _, err := two.Do(gate.BeginBy(t.Context(), time.Now().Add(-time.Hour)), list(rig.Alice)); !errors.As(err, &later) {
		t.Errorf("it ended with %v", err)
	}
	if n := len(m.Requests()); n != before {
		t.Errorf("%d calls were sent", n-before)
	}
	for _, a := range held {
		a.Body.Close()
	}
	answer, err := two.Do(t.Context(), list(rig.Alice))
	finish(t, answer, err)
}

func TestAProcessThatIsAloneHasAllPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		c := &crowd{}
		m.Answer(c.ServeHTTP)
		g, stop := member(t, r, "one")
		defer stop()
		var all sync.WaitGroup
		began := time.Now()
		for range 20 {
			all.Go(func() {
				answer, err := g.Do(t.Context(), list(rig.Alice))
				if err == nil {
					answer.Body.Close()
				}
			})
		}
		all.Wait()
		if spent := time.Since(began); spent > 5100*time.Millisecond {
			t.Errorf("20 calls of a second in four places took %s", spent)
		}
	})
}

func TestTheCallsOfADeadProcessDoNotHoldPlacesForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := put(t, nil)
		one, kill := member(t, r, "one")
		for range 4 { // they are never closed: the process dies with them
			if _, err := one.Do(t.Context(), list(rig.Alice)); err != nil {
				t.Fatal(err)
			}
		}
		kill()
		two, stop := member(t, r, "two")
		defer stop()
		began := time.Now()
		answer, err := two.Do(t.Context(), list(rig.Alice))
		finish(t, answer, err)
		if spent := time.Since(began); spent < 5*time.Second || spent > 16*time.Second {
			t.Errorf("a place was free after %s, want 15 s after the last sign of life", spent)
		}
	})
}

func TestAProcessThatCannotShowThatItLivesEndsItsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		release := make(chan struct{})
		m.Answer(func(http.ResponseWriter, *http.Request) { <-release })
		defer close(release)
		c := r.Config(t, r.Net.Client())
		ill := &illness{Cluster: r.Store}
		c.Cluster, c.Holder = ill, "one"
		g := gate.New(c).With(rig.Lender{})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = g.Run(ctx) })
		ended := make(chan error, 1)
		go func() {
			_, err := g.Do(ctx, list(rig.Alice))
			ended <- err
		}()
		time.Sleep(time.Second)
		ill.ill.Store(true)
		began := time.Now()
		if err := <-ended; err == nil {
			t.Error("the call went on")
		}
		if spent := time.Since(began); spent > 15*time.Second {
			t.Errorf("it ended after %s, when others already had its place", spent)
		}
		if _, err := g.Do(ctx, list(rig.Bob)); err == nil {
			t.Error("a process that cannot show that it lives calls Microsoft")
		}
		ill.ill.Store(false)
		m.Answer(rig.Says(http.StatusOK, `{"value":[]}`))
		answer, err := g.Do(ctx, list(rig.Bob))
		finish(t, answer, err)
		cancel()
		running.Wait()
	})
}

// illness is a cluster that takes no sign of life while it is ill.
type illness struct {
	gate.Cluster
	ill atomic.Bool
}

func (i *illness) Live(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration) error {
	if i.ill.Load() {
		return errors.New("cut")
	}
	return i.Cluster.Live(ctx, tx, holder, span)
}

func TestMicrosoftsPauseHoldsInEveryProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		one, stop1 := member(t, r, "one")
		two, stop2 := member(t, r, "two")
		defer stop1()
		defer stop2()
		m.Answer(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		answer, err := one.Do(t.Context(), list(rig.Alice))
		finish(t, answer, err)
		m.Answer(rig.Says(http.StatusOK, `{"value":[]}`))
		var later *graphwarden.Later
		if _, err := two.Do(t.Context(), list(rig.Alice)); !errors.As(err, &later) || later.After > 30*time.Second || later.After < 29*time.Second {
			t.Fatalf("another process's call ended with %v", err)
		}
		answer, err = two.Do(t.Context(), list(rig.Bob))
		finish(t, answer, err)
		time.Sleep(later.After)
		answer, err = two.Do(t.Context(), list(rig.Alice))
		finish(t, answer, err)
	})
}

// TestAnAppThatAsksForMuchLeavesHalfToAnother has one app ask for a hundred calls
// before another asks for ten, of the same mailbox by the same registration.
func TestAnAppThatAsksForMuchLeavesHalfToAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		c := &crowd{}
		m.Answer(c.ServeHTTP)
		other := r.Flow
		other.Name, other.App = "board", "switchboard"
		p, err := policy.New(append(r.Flows(), other))
		if err != nil {
			t.Fatal(err)
		}
		r.Policy.Replace(p)
		config := r.Config(t, r.Net.Client())
		routes, err := gate.Routes(append(r.Flows(), other), []graphwarden.Tenant{r.Tenant}, []graphwarden.Registration{r.Registration})
		if err != nil {
			t.Fatal(err)
		}
		config.Routes = routes
		g := gate.New(config).With(rig.Lender{})
		ctx, stop := context.WithCancel(t.Context())
		var greedy, modest sync.WaitGroup
		for range 100 {
			greedy.Go(func() {
				if answer, err := g.Do(ctx, list(rig.Alice)); err == nil {
					answer.Body.Close()
				}
			})
		}
		time.Sleep(10 * time.Millisecond)
		began := time.Now()
		for range 10 {
			modest.Go(func() {
				answer, err := g.Do(ctx, gate.Call{App: "switchboard", Flow: "board", Operation: flow.ListCalendars(), Mailbox: rig.Alice})
				if err != nil {
					t.Error(err)
					return
				}
				answer.Body.Close()
			})
		}
		modest.Wait()
		if spent := time.Since(began); spent > 7*time.Second {
			t.Errorf("ten calls beside a hundred took %s; with every second place they take six seconds", spent)
		}
		stop()
		greedy.Wait()
	})
}

func TestOneWhoGivesUpHandsOnTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		m.Answer((&crowd{}).ServeHTTP)
		ctx, giveUp := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range 40 {
			within := ctx
			if i%2 == 0 {
				within = t.Context()
			}
			all.Go(func() {
				answer, err := r.Gate.Do(within, list(rig.Alice))
				if err == nil {
					answer.Body.Close()
				} else if within == t.Context() {
					t.Error(err)
				}
			})
		}
		time.Sleep(1500 * time.Millisecond)
		giveUp()
		all.Wait()
		c := &crowd{}
		m.Answer(c.ServeHTTP)
		for range 8 {
			all.Go(func() {
				answer, err := r.Gate.Do(t.Context(), list(rig.Alice))
				finish(t, answer, err)
			})
		}
		all.Wait()
		if c.most.Load() != 4 {
			t.Errorf("%d places are left of 4", c.most.Load())
		}
	})
}
