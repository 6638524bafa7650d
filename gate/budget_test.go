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
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
)

func TestAMailboxHasFourCallsUnderWayAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		var now, most atomic.Int64
		m.Answer(func(w http.ResponseWriter, q *http.Request) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			now.Add(-1)
		})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if answer, err := r.Gate.Do(t.Context(), list(rig.Alice)); err != nil {
					t.Error(err)
				} else {
					answer.Body.Close()
				}
			})
		}
		all.Wait()
		if most.Load() != 4 {
			t.Errorf("%d calls were under way together, Microsoft allows 4 and we use them", most.Load())
		}
	})
}

func TestAWaitingCallCanBeGivenUpAndAnotherMailboxGoesOn(t *testing.T) {
	r, _ := put(t, nil)
	var held []*gate.Answer
	for range 4 {
		answer, err := r.Gate.Do(t.Context(), list(rig.Alice))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, answer)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Gate.Do(ctx, list(rig.Alice)); !errors.Is(err, context.Canceled) {
		t.Errorf("a fifth call ended with %v", err)
	}
	answer, err := r.Gate.Do(t.Context(), list(rig.Bob))
	finish(t, answer, err)
	for _, a := range held {
		a.Body.Close()
	}
	answer, err = r.Gate.Do(t.Context(), list(rig.Alice))
	finish(t, answer, err)
}

// TestACallThatIsToBeginSoonDoesNotWaitForEver: past its time it is told to come again, and
// nothing was sent; where a place is free it goes, and its own time is not bounded by that.
func TestACallThatIsToBeginSoonDoesNotWaitForEver(t *testing.T) {
	r, m := put(t, nil)
	soon := gate.BeginBy(t.Context(), time.Now().Add(-time.Hour))
	var held []*gate.Answer
	for range 4 {
		answer, err := r.Gate.Do(soon, list(rig.Alice))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, answer)
	}
	before := len(m.Requests())
	var later *graphwarden.Later
	if _, err := r.Gate.Do(soon, list(rig.Alice)); !errors.As(err, &later) || later.After <= 0 {
		t.Errorf("a fifth call ended with %v", err)
	}
	gone, cancel := context.WithCancel(soon)
	cancel()
	if _, err := r.Gate.Do(gone, list(rig.Alice)); !errors.Is(err, context.Canceled) && !errors.As(err, &later) {
		t.Errorf("one that was given up ended with %v", err)
	}
	if n := len(m.Requests()); n != before {
		t.Errorf("%d calls were sent", n-before)
	}
	for _, a := range held {
		a.Body.Close()
	}
	answer, err := r.Gate.Do(soon, list(rig.Alice))
	finish(t, answer, err)
}

func TestPlacesAreFreedWhenCallsFail(t *testing.T) {
	r := rig.New(t, nil)
	r.Microsoft.Answer(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for range 9 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		_, err := r.Gate.Do(ctx, list(rig.Alice))
		cancel()
		var refusal *graphwarden.Refusal
		if !errors.As(err, &refusal) || refusal.Kind != graphwarden.Unreachable {
			t.Fatalf("Do = %v", err)
		}
	}
}

func TestMicrosoftsPauseHoldsForTheWholeMailbox(t *testing.T) {
	for situation, test := range map[string]struct {
		status int
		after  string
		least  time.Duration
		most   time.Duration
	}{
		"with a time":    {http.StatusTooManyRequests, "30", 30 * time.Second, 30 * time.Second},
		"without a time": {http.StatusTooManyRequests, "", time.Second, 1500 * time.Millisecond},
		"unavailable":    {http.StatusServiceUnavailable, "7", 7 * time.Second, 7 * time.Second},
		"gateway":        {http.StatusGatewayTimeout, "", time.Second, 1500 * time.Millisecond},
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, m := put(t, nil)
				m.Answer(func(w http.ResponseWriter, _ *http.Request) {
					if test.after != "" {
						w.Header().Set("Retry-After", test.after)
					}
					w.WriteHeader(test.status)
				})
				answer, err := r.Gate.Do(t.Context(), list(rig.Alice))
				finish(t, answer, err)
				if answer.Wait < test.least || answer.Wait > test.most {
					t.Errorf("the mailbox waits %s", answer.Wait)
				}
				m.Answer(rig.Says(http.StatusOK, `{"value":[]}`))
				var later *graphwarden.Later
				if _, err := r.Gate.Do(t.Context(), list(rig.Alice)); !errors.As(err, &later) || later.After <= 0 || later.After > test.most {
					t.Fatalf("the next call ended with %v", err)
				}
				other, err := r.Gate.Do(t.Context(), list(rig.Bob))
				finish(t, other, err)
				time.Sleep(later.After)
				answer, err = r.Gate.Do(t.Context(), list(rig.Alice))
				finish(t, answer, err)
				if n := len(m.Requests()); n != 3 {
					t.Errorf("%d requests were sent, want 3", n)
				}
			})
		})
	}
}
