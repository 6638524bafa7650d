package notify_test

import (
	"context"
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

func TestASubscriptionThatEndsWithoutAWordIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		stop := h.run(t)
		defer stop()
		time.Sleep(time.Minute)
		was := h.stored(t)
		h.office.remove()
		time.Sleep(70 * time.Minute)
		if is := h.stored(t); is.ID == was.ID || len(h.office.alive()) != 1 || h.marked.Load() != 2 {
			t.Errorf("stored is %+v, alive %+v, %d marks", is, h.office.alive(), h.marked.Load())
		}
	})
}

func TestALookThatFailsIsRepeatedSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, faulty.NewPlan(t, faulty.Cut{Step: "GET /v1.0/subscriptions", Nth: 2, At: faulty.Before}), address)
		stop := h.run(t)
		defer stop()
		time.Sleep(time.Minute)
		was := h.stored(t)
		h.office.remove()
		time.Sleep(70 * time.Minute)
		if is := h.stored(t); is.ID == was.ID {
			t.Error("a subscription that ended without a word is missed after a look that failed")
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
