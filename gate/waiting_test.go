package gate_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestWhoWaitsForALimitIsKnown asks to wait for a while, then lets a mailbox's four
// places hang: both are seen while they last, and for two minutes after.
func TestWhoWaitsForALimitIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		g := r.Gate
		if list := g.Waiting(); len(list) != 0 {
			t.Fatalf("somebody waits before anything was asked: %+v", list)
		}
		began := time.Now()
		m.Answer(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		for range 9 {
			if answer, err := g.Do(t.Context(), list(rig.Alice)); err == nil {
				answer.Body.Close()
			}
			time.Sleep(25 * time.Second)
		}
		all := g.Waiting()
		if len(all) != 1 || all[0].Why != graphwarden.AskedToWait || all[0].Mailbox.ID != rig.Alice || all[0].App != "crm" || all[0].Since.Sub(began) > time.Second || all[0].Registration == "" {
			t.Fatalf("who waits: %+v", all)
		}
		time.Sleep(graphwarden.WaitingForgets)
		if all = g.Waiting(); len(all) != 0 {
			t.Fatalf("it still waits: %+v", all)
		}
		m.Answer(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(12 * time.Second)
			rig.Says(http.StatusOK, `{"value":[]}`)(w, nil)
		})
		var calls sync.WaitGroup
		for range 5 {
			calls.Go(func() {
				if answer, err := g.Do(t.Context(), list(rig.Alice)); err == nil {
					answer.Body.Close()
				}
			})
		}
		calls.Wait()
		if all = g.Waiting(); len(all) != 1 || all[0].Why != graphwarden.ShortOfPlaces {
			t.Errorf("who waits for a place: %+v", all)
		}
	})
}

// TestWhoGetsThroughDoesNotWait: two bursts, nine minutes apart, of which calls go
// through in between, are no lasting wait; one in which some get through now and then
// is.
func TestWhoGetsThroughDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		ask := func(calls int, every time.Duration, busy func(int) bool) {
			for i := range calls {
				m.Answer(rig.Says(http.StatusOK, `{"value":[]}`))
				if busy(i) {
					m.Answer(func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Retry-After", "5")
						w.WriteHeader(http.StatusTooManyRequests)
					})
				}
				if answer, err := r.Gate.Do(t.Context(), list(rig.Alice)); err == nil {
					answer.Body.Close()
				}
				time.Sleep(every)
			}
		}
		always, never := func(int) bool { return true }, func(int) bool { return false }
		ask(6, 6*time.Second, always)
		if len(r.Gate.Over()) != 0 || len(r.Gate.Waiting()) != 1 {
			t.Fatal("nobody waits in the first burst")
		}
		ask(50, 10*time.Second, never)
		if over := r.Gate.Over(); len(over) != 1 || over[0].Count != 6 || over[0].Mailbox.ID != rig.Alice || len(r.Gate.Waiting()) != 0 || len(r.Gate.Over()) != 0 {
			t.Errorf("after eight minutes in which all went through: %+v, %+v", over, r.Gate.Waiting())
		}
		ask(6, 6*time.Second, always)
		if all := r.Gate.Waiting(); len(all) != 1 || all[0].Lasting() || all[0].Count != 6 {
			t.Errorf("in the second burst: %+v", all)
		}
		ask(60, 6*time.Second, func(i int) bool { return i%3 == 0 })
		if all := r.Gate.Waiting(); len(all) != 1 || !all[0].Lasting() || len(r.Gate.Over()) != 0 {
			t.Errorf("of those who wait some get through: %+v", all)
		}
	})
}
