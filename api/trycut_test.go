package api

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/store"
)

// TestARequestHappensOnceWhereverItIsCut cuts the two commits of a request that must
// not happen twice, before and after, and has the app send it again: at once, and when
// nobody has it in hand any more. If the process could not keep the answer, the handler
// is asked again for the same Try, as kept says.
func TestARequestHappensOnceWhereverItIsCut(t *testing.T) {
	const body = `{"sink":"a"}`
	for _, test := range []struct {
		name                  string
		cut                   faulty.Cut
		first, atOnce, later  int // the answers
		made, againMade, done int
	}{
		{"not taken in hand", faulty.Cut{Nth: 1, At: faulty.Before}, 500, 201, 201, 0, 1, 1},
		{"taken in hand, the word of it lost", faulty.Cut{Nth: 1, At: faulty.After}, 500, 409, 201, 0, 0, 1},
		{"done, and its answer not kept", faulty.Cut{Nth: 2, At: faulty.Before}, 500, 409, 201, 1, 1, 2},
		{"done and kept, the word of it lost", faulty.Cut{Nth: 2, At: faulty.After}, 500, 201, 201, 1, 1, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var mu sync.Mutex // guards ahead
			var ahead time.Duration
			now := func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(ahead) }
			var plan *faulty.Plan
			s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db"), Now: now, Step: func(name string, act func() error) error {
				if plan == nil {
					return act()
				}
				return plan.Step(name, act)
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			p := newPosting(t, s)
			p.now = now()
			test.cut.Step = "commit"
			plan = faulty.NewPlan(t, test.cut)
			if w := p.post("writer", "k", body); w.Code != test.first || p.made != test.made {
				t.Errorf("cut: %d, made %d: %s", w.Code, p.made, w.Body)
			}
			if w := p.post("writer", "k", body); w.Code != test.atOnce || p.made != test.againMade {
				t.Errorf("at once: %d, made %d: %s", w.Code, p.made, w.Body)
			}
			mu.Lock()
			ahead = 3 * answerWait
			mu.Unlock()
			p.now = now()
			for range 2 {
				if w := p.post("writer", "k", body); w.Code != test.later || p.made != test.done || strings.TrimSpace(w.Body.String()) != body {
					t.Errorf("later: %d, made %d: %s", w.Code, p.made, w.Body)
				}
			}
			if w := p.post("writer", "k", `{"sink":"b"}`); w.Code != http.StatusUnprocessableEntity || p.made != test.done {
				t.Errorf("another request: %d %s", w.Code, w.Body)
			}
			mu.Lock()
			ahead += 49 * time.Hour // answers are kept for two days
			mu.Unlock()
			p.now = now()
			if w := p.post("writer", "k", `{"sink":"b"}`); w.Code != http.StatusCreated || p.made != test.done+1 {
				t.Errorf("after two days: %d, made %d: %s", w.Code, p.made, w.Body)
			}
		})
	}
}

// TestTwoAtOnceAreOne sends the same request many times at once.
func TestTwoAtOnceAreOne(t *testing.T) {
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := newPosting(t, s)
	var all sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	for range 20 {
		all.Go(func() {
			w := p.post("writer", "k", `{"sink":"a"}`)
			mu.Lock()
			defer mu.Unlock()
			codes[w.Code]++
		})
	}
	all.Wait()
	if p.made != 1 || codes[http.StatusCreated] == 0 || codes[http.StatusCreated]+codes[http.StatusConflict] != 20 {
		t.Errorf("made %d, answered %v", p.made, codes)
	}
}

// TestWhatIsCalledHarmlessNeedsNoRightToWrite: a route that says that it changes nothing
// is one that a key may ask that only reads, and what begins something is not.
func TestWhatIsCalledHarmlessNeedsNoRightToWrite(t *testing.T) {
	for _, rt := range everyRoute().apps.table {
		changes := rt.writes && rt.method() != http.MethodGet
		switch {
		case rt.repeats == harmless && changes, rt.repeats == fleeting && !changes:
			t.Errorf("%s: writes %v", rt.pattern, rt.writes)
		case rt.method() == http.MethodPost && !rt.writes && !rt.repeats.keyless():
			t.Errorf("%s needs no right to write, and a key so that it happens once", rt.pattern)
		}
	}
}
