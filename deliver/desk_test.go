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

// TestWhoAsksIsNotKeptWaiting: a receiver that asked for an hour, and is tried at
// once when an operator enables the sink; also where another process serves it.
func TestWhoAsksIsNotKeptWaiting(t *testing.T) {
	for name, of := range map[string]func(s *set) deliver.Desk{
		"in this process": func(s *set) deliver.Desk { return s.desk() },
		"in another": func(s *set) deliver.Desk {
			d := s.desk()
			d.Deliver = s.with(nil, "http://shop.test/hook")
			return d
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil)
				stop := s.run(t)
				defer stop()
				s.shop.set(func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
					w.Header().Set("Retry-After", "3600")
					w.WriteHeader(http.StatusServiceUnavailable)
					return false
				})
				s.happen(t, "a1 b1")
				time.Sleep(time.Minute)
				before, _ := s.shop.counts()
				if err := of(s).Enable(t.Context(), "shop"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(20 * time.Second)
				if after, _ := s.shop.counts(); after <= before {
					t.Errorf("nothing was tried: %d attempts before and %d after", before, after)
				}
				s.shop.set(nil)
				time.Sleep(10 * time.Minute)
				if _, taken := s.shop.counts(); taken != 0 {
					t.Error("the receiver's new wait is not kept")
				}
				if err := of(s).Enable(t.Context(), "shop"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(20 * time.Second)
				s.wants(t, "a1 b1")
			})
		})
	}
}

// TestTheNextAttemptIsWhenItIsMade: what is said of it while a receiver asked to be
// left alone is the truth, and after that nothing old is kept.
func TestTheNextAttemptIsWhenItIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		stop := s.run(t)
		defer stop()
		s.shop.set(func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(http.StatusServiceUnavailable)
			return false
		})
		s.happen(t, "a1")
		time.Sleep(time.Second)
		synctest.Wait()
		list, err := s.Store.FailedDeliveries(t.Context(), "shop", false, 0, "", 10)
		if err != nil || len(list) != 1 || list[0].DueAt.Before(time.Now().Add(9*time.Minute)) || !s.state(t).NextAt.Equal(list[0].DueAt) {
			t.Fatalf("it is said %+v, %v, %+v", list, err, s.state(t))
		}
		r, err := s.desk().Replay(t.Context(), deliver.Asked{Sink: "shop", DryRun: true})
		if err != nil || !r.RestsTo.Equal(list[0].DueAt) {
			t.Errorf("a replay says %+v, %v", r, err)
		}
		s.shop.set(nil)
		time.Sleep(time.Until(list[0].DueAt) - time.Second)
		synctest.Wait()
		if _, taken := s.shop.counts(); taken != 0 {
			t.Error("it was tried before")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if _, taken := s.shop.counts(); taken != 1 {
			t.Error("it was not tried then")
		}
	})
}

// TestAnEnableThatFoundNothingToDoHurriesNothingLater: a receiver that asks to be left
// alone afterwards is left alone.
func TestAnEnableThatFoundNothingToDoHurriesNothingLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1")
		time.Sleep(time.Minute)
		if err := s.desk().Enable(t.Context(), "shop"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		s.shop.set(func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
			w.Header().Set("Retry-After", "15")
			w.WriteHeader(http.StatusTooManyRequests)
			return false
		})
		before, _ := s.shop.counts()
		s.happen(t, "b1")
		time.Sleep(14 * time.Second)
		synctest.Wait()
		if after, _ := s.shop.counts(); after != before+1 {
			t.Errorf("in the time that it asked for it got %d attempts, not 1", after-before)
		}
		s.shop.set(nil)
		time.Sleep(10 * time.Second)
		s.wants(t, "a1 b1")
	})
}

// TestAReceiverThatHangsIsCalledSo: what is kept of it says how long was waited.
func TestAReceiverThatHangsIsCalledSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(func(http.ResponseWriter, graphwarden.Envelope) bool { time.Sleep(time.Minute); return false })
		s.happen(t, "a1")
		stop := s.run(t)
		time.Sleep(16 * time.Second)
		if x := s.state(t); x.Reason != "The receiver did not answer within 15 seconds." {
			t.Errorf("it is said: %q", x.Reason)
		}
		stop()
		time.Sleep(2 * time.Minute)
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

// TestWhatCannotBeAskedForIsRefused: spans that end before they begin, sinks that
// are mistyped or never disabled.
func TestWhatCannotBeAskedForIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 b1")
		synctest.Wait()
		desk := s.desk()
		late, early := time.Now(), time.Now().Add(-time.Hour)
		told, err := s.Store.ChangesOf(t.Context(), "office", 0, 1)
		if err != nil || len(told) != 1 {
			t.Fatal(told, err)
		}
		never := strings.TrimSuffix(told[0].ID, "_1") + "_999"
		for _, asked := range []struct {
			deliver.Asked
			code, says string
		}{
			{deliver.Asked{Sink: "shop", First: 100, Last: 50, DryRun: true}, "deliver.replay", "100 to 50"},
			{deliver.Asked{Sink: "shop", Since: &late, Until: &early, DryRun: true}, "deliver.replay", "before it begins"},
			{deliver.Asked{Sink: "shop", ID: never, DryRun: true}, "deliver.replay", "the last change has the number 2"},
			{deliver.Asked{Sink: "shpo", DryRun: true}, "deliver.sink", "Did you mean shop?"},
			{deliver.Asked{Sink: "nothing like it", DryRun: true}, "deliver.sink", "graphwarden deliveries lists"},
		} {
			var refusal *graphwarden.Refusal
			if _, err := desk.Replay(t.Context(), asked.Asked); !errors.As(err, &refusal) || refusal.Code != asked.code || !strings.Contains(err.Error(), asked.says) {
				t.Errorf("%+v gives %v", asked, err)
			}
		}
		if r, err := desk.Replay(t.Context(), deliver.Asked{Sink: "shop", DryRun: true}); err != nil || r.First != 1 || r.Last != 2 || r.Total != 2 {
			t.Errorf("counted without a range: %+v, %v", r, err)
		}
		if err := desk.Enable(t.Context(), "shop"); err != nil {
			t.Errorf("a healthy sink: %v", err)
		}
	})
}
