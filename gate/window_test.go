package gate

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// These tests stand inside the package: ten thousand calls through a ledger take
// too long.

func TestNoMailboxSpendsMoreThanItsWindow(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 9, 0, time.UTC)
	b := &budget{now: func() time.Time { return now }, buckets: map[owner]*bucket{}}
	alice, house := owner{"g", "c", "alice"}, owner{"g", "c", ""}
	var sent []time.Time
	for range 40_000 { // a call every 100 ms for more than an hour
		if err := b.charge(alice); err == nil {
			sent = append(sent, now)
		} else if later := new(graphwarden.Later); !errors.As(err, &later) || later.After <= 0 {
			t.Fatalf("charged with %v", err)
		}
		now = now.Add(time.Second / 10)
	}
	for i := range sent {
		if j := i + windowSize; j < len(sent) && sent[j].Sub(sent[i]) < windowSpan {
			t.Fatalf("%d calls within %s", windowSize+1, sent[j].Sub(sent[i]))
		}
	}
	if len(sent) < 40_000 {
		t.Errorf("only %d of 40,000 calls passed at a rate that the window allows", len(sent))
	}
	for i := range windowSize + 500 {
		err := b.charge(owner{"g", "c", "bob"})
		if (err == nil) != (i < windowSize) {
			t.Fatalf("call %d of a burst was charged with %v", i+1, err)
		}
	}
	for range windowSize + 1 {
		if err := b.charge(house); err != nil {
			t.Fatalf("a call that touches no mailbox was charged with %v", err)
		}
	}
}

func TestPausesDoubleUntilMicrosoftAnswersAgain(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	b := &budget{
		now: func() time.Time { return now }, jitter: func(d time.Duration) time.Duration { return d },
		buckets: map[owner]*bucket{},
	}
	o := owner{"g", "c", "alice"}
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		if got := b.settle(o, http.StatusTooManyRequests, nil); got != want*time.Second {
			t.Errorf("waits %s, want %s", got, want*time.Second)
		}
		now = now.Add(want * time.Second)
	}
	if got := b.settle(o, http.StatusOK, nil); got != 0 {
		t.Errorf("waits %s after an answer", got)
	}
	if got := b.settle(o, http.StatusTooManyRequests, nil); got != time.Second {
		t.Errorf("waits %s, want to begin anew", got)
	}
	b.settle(o, http.StatusTooManyRequests, http.Header{"Retry-After": {"600"}})
	if got := b.settle(o, http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}); got != 10*time.Minute {
		t.Errorf("a shorter pause took the place of a longer one: %s", got)
	}
}
