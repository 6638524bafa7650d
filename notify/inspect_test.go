package notify_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/internal/rig"
)

// inspected is a keeper that has made its subscription, and is stopped.
func inspected(t *testing.T) *house {
	t.Helper()
	h := keep(t, nil, address)
	h.every = time.Hour
	h.at(address)
	stop := h.run(t)
	time.Sleep(time.Second)
	stop()
	return h
}

func TestARemovalWhoseWordWasLostIsFoundAndTheGapRead(t *testing.T) {
	for situation, away := range map[string]bool{"while it ran": false, "while nothing ran": true} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := inspected(t)
				old, marked := h.stored(t), h.marked.Load()
				if away {
					h.office.remove()
				}
				h.at(address)
				stop := h.run(t)
				defer stop()
				if !away {
					time.Sleep(time.Minute)
					h.office.remove()
				}
				time.Sleep(time.Hour)
				s := h.stored(t)
				if live := h.office.alive(); s.ID == old.ID || len(live) != 1 || live[0].ID != s.ID {
					t.Errorf("stored is %s after %s, alive are %v", s.ID, old.ID, live)
				}
				if h.marked.Load() == marked {
					t.Error("what changed meanwhile is not looked for")
				}
			})
		})
	}
}

// TestASubscriptionThatNobodyStoredIsDeleted has another at Microsoft, as a
// process leaves it that dies between making and storing it. One for another
// address belongs to somebody else.
func TestASubscriptionThatNobodyStoredIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := inspected(t)
		known := h.office.alive()[0]
		for id, url := range map[string]string{"00000000-0000-0000-0000-00000000000a": address, "00000000-0000-0000-0000-00000000000b": "https://other.example/hooks/graph"} {
			other := known
			other.ID, other.URL = id, url
			h.office.mu.Lock()
			h.office.made = append(h.office.made, other)
			h.office.mu.Unlock()
		}
		h.at(address)
		stop := h.run(t)
		defer stop()
		time.Sleep(30 * time.Second)
		if n := len(h.office.alive()); n != 3 {
			t.Errorf("%d are alive at once after the start: one that is just being made would be gone", n)
		}
		time.Sleep(2 * time.Minute)
		ids := map[string]bool{}
		for _, s := range h.office.alive() {
			ids[s.ID] = true
		}
		if len(ids) != 2 || !ids[known.ID] || !ids["00000000-0000-0000-0000-00000000000b"] || h.stored(t).ID != known.ID || !h.keeper.Awake("office", rig.Alice) {
			t.Errorf("alive are %v", ids)
		}
	})
}
