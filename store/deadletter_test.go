package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// failed lists what failed, or is dead, the short way.
func (h house) failed(t *testing.T, dead bool) string {
	t.Helper()
	list, err := h.FailedDeliveries(t.Context(), crm, dead, 0, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []graphwarden.Delivery
	for _, d := range list {
		out = append(out, d.Delivery)
	}
	return carried(out)
}

func (h house) state(t *testing.T) graphwarden.SinkState {
	t.Helper()
	all, err := h.SinkStates(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d sinks, %v", len(all), err)
	}
	return all[0]
}

func TestADeadLetterLetsTheItemsBehindItGoOn(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("a", "2"), event("b", "1"))
	fresh, upTo := h.fresh(t, 10)
	first := h.failing(fresh[0], time.Minute)
	h.advance(t, upTo, first, fresh[1])
	if got := h.failed(t, false); got != "1 a, 2 a" {
		t.Fatalf("failed are %s", got)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Bury(ctx, tx, first) })
	if got := h.failed(t, true); got != "1 a" || carried(h.due(t)) != "2 a" {
		t.Errorf("dead are %s, due are %s", got, carried(h.due(t)))
	}
	all, err := h.DeliveryByID(t.Context(), first.ID)
	if err != nil || len(all) != 1 || all[0].Reason != first.Reason || all[0].DiedAt.IsZero() || string(all[0].Change.Body) != string(event("a", "1").Body) {
		t.Errorf("the dead letter is %+v, %v", all, err)
	}
	if s := h.state(t); s.Dead != 1 || s.Pending != 1 || s.Failing != 0 {
		t.Errorf("the sink is %+v", s)
	}
}

func TestTheLastAttemptsAreRememberedUntilItIsTaken(t *testing.T) {
	h, _ := withSink(t, event("a", "1"))
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo, h.failing(fresh[0], 0))
	for n := range 30 {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.NoteAttempts(ctx, tx, []graphwarden.Attempt{{Sink: crm, Seq: 1, Nth: n + 1, At: h.clock.now, Took: time.Millisecond, Status: 500 + n, Reason: "no"}})
		})
	}
	list, err := h.Attempts(t.Context(), crm, 1)
	if err != nil || len(list) != 20 || list[0].Nth != 11 || list[19].Status != 529 || list[19].Took != time.Millisecond || !list[0].At.Equal(h.clock.now) {
		t.Fatalf("the attempts are %+v, %v", list, err)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Acknowledge(ctx, tx, fresh[0]) })
	if list, err = h.Attempts(t.Context(), crm, 1); err != nil || len(list) != 0 {
		t.Errorf("after it was taken: %+v, %v", list, err)
	}
}

func TestASinkSaysHowItIs(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("b", "1"))
	stored := h.clock.now
	h.clock.Advance(time.Minute)
	if s := h.state(t); s.Pending != 2 || !s.OldestAt.Equal(stored) || s.Cursor != 0 || s.Kind != graphwarden.Webhook {
		t.Errorf("before anything: %+v", s)
	}
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo, h.failing(fresh[0], time.Hour))
	note := func(taken, refused int, reason string) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.NoteSink(ctx, tx, crm, taken, refused, reason)
		})
	}
	note(0, 2, "no")
	since := h.clock.now
	h.clock.Advance(time.Minute)
	note(0, 1, "still no")
	if s := h.state(t); s.Pending != 1 || !s.OldestAt.Equal(stored) || s.Failing != 1 || !s.NextAt.Equal(since.Add(time.Hour)) ||
		s.Refused != 3 || !s.FailingSince.Equal(since) || s.Reason != "still no" || !s.TakenAt.IsZero() {
		t.Errorf("while it fails: %+v", s)
	}
	note(1, 0, "")
	if s := h.state(t); s.Taken != 1 || !s.FailingSince.IsZero() || !s.TakenAt.Equal(h.clock.now) {
		t.Errorf("when it takes again: %+v", s)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.RetireSinks(ctx, tx, []string{crm}) })
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.RetireSinks(ctx, tx, nil) })
	if all, err := h.SinkStates(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("put away, there is still %+v, %v", all, err)
	}
}

func TestADisabledSinkGoesOnWhenItIsEnabled(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("b", "1"))
	fresh, upTo := h.fresh(t, 1)
	h.advance(t, upTo, h.failing(fresh[0], time.Hour))
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.DisableSink(ctx, tx, crm, "it answered 410")
	})
	if s := h.state(t); s.Disabled != "it answered 410" || !s.DisabledAt.Equal(h.clock.now) {
		t.Errorf("disabled, it is %+v", s)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.EnableSink(ctx, tx, crm) })
	if fresh, _ := h.fresh(t, 10); carried(fresh) != "2 b" || carried(h.due(t)) != "1 a" || h.state(t).Disabled != "" {
		t.Errorf("enabled again, it gives %s and %s", carried(fresh), carried(h.due(t)))
	}
}

// tell runs a replay to its end, each delivery taken, and gives what it told.
func (h house) tell(t *testing.T, want graphwarden.Replay) []graphwarden.Delivery {
	t.Helper()
	want.Sink = crm
	n, err := h.CountReplay(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	want.Total = n
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		want, err = h.BeginReplay(ctx, tx, want)
		return err
	})
	var all []graphwarden.Delivery
	for {
		r, ok, err := h.NextReplay(t.Context(), crm)
		if err != nil || !ok || r.ID != want.ID {
			t.Fatalf("the next replay is %+v, %v, %v", r, ok, err)
		}
		told, waiting, after, err := h.ReplayDeliveries(t.Context(), r, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(told)+len(waiting) == 0 {
			break
		}
		all = append(all, told...)
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.AdvanceReplay(ctx, tx, after, told, nil, waiting)
		})
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.EndReplay(ctx, tx, want.ID) })
	list, err := h.Replays(t.Context(), crm)
	if err != nil || list[0].Done != n || list[0].EndedAt.IsZero() {
		t.Errorf("%d were counted, the replay is %+v, %v", n, list[0], err)
	}
	return all
}

func TestAReplayTellsWhatItIsAskedFor(t *testing.T) {
	h, feed := withSink(t, event("a", "1"), event("b", "1"), event("c", "1"))
	h.clock.Advance(time.Hour)
	h.apply(t, feed, "d2", event("a", "2"), removed("b"), event("d", "1"))
	middle, err := h.SeqAt(t.Context(), "office-calendars", h.clock.now)
	if err != nil || middle != 3 {
		t.Fatalf("before the second hour there were %d changes, %v", middle, err)
	}
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo)
	h.apply(t, feed, "d3", event("e", "1")) // not delivered yet: no replay tells it
	for _, s := range []struct {
		name string
		ask  graphwarden.Replay
		told string
	}{
		{"everything", graphwarden.Replay{}, "1 a, 2 b, 3 c, 4 a, 5 b, 6 d"},
		{"a range", graphwarden.Replay{First: 2, Last: 4}, "2 b, 3 c, 4 a"},
		{"from a time", graphwarden.Replay{First: middle + 1}, "4 a, 5 b, 6 d"},
		{"one item", graphwarden.Replay{Item: "b"}, "2 b, 5 b"},
		{"one kind", graphwarden.Replay{Kind: graphwarden.Deleted}, "5 b"},
		{"one mailbox by name", graphwarden.Replay{Mailbox: "ADA@contoso.example", Last: 1}, "1 a"},
		{"one mailbox by id", graphwarden.Replay{Mailbox: "id-ada", Last: 1}, "1 a"},
		{"another mailbox", graphwarden.Replay{Mailbox: "id-bob"}, ""},
		{"no dead letters", graphwarden.Replay{Dead: true}, ""},
		{"one delivery", graphwarden.Replay{First: 4, Last: 4}, "4 a"},
	} {
		t.Run(s.name, func(t *testing.T) {
			told := h.tell(t, s.ask)
			if carried(told) != s.told {
				t.Errorf("told %s, want %s", carried(told), s.told)
			}
			for _, d := range told {
				if d.ID != fresh[d.Change.Seq-1].ID || d.Change.Kind != fresh[d.Change.Seq-1].Change.Kind {
					t.Errorf("the delivery was %+v, now it is %+v", fresh[d.Change.Seq-1], d)
				}
			}
		})
	}
	t.Run("the items as they are", func(t *testing.T) {
		told := h.tell(t, graphwarden.Replay{Snapshot: true})
		slices.SortFunc(told, func(a, b graphwarden.Delivery) int { return int(a.Change.Seq - b.Change.Seq) })
		if carried(told) != "3 c, 4 a, 6 d" || told[0].Change.Kind != graphwarden.Snapshot || told[0].ID == fresh[2].ID {
			t.Errorf("the snapshot is %s: %+v", carried(told), told)
		}
	})
}

func TestADeadLetterIsReplayedOnceAndIsAliveAgain(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("b", "1"), event("c", "1"))
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo, h.failing(fresh[0], 0), h.failing(fresh[2], 0))
	for _, d := range []graphwarden.Delivery{fresh[0], fresh[2]} {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Bury(ctx, tx, h.failing(d, 0)) })
	}
	if told := h.tell(t, graphwarden.Replay{Dead: true}); carried(told) != "1 a, 3 c" || told[0].Attempt != 0 {
		t.Errorf("told %+v", told)
	}
	if got := h.failed(t, true); got != "" {
		t.Errorf("still dead: %s", got)
	}
}

func TestWhatAReplayCannotTellGoesBeforeTheItemsLaterChanges(t *testing.T) {
	h, feed := withSink(t, event("a", "1"))
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo)
	h.apply(t, feed, "d2", event("a", "2"))
	later, upTo := h.fresh(t, 10)
	h.advance(t, upTo, h.failing(later[0], 0)) // due now
	h.tell(t, graphwarden.Replay{Last: 1})     // waits, because its item does
	if got := carried(h.due(t)); got != "1 a" {
		t.Fatalf("due are %s, want the replayed one before the later one", got)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Acknowledge(ctx, tx, fresh[0]) })
	if got := carried(h.due(t)); got != "2 a" {
		t.Errorf("due are %s", got)
	}
}

func TestAReplayOfWhatWaitsTriesItNow(t *testing.T) {
	h, _ := withSink(t, event("a", "1"))
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo, h.failing(fresh[0], time.Hour))
	h.tell(t, graphwarden.Replay{First: 1, Last: 1})
	if got := h.due(t); carried(got) != "1 a" || got[0].Attempt != 1 {
		t.Errorf("due are %+v", got)
	}
}

func TestStrangeDeliveryIDsAreRefused(t *testing.T) {
	h, _ := withSink(t, event("a", "1"))
	fresh, _ := h.fresh(t, 1)
	if seq, err := h.SeqOf(fresh[0].ID); seq != 1 || err != nil {
		t.Errorf("its own id is %d, %v", seq, err)
	}
	for _, id := range []string{"", "msg_0123456789abcdef_1", fresh[0].ID + "x", fresh[0].ID[:len(fresh[0].ID)-1], fmt.Sprint(1)} {
		_, err := h.SeqOf(id)
		refusal(t, err, graphwarden.Unknown)
	}
}
