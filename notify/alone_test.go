package notify_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/flow"
)

// personal makes the flow one of people who sign in for themselves.
func personal(f *flow.Flow) { f.People = true }

// TestAPersonsSubscriptionThatEndsWithoutAWordIsMissed: nobody lists what belongs to a
// person, so that it is asked after by renewing it.
func TestAPersonsSubscriptionThatEndsWithoutAWordIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		h.roster.change(personal)
		stop := h.run(t)
		defer stop()
		time.Sleep(time.Minute)
		was := h.stored(t)
		h.office.remove()
		time.Sleep(100 * time.Minute) // ten quarters of an hour are half a life
		if is := h.stored(t); is.ID == was.ID || !slices.ContainsFunc(h.office.alive(), func(m made) bool { return m.ID == is.ID }) {
			t.Errorf("stored is %+v, alive %+v", is, h.office.alive())
		}
		if h.marked.Load() != 2 {
			t.Errorf("the feeds were woken %d times: what changed in the gap is not looked for", h.marked.Load())
		}
		h.office.set(0)
		time.Sleep(24 * time.Hour)
		if n := h.office.set(0); n < 14 || n > 24 {
			t.Errorf("%d calls in a day, want one in an hour and a quarter or a half", n)
		}
	})
}

// TestNothingIsLeftOfWhoPartsWhileAnotherProcessMakesIt: the keeper of one process is
// about to make a subscription when a person leaves at another, which knows nothing of
// it yet.
func TestNothingIsLeftOfWhoPartsWhileAnotherProcessMakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		h.roster.change(personal)
		h.office.slowly = func() { time.Sleep(3 * time.Second) }
		stop := h.run(t)
		defer stop()
		time.Sleep(time.Second) // Microsoft is making it
		there := &house{Rig: h.Rig, office: h.office}
		there.at(address)
		there.roster.change(personal)
		if err := there.keeper.Part(t.Context(), "office", h.Flow.Mailboxes[0].ID); err != nil {
			t.Fatal(err)
		}
		if list, err := h.Store.Subscriptions(t.Context(), ""); err != nil || len(list) != 0 || len(h.office.alive()) != 0 {
			t.Errorf("after parting: stored are %+v (%v), alive %+v", list, err, h.office.alive())
		}
		h.keeper.Wake()
		time.Sleep(10 * time.Second) // in which they leave
		if len(h.office.alive()) != 0 {
			t.Errorf("somebody who is leaving has one again: %+v", h.office.alive())
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(h.office.alive()) != 1 { // they did not leave after all
			t.Errorf("alive are %+v", h.office.alive())
		}
	})
}
