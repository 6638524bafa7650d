package notify_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/faulty"
)

// TestWhoPartsLeavesNoSubscription ends it while somebody can speak for the mailbox.
// Cut before or after Microsoft has done it, who parts is told, nothing is forgotten
// that may be there, and the second time nothing is left. Nobody makes a new one
// while they are leaving.
func TestWhoPartsLeavesNoSubscription(t *testing.T) {
	const step = "DELETE /v1.0/subscriptions/00000000-0000-0000-0000-000000000001"
	for _, cut := range []faulty.Cut{{}, {Step: step, At: faulty.Before}, {Step: step, At: faulty.After}} {
		t.Run("cut "+string(cut.At), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cuts []faulty.Cut
				if cut.Step != "" {
					cuts = append(cuts, cut)
				}
				h := keep(t, faulty.NewPlan(t, cuts...), address)
				stop := h.run(t)
				defer stop()
				time.Sleep(time.Minute)
				synctest.Wait()
				was := h.stored(t)
				if err := h.keeper.Part(t.Context(), "office", "somebody else"); err != nil || len(h.office.alive()) != 1 {
					t.Fatalf("somebody else parts: %v, alive %+v", err, h.office.alive())
				}
				err := h.keeper.Part(t.Context(), was.Flow, was.Mailbox.ID)
				if (err != nil) != (cut.Step != "") {
					t.Fatalf("parting: %v", err)
				}
				if list, _ := h.Store.Subscriptions(t.Context(), ""); len(list) != len(cuts) {
					t.Errorf("stored are %+v", list)
				}
				if err := h.keeper.Part(t.Context(), was.Flow, was.Mailbox.ID); err != nil {
					t.Error(err)
				}
				h.keeper.Wake()
				time.Sleep(10 * time.Second) // in which they leave
				if list, err := h.Store.Subscriptions(t.Context(), ""); err != nil || len(list) != 0 || len(h.office.alive()) != 0 {
					t.Errorf("stored are %+v (%v), alive %+v", list, err, h.office.alive())
				}
				time.Sleep(time.Hour) // who stays has one again
				synctest.Wait()
				if len(h.office.alive()) != 1 {
					t.Errorf("alive are %+v", h.office.alive())
				}
			})
		})
	}
}
