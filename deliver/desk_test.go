package deliver_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
)

// torn is a ledger that takes nothing.
type torn struct{}

func (torn) Append(context.Context, graphwarden.Tx, graphwarden.Entry) (graphwarden.Entry, error) {
	return graphwarden.Entry{}, errors.New("torn")
}

// TestWhatAnOperatorDoesToDeliveriesIsInTheLedger (R48): each act that changes
// something, and nothing that does not.
func TestWhatAnOperatorDoesToDeliveriesIsInTheLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 b1")
		synctest.Wait()
		s.shop.set(says(http.StatusGone))
		s.happen(t, "c1")
		time.Sleep(time.Minute)
		desk := s.desk()
		_, _ = desk.Replay(t.Context(), deliver.Asked{Sink: "shop", DryRun: true})
		_, _ = desk.Replay(t.Context(), deliver.Asked{Sink: "shop", Dead: true}) // there are none
		_ = desk.Enable(t.Context(), "nobody")
		_ = desk.Stop(t.Context(), 7)
		if n := len(s.Entries(t)); n != 0 {
			t.Fatalf("nothing was changed, and there are %d entries", n)
		}
		r, err := desk.Replay(t.Context(), deliver.Asked{Sink: "shop", Mailbox: "alice@contoso.com"}) // waits: the sink is disabled
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(desk.Stop(t.Context(), r.ID), desk.Enable(t.Context(), "shop")); err != nil {
			t.Fatal(err)
		}
		var acts []string
		for _, e := range s.Entries(t) {
			if e.Kind != graphwarden.Acted || e.App != graphwarden.House || !e.Allowed || e.Rule != "operator" {
				t.Errorf("the entry is %+v", e)
			}
			acts = append(acts, e.Flow+"|"+e.Path+"|"+e.Note)
		}
		if got, want := strings.Join(acts, "\n"), "office|sink.replay shop|replay 1: 3 changes, 1 to 3, mailbox alice@contoso.com\n|replay.stop 1|\noffice|sink.enable shop|"; got != want {
			t.Errorf("the ledger says\n%s\nwant\n%s", got, want)
		}
	})
}

// TestNothingIsDoneThatTheLedgerDoesNotTake: the act and its entry are one commit.
func TestNothingIsDoneThatTheLedgerDoesNotTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1")
		synctest.Wait()
		s.shop.set(says(http.StatusGone))
		s.happen(t, "b1")
		time.Sleep(time.Minute)
		desk := s.desk()
		desk.Ledger = torn{}
		if _, err := desk.Replay(t.Context(), deliver.Asked{Sink: "shop"}); err == nil {
			t.Error("a replay was begun")
		}
		if err := desk.Enable(t.Context(), "shop"); err == nil {
			t.Error("the sink was enabled")
		}
		if list, err := s.Store.Replays(t.Context(), "shop"); err != nil || len(list) != 0 || s.state(t).Disabled == "" {
			t.Errorf("%+v, %v, %+v", list, err, s.state(t))
		}
	})
}

// TestASnapshotIsRefusedWhileOldChangesAreToldAgain: who begins anew has forgotten
// that c was deleted, and would take its old change for news.
func TestASnapshotIsRefusedWhileOldChangesAreToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 b1")
		synctest.Wait()
		s.shop.set(says(http.StatusGone))
		s.happen(t, "c1")
		time.Sleep(time.Minute)
		desk := s.desk()
		r, err := desk.Replay(t.Context(), deliver.Asked{Sink: "shop"}) // waits: the sink is disabled
		if err != nil {
			t.Fatal(err)
		}
		snapshot := deliver.Asked{Sink: "shop", Snapshot: true}
		var refusal *graphwarden.Refusal
		if _, err := desk.Replay(t.Context(), snapshot); !errors.As(err, &refusal) || refusal.Code != "deliver.replay_under_way" {
			t.Errorf("while a replay is under way: %v", err)
		}
		snapshot.DryRun = true
		if _, err := desk.Replay(t.Context(), snapshot); err != nil {
			t.Errorf("counting: %v", err)
		}
		if err := desk.Stop(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
		snapshot.DryRun = false
		for range 2 { // two snapshots harm nobody
			if _, err := desk.Replay(t.Context(), snapshot); err != nil {
				t.Errorf("when it has ended: %v", err)
			}
		}
	})
}
