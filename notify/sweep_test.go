package notify_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/internal/rig"
)

func TestWhatIsNotStoredIsDeletedAtMicrosoft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		orphan := made{ID: "00000000-0000-0000-0000-00000000000f", Resource: "users/" + rig.Alice + "/events", URL: address, Expires: time.Now().Add(100 * time.Hour)}
		foreign := orphan
		foreign.ID, foreign.URL = "00000000-0000-0000-0000-0000000000ff", "https://another.example/hooks"
		h.office.mu.Lock()
		h.office.made = append(h.office.made, orphan, foreign)
		h.office.mu.Unlock()
		stop := h.run(t)
		defer stop()
		time.Sleep(time.Hour)
		alive := map[string]bool{}
		for _, s := range h.office.alive() {
			alive[s.ID] = true
		}
		if len(alive) != 2 || alive[orphan.ID] || !alive[foreign.ID] || !alive[h.stored(t).ID] {
			t.Errorf("after an hour there are %v", alive)
		}
	})
}

// TestASubscriptionThatEndsWithoutAWordIsMadeAnew has Microsoft forget one whose
// word is lost. The look that misses it is cut, and each step that follows.
func TestASubscriptionThatEndsWithoutAWordIsMadeAnew(t *testing.T) {
	const list, post = "GET /v1.0/subscriptions", "POST /v1.0/subscriptions"
	// The commits of the first minute are six: decision and close of the making and
	// of the first look, the subscription's own, and one besides.
	var cuts []faulty.Cut
	for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
		cuts = append(cuts, faulty.Cut{Step: list, Nth: 2, At: at}, faulty.Cut{Step: post, Nth: 2, At: at})
		for nth := 6; nth <= 11; nth++ {
			cuts = append(cuts, faulty.Cut{Step: "commit", Nth: nth, At: at})
		}
	}
	for _, cut := range cuts {
		t.Run(fmt.Sprintf("%s %d %s", cut.Step, cut.Nth, cut.At), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := keep(t, faulty.NewPlan(t, cut), address)
				stop := h.run(t)
				defer stop()
				time.Sleep(time.Minute)
				was := h.stored(t)
				h.office.remove()
				time.Sleep(15*time.Minute + 45*time.Second) // a sweep, and a setback
				if is := h.stored(t); is.ID == was.ID || !slices.ContainsFunc(h.office.alive(), func(m made) bool { return m.ID == is.ID }) {
					t.Errorf("stored is %+v, alive %+v", is, h.office.alive())
				}
				if h.marked.Load() != 2 && (cut.Step != "commit" || cut.At != faulty.After) { // there the rows may be all that knows
					t.Errorf("the feeds were woken %d times", h.marked.Load())
				}
			})
		})
	}
}

// TestALookIsNotForgottenWhenSomethingElseWakesTheKeeper wakes it again and again
// between two looks.
func TestALookIsNotForgottenWhenSomethingElseWakesTheKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		stop := h.run(t)
		defer stop()
		time.Sleep(time.Minute)
		was := h.stored(t)
		h.office.remove()
		time.Sleep(13 * time.Minute) // the next look at the rows is later than the look at Microsoft's
		h.keeper.Wake()
		time.Sleep(time.Minute + 10*time.Second)
		if is := h.stored(t); is.ID == was.ID {
			t.Error("a subscription that ended without a word is missed later than it should")
		}
	})
}

func TestALeaverLosesItsSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		stop := h.run(t)
		defer stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		h.roster.change(func(f *flow.Flow) { f.Mailboxes, f.Whole = nil, true })
		time.Sleep(6 * time.Minute)
		if list, err := h.Store.Subscriptions(t.Context(), ""); err != nil || len(list) != 0 || len(h.office.alive()) != 0 {
			t.Errorf("stored are %+v (%v), alive %+v", list, err, h.office.alive())
		}
	})
}

func TestARenewalAndALifecycleEventDoNotOverwriteEachOther(t *testing.T) {
	d := open(t, nil)
	was, _, err := d.Store.SubscriptionByID(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	d.post(t, batch(lifecycle(first, state, "reauthorizationRequired"))) // while the renewal is under way
	expires := was.ExpiresAt.Add(48 * time.Hour)
	extend := func(ctx context.Context, tx graphwarden.Tx) error {
		return d.Store.ExtendSubscription(ctx, tx, was, expires, was.RenewAt.Add(24*time.Hour))
	}
	d.update(t, extend)
	is, _, err := d.Store.SubscriptionByID(t.Context(), first)
	if err != nil || !is.ExpiresAt.Equal(expires) || is.RenewAt.After(time.Now()) {
		t.Errorf("the demand was overwritten: %+v, %v", is, err)
	}
	d.post(t, batch(lifecycle(first, state, "subscriptionRemoved")))
	d.update(t, extend)
	if _, there, _ := d.Store.SubscriptionByID(t.Context(), first); there {
		t.Error("a renewal brought a removed subscription back")
	}
}

// TestAFlowThatWasRemovedLosesItsSubscription has another flow use the same
// registration. While somebody still reads the removed one, nothing ends.
func TestAFlowThatWasRemovedLosesItsSubscription(t *testing.T) {
	for _, cut := range []faulty.Cut{
		{}, {Step: "DELETE /v1.0/subscriptions/00000000-0000-0000-0000-000000000001", At: faulty.Before},
		{Step: "DELETE /v1.0/subscriptions/00000000-0000-0000-0000-000000000001", At: faulty.After},
	} {
		t.Run("cut "+string(cut.At), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cuts []faulty.Cut
				if cut.Step != "" {
					cuts = append(cuts, cut)
				}
				h := keep(t, faulty.NewPlan(t, cuts...), address)
				var feed graphwarden.Feed
				h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
					feed, err = h.Store.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "office", Tenant: "contoso", Mailbox: h.Flow.Mailboxes[0], Resource: "work"})
					return err
				})
				stop := h.run(t)
				defer stop()
				time.Sleep(time.Minute)
				h.roster.remove()
				time.Sleep(3 * time.Hour)
				if list, err := h.Store.Subscriptions(t.Context(), "office"); err != nil || len(list) != 1 {
					t.Errorf("while it is read, stored are %+v (%v)", list, err)
				}
				h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
					_, err := h.Store.LeaveFeed(ctx, tx, feed.ID)
					return err
				})
				time.Sleep(3 * time.Hour)
				alive := h.office.alive()
				if cut.At == faulty.After {
					time.Sleep(8 * 24 * time.Hour) // until what is not there has lapsed
				}
				if list, err := h.Store.Subscriptions(t.Context(), ""); err != nil || len(list) != 0 || len(alive) != 0 {
					t.Errorf("stored are %+v (%v), alive %+v", list, err, alive)
				}
			})
		})
	}
}

func TestASubscriptionOfARemovedFlowThatLapsedIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		h.roster.change(func(f *flow.Flow) { f.Mailboxes = nil })
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.Store.PutSubscription(ctx, tx, graphwarden.Subscription{ID: "old", Flow: "gone", Tenant: "closed", Address: address, ExpiresAt: time.Now().Add(time.Hour)})
		})
		stop := h.run(t)
		defer stop()
		time.Sleep(30 * time.Minute)
		if list, err := h.Store.Subscriptions(t.Context(), ""); err != nil || len(list) != 1 {
			t.Errorf("before it has lapsed, stored are %+v (%v)", list, err)
		}
		time.Sleep(2 * time.Hour)
		if list, err := h.Store.Subscriptions(t.Context(), ""); err != nil || len(list) != 0 {
			t.Errorf("stored are %+v (%v)", list, err)
		}
	})
}
