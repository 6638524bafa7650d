package mirror_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestTheFeedsOfAFlowThatWasRemovedEnd takes the flow out of the configuration,
// and cuts the end of its feeds before and after it is stored.
func TestTheFeedsOfAFlowThatWasRemovedEnd(t *testing.T) {
	for _, at := range []faulty.Moment{"", faulty.Before, faulty.After} {
		t.Run("cut "+string(at), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cuts []faulty.Cut
				if at != "" {
					cuts = append(cuts, faulty.Cut{Step: "leave", At: at})
				}
				s := put(t, faulty.NewPlan(t, cuts...), asleep(true))
				s.office.put(rig.Alice, work, "a", "Meeting", soon)
				stop := s.run(t)
				defer stop()
				time.Sleep(10 * time.Second)
				s.roster.remove(true)
				s.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
					return s.Store.SkipMailbox(ctx, tx, graphwarden.Skipped{Flow: "office", Tenant: "contoso", Mailbox: graphwarden.Mailbox{UPN: "bob@contoso.com"}, Code: "x", Say: "x"})
				})
				time.Sleep(50 * time.Minute) // somebody else may know it
				s.wants(t, "created a Meeting")
				time.Sleep(40 * time.Minute)
				s.wants(t, "deleted a; deleted a") // nobody has received it, and nobody does any more
				flows, err := s.Store.KeptFlows(t.Context())
				if left, worse := s.Store.Skipped(t.Context(), ""); errors.Join(err, worse) != nil || len(flows) != 0 || len(left) != 0 {
					t.Errorf("kept are %v, skipped %v: %v", flows, left, errors.Join(err, worse))
				}

				s.roster.remove(false)
				time.Sleep(time.Minute)
				s.wants(t, "deleted a; deleted a; created a Meeting")
			})
		})
	}
}

// TestAFlowThatAnotherProcessReadsIsLeftAlone: that process has been restarted
// with the new configuration, this one has not.
func TestAFlowThatAnotherProcessReadsIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		s.office.put(rig.Alice, work, "a", "Meeting", soon)
		stop := s.run(t)
		time.Sleep(10 * time.Second)
		s.roster.remove(true)
		for range 30 {
			time.Sleep(10 * time.Minute)
			s.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
				feeds, err := s.Store.FeedsOf(ctx, "office", rig.Alice)
				if err != nil {
					return err
				}
				_, err = s.Store.FinishRound(ctx, tx, feeds[0], tx.Now().Add(time.Hour), nil)
				return err
			})
		}
		s.wants(t, "created a Meeting")
		stop()
	})
}
