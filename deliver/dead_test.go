package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/seal"
)

func asRefusal(err error, r **graphwarden.Refusal) bool { return errors.As(err, r) }

func (s *set) state(t *testing.T) graphwarden.SinkState {
	t.Helper()
	all, err := s.Store.SinkStates(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d sinks, %v", len(all), err)
	}
	return all[0]
}

// desk is where operators ask for something.
func (s *set) desk() deliver.Desk {
	return deliver.Desk{Deliver: s.deliver, Shelf: s.Store, Ledger: s.Ledger, Random: strings.NewReader(strings.Repeat("random", 100))}
}

// declines has the receiver decline versions of items, "a1" for a word.
func declines(words ...string) func(http.ResponseWriter, graphwarden.Envelope) bool {
	return func(w http.ResponseWriter, e graphwarden.Envelope) bool {
		for _, word := range words {
			if e.Subject == word[:1] && strings.Contains(string(e.Data.Item), `"n":"`+word[1:]+`"`) {
				w.WriteHeader(http.StatusUnprocessableEntity)
				return false
			}
		}
		return true
	}
}

// TestWhatIsDeclinedForThreeDaysIsSetAside follows one delivery through its
// schedule (R42): at least 75 hours, and then the item's later changes go on.
func TestWhatIsDeclinedForThreeDaysIsSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		begun := time.Now()
		var tried []time.Duration
		s.shop.set(func(w http.ResponseWriter, e graphwarden.Envelope) bool {
			if strings.Contains(string(e.Data.Item), `"n":"1"`) {
				tried = append(tried, time.Since(begun))
			}
			return declines("a1")(w, e)
		})
		stop := s.run(t)
		s.happen(t, "a1")
		s.happen(t, "a2 b9")
		time.Sleep(74 * time.Hour)
		s.wants(t, "b9")
		if x := s.state(t); x.Failing != 1 || x.Dead != 0 || x.Pending != 2 {
			t.Errorf("before its end: %+v", x)
		}
		time.Sleep(10 * time.Hour)
		s.wants(t, "a2 b9") // what was behind it goes on
		last := tried[len(tried)-1]
		if last < 75*time.Hour || last > 80*time.Hour || len(tried) < 20 {
			t.Errorf("%d attempts, the last after %s", len(tried), last)
		}
		var waits []time.Duration
		for i := 2; i < len(tried); i++ {
			waits = append(waits, tried[i]-tried[i-1])
		}
		late := waits[len(waits)-10:]
		if slices.Max(late) == slices.Min(late) {
			t.Error("the waits are all alike: there is no jitter")
		}
		if x := s.state(t); x.Dead != 1 || x.Failing != 0 || x.Pending != 0 {
			t.Errorf("after its end: %+v", x)
		}
		dead, err := s.Store.FailedDeliveries(t.Context(), "shop", true, 0, "", 10)
		if err != nil || len(dead) != 1 || dead[0].Reason != "The receiver answered 422." {
			t.Fatalf("%+v, %v", dead, err)
		}
		attempts, err := s.Store.Attempts(t.Context(), "shop", 1)
		if err != nil || len(attempts) != 20 || attempts[19].Status != 422 {
			t.Errorf("the attempts are %+v, %v", attempts, err)
		}
		stop()

		s.shop.set(nil)
		stop = s.run(t)
		defer stop()
		desk := s.desk()
		if r, err := desk.Replay(t.Context(), deliver.Asked{Sink: "shop", Dead: true}); err != nil || r.Total != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		time.Sleep(time.Minute)
		if x := s.state(t); x.Dead != 0 || x.Replaying != 0 {
			t.Errorf("after the replay: %+v", x)
		}
		if got := s.shop.got[len(s.shop.got)-1]; got.ID != dead[0].ID || got.Sequence != 1 {
			t.Errorf("the replay told %+v", got)
		}
	})
}

// TestAnOutageOfThreeDaysLosesNothing (R42).
func TestAnOutageOfThreeDaysLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("three days of attempts")
	}
	for name, answer := range map[string]func(http.ResponseWriter, graphwarden.Envelope) bool{
		"it says 503": says(http.StatusServiceUnavailable), "it says 500": says(http.StatusInternalServerError)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil)
				s.shop.set(answer)
				stop := s.run(t)
				defer stop()
				for hour := range 72 {
					s.happen(t, fmt.Sprintf("%c%d %c%d", 'a'+hour%20, hour/20, 'A'+hour%20, hour/20))
					time.Sleep(time.Hour)
				}
				s.shop.set(nil)
				time.Sleep(5 * time.Minute)
				if x := s.state(t); x.Pending != 0 || x.Dead != 0 {
					t.Errorf("the sink is %+v", x)
				}
				seen := map[string]bool{}
				for _, e := range s.shop.got {
					seen[e.ID] = true
				}
				if len(seen) != 144 {
					t.Errorf("%d of 144 changes arrived", len(seen))
				}
				for _, word := range strings.Fields(s.shop.story()) {
					if n := word[1:]; n != "0123" && n != "012" {
						t.Errorf("out of order: %s", word)
					}
				}
			})
		})
	}
}

// TestAReceiverThatIsDownCostsNoDeliveryItsLife: four days without an answer.
func TestAReceiverThatIsDownCostsNoDeliveryItsLife(t *testing.T) {
	if testing.Short() {
		t.Skip("four days of attempts")
	}
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(says(http.StatusBadGateway))
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 b1 a2")
		time.Sleep(4 * 24 * time.Hour)
		s.shop.set(nil)
		time.Sleep(10 * time.Minute)
		s.wants(t, "a12 b1")
	})
}

func TestADeclinedDeliveryWaitsAsLongAsItIsAskedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
			w.Header().Set("Retry-After", "1800")
			w.WriteHeader(http.StatusInternalServerError)
			return false
		})
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1")
		time.Sleep(29 * time.Minute)
		if hits, _ := s.shop.counts(); hits != 1 {
			t.Errorf("hit %d times within the half hour that it asked for", hits)
		}
		s.shop.set(nil)
		time.Sleep(2 * time.Minute)
		s.wants(t, "a1")
	})
}

func TestADisabledSinkIsEnabledByCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(says(http.StatusGone))
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 a2")
		time.Sleep(time.Hour)
		if x := s.state(t); x.Disabled == "" || x.Pending != 2 {
			t.Errorf("the sink is %+v", x)
		}
		s.shop.set(nil)
		desk := s.desk()
		if err := desk.Enable(t.Context(), "shop"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.wants(t, "a12")
	})
}

// TestAReplayDoesNotHoldUpWhatIsNew tells 3,000 old changes while new ones come.
func TestAReplayDoesNotHoldUpWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		stop := s.run(t)
		defer stop()
		for n := range 150 {
			s.happen(t, fmt.Sprintf("a%d b%d c%d d%d e%d f%d g%d h%d i%d j%d", n, n, n, n, n, n, n, n, n, n))
		}
		time.Sleep(time.Minute)
		var newest time.Time
		s.shop.set(func(_ http.ResponseWriter, e graphwarden.Envelope) bool {
			time.Sleep(10 * time.Millisecond)
			if e.Subject == "Z" {
				newest = time.Now()
			}
			return true
		})
		desk := s.desk()
		r, err := desk.Replay(t.Context(), deliver.Asked{Sink: "shop"})
		if err != nil || r.Total != 1500 {
			t.Fatalf("%+v, %v", r, err)
		}
		time.Sleep(500 * time.Millisecond)
		at := time.Now()
		s.happen(t, "Z1")
		time.Sleep(time.Second)
		if took := newest.Sub(at); newest.IsZero() || took > 300*time.Millisecond {
			t.Errorf("what is new took %s", took)
		}
		time.Sleep(time.Minute)
		if _, taken := s.shop.counts(); taken != 3001 {
			t.Errorf("%d were taken, want each once more", taken)
		}
		s.wantsEach(t, 1501)
	})
}

// wantsEach says how many different deliveries were taken.
func (s *set) wantsEach(t *testing.T, n int) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range s.shop.got {
		seen[e.ID] = true
	}
	if len(seen) != n {
		t.Errorf("%d different deliveries, want %d", len(seen), n)
	}
}

// TestTwoProcessesServeASinkOneAfterTheOther: a process that has lost the sink
// while its requests were under way sets nothing back.
func TestTwoProcessesServeASinkOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		var mu sync.Mutex
		held := true // the first process's requests hang
		s.shop.set(func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
			mu.Lock()
			hang := held
			mu.Unlock()
			if hang {
				time.Sleep(14 * time.Second)
				w.WriteHeader(http.StatusInternalServerError)
				return false
			}
			return true
		})
		short := func(c *deliver.Config) { c.Span = 15 * time.Second }
		s.deliver = s.with(nil, "http://shop.test/hook", short)
		one := s.deliver
		stopOne := s.run(t)
		synctest.Wait()
		s.happen(t, "a1 b1 a2")
		time.Sleep(time.Second)
		// The first process is taken the sink away, as if it had not answered for long.
		err := s.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			if err := s.Store.LetGo(ctx, tx, "sink/shop", "one"); err != nil {
				return err
			}
			_, err := s.Store.Hold(ctx, tx, "sink/shop", "two", 15*time.Second)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		held = false
		mu.Unlock()
		s.deliver = s.with(nil, "http://shop.test/hook", short, func(c *deliver.Config) { c.Holder = "two" })
		stopTwo := s.run(t)
		time.Sleep(time.Minute)
		s.wants(t, "a12 b1")
		if x := s.state(t); x.Pending != 0 || x.Failing != 0 || x.Refused != 0 {
			t.Errorf("what the first process found out late was kept: %+v", x)
		}
		stopTwo()
		s.deliver = one
		s.happen(t, "a3")
		time.Sleep(time.Minute) // the first takes over
		s.wants(t, "a123 b1")
		stopOne()
	})
}

// TestOneSinksFailureDoesNotSlowAnother (R42): 99 of 100 changes reach B no later
// than with A in good health, while A lets every request time out.
func TestOneSinksFailureDoesNotSlowAnother(t *testing.T) {
	slowest := func(t *testing.T, a func(http.ResponseWriter, graphwarden.Envelope) bool) time.Duration {
		s := put(t, nil)
		s.Net.Serve("a.test:80", &shop{key: s.shop.key, answer: a})
		var mu sync.Mutex
		stored := map[string]time.Time{}
		var took []time.Duration
		arrived := make(chan struct{}, 1000)
		s.shop.set(func(_ http.ResponseWriter, e graphwarden.Envelope) bool {
			mu.Lock()
			took = append(took, time.Since(stored[e.Subject]))
			mu.Unlock()
			arrived <- struct{}{}
			return true
		})
		s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) {
			c.Targets = append(c.Targets, deliver.Target{Sink: graphwarden.Sink{Name: "a", App: "crm", Flow: "office", URL: "http://a.test/"}, Keys: deliver.Fixed{seal.New(s.shop.key)}})
		})
		stop := s.run(t)
		defer stop()
		for i := range 200 {
			mu.Lock()
			stored[string(rune(0x4e00+i))] = time.Now()
			mu.Unlock()
			s.item(t, string(rune(0x4e00+i)))
			<-arrived
		}
		slices.Sort(took)
		return took[len(took)*99/100]
	}
	well := slowest(t, nil)
	ill := slowest(t, func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return false
	})
	t.Logf("p99 of B: %s while A is well, %s while A fails", well, ill)
	if ill > well+50*time.Millisecond {
		t.Errorf("A's failure adds %s to B", ill-well)
	}
}
