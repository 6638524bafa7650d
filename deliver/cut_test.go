package deliver_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/faulty"
)

// TestACutReplayTellsEverythingAndEnds cuts every commit and every request of a
// replay, before and after its effect: each delivery is told again, under its own
// id, and the replay ends.
func TestACutReplayTellsEverythingAndEnds(t *testing.T) {
	for _, snapshot := range []bool{false, true} {
		for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
			// Before are the sink, the duty, and the first telling's three requests.
			for nth := 3; nth <= 10; nth++ {
				step, n := "commit", nth
				if nth > 7 {
					step, n = "POST /hook", nth-4
				}
				t.Run(fmt.Sprintf("snapshot=%t %s %d %s", snapshot, step[:4], n, at), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { cutReplay(t, snapshot, faulty.Cut{Step: step, Nth: n, At: at}) })
				})
			}
		}
	}
}

func cutReplay(t *testing.T, snapshot bool, cut faulty.Cut) {
	plan := faulty.NewPlan(t, cut)
	s := put(t, plan)
	s.deliver = s.with(plan, "http://shop.test/hook", func(c *deliver.Config) { c.Span = 12 * time.Hour })
	stop := s.run(t)
	defer stop()
	synctest.Wait()
	for range 2 { // a change that is not stored is told again, as a feed would
		if s.try(t, "a1 b1 c1") == nil {
			break
		}
	}
	time.Sleep(time.Minute)
	desk := s.desk()
	for range 2 { // an operator whose command fails says it again
		if _, err := desk.Replay(t.Context(), deliver.Asked{Sink: "shop", Snapshot: snapshot}); err == nil {
			break
		}
	}
	time.Sleep(2 * time.Minute)
	synctest.Wait()
	told := map[string]int{}
	for _, e := range s.shop.got {
		told[e.ID]++
	}
	again := 0
	for _, n := range told {
		if n > 1 {
			again++
		}
	}
	if snapshot && len(told) < 6 || !snapshot && again != 3 {
		t.Errorf("told were %v", told)
	}
	list, err := s.Store.Replays(t.Context(), "shop")
	if err != nil || len(list) == 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, r := range list {
		if r.EndedAt.IsZero() || r.Done != 3 {
			t.Errorf("the replay is %+v", r)
		}
	}
}

// TestACutEndOfADeliveryLeavesItDeadOnce cuts the commits around the last
// attempt: the delivery is set aside once, and what waits behind it goes on.
func TestACutEndOfADeliveryLeavesItDeadOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("three days of attempts, four times")
	}
	for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
		t.Run(string(at), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil)
				s.shop.set(declines("a1"))
				stop := s.run(t)
				s.happen(t, "a1 a2")
				time.Sleep(75 * time.Hour)
				stop()
				if err := s.Store.Close(); err != nil {
					t.Fatal(err)
				}
				plan := faulty.NewPlan(t, faulty.Cut{Step: "commit", Nth: 3, At: at}) // the sink, the duty, the end
				s.Open(t, plan)
				s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) { c.Span = 0 })
				stop = s.run(t)
				time.Sleep(10 * time.Hour)
				stop()
				if x := s.state(t); x.Dead != 1 || x.Pending != 0 {
					t.Errorf("the sink is %+v", x)
				}
				s.wants(t, "a2")
			})
		})
	}
}
