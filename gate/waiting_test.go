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
