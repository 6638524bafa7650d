package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// TestNobodyIsToldOfAnAttemptThatIsNotMade: while a receiver is left alone the next
// attempt is at its end, and at a disabled sink there is none.
func TestNobodyIsToldOfAnAttemptThatIsNotMade(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("a", "2"), event("b", "1"))
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo, h.failing(fresh[0], 0), fresh[1], h.failing(fresh[2], time.Hour))
	rest := h.clock.now.Add(time.Minute)
	rests := func(until time.Time) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.RestSink(ctx, tx, crm, until) })
	}
	looks := func(first, third time.Time, disabled bool) {
		t.Helper()
		list, err := h.FailedDeliveries(t.Context(), crm, false, 0, "", 10)
		if err != nil || len(list) != 3 {
			t.Fatalf("%d failed, %v", len(list), err)
		}
		if !list[0].DueAt.Equal(first) || !list[2].DueAt.Equal(third) || !list[1].Waits || !list[1].DueAt.IsZero() || list[0].Disabled != disabled || list[1].Disabled != disabled {
			t.Errorf("they are %+v", list)
		}
		byID, err := h.DeliveryByID(t.Context(), list[0].ID)
		if err != nil || len(byID) != 1 || !byID[0].DueAt.Equal(first) || byID[0].Disabled != disabled {
			t.Errorf("by its id it is %+v, %v", byID, err)
		}
		if s := h.state(t); !s.NextAt.Equal(first) {
			t.Errorf("the sink's next is at %s, want %s", s.NextAt, first)
		}
		r, err := h.CountReplay(t.Context(), graphwarden.Replay{Sink: crm})
		if err != nil || r.Disabled != disabled {
			t.Errorf("a replay is %+v, %v", r, err)
		}
	}
	looks(h.clock.now, h.clock.now.Add(time.Hour), false)
	rests(rest)
	looks(rest, h.clock.now.Add(time.Hour), false)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.DisableSink(ctx, tx, crm, "it answered 410")
	})
	looks(time.Time{}, time.Time{}, true)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.EnableSink(ctx, tx, crm) })
	looks(h.clock.now, h.clock.now, false)
}

// TestAReplayTellsWhatWasTakenFromWhatWasNot counts what failed and what waits
// behind it apart.
func TestAReplayTellsWhatWasTakenFromWhatWasNot(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("a", "2"), event("b", "1"))
	_, upTo := h.fresh(t, 10)
	h.advance(t, upTo)
	var r graphwarden.Replay
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		r, err = h.BeginReplay(ctx, tx, graphwarden.Replay{Sink: crm, Total: 3})
		return err
	})
	for range 2 {
		told, waiting, after, err := h.ReplayDeliveries(t.Context(), r, 2)
		if err != nil {
			t.Fatal(err)
		}
		failed := told
		if len(told) == 1 {
			failed = nil // the last one is taken
		}
		r = after
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.AdvanceReplay(ctx, tx, after, told, failed, waiting)
		})
	}
	list, err := h.Replays(t.Context(), crm)
	if err != nil || len(list) != 1 || list[0].Done != 3 || list[0].Failed != 2 {
		t.Errorf("it is %+v, %v", list, err)
	}
}

// tell runs a replay to its end, each delivery taken, and gives what it told.
func (h house) tell(t *testing.T, want graphwarden.Replay) []graphwarden.Delivery {
	t.Helper()
	want.Sink = crm
	want, err := h.CountReplay(t.Context(), want)
	if err != nil || want.First < 1 {
		t.Fatal(want, err)
	}
	n := want.Total
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

// TestWhatBecameOfADeliveryIsToldBySink: each sink of the flow, and what is kept no
// more apart from what never was.
func TestWhatBecameOfADeliveryIsToldBySink(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("b", "1"), event("c", "1"))
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return errors.Join(h.EnsureSink(ctx, tx, graphwarden.Sink{Name: "late", App: "crm", Flow: "office-calendars", Kind: graphwarden.Table}),
			h.EnsureSink(ctx, tx, graphwarden.Sink{Name: "nowhere", App: "crm", Flow: "office-calendars", Kind: graphwarden.Nowhere}))
	})
	fresh, _ := h.fresh(t, 2)
	h.advance(t, 2, h.failing(fresh[1], time.Hour))
	id := func(seq int) string { return strings.TrimSuffix(fresh[0].ID, "1") + fmt.Sprint(seq) }
	for seq, want := range map[int]string{1: crm + " passed, late pending", 2: crm + " failing, late pending", 3: crm + " pending, late pending"} {
		all, err := h.DeliveryByID(t.Context(), id(seq))
		var got []string
		for _, d := range all {
			word := "failing"
			if d.Passed {
				word = "passed"
			} else if d.Pending {
				word = "pending"
			}
			if d.Waits || d.ID != id(seq) {
				t.Errorf("%+v", d)
			}
			got = append(got, d.Sink+" "+word)
		}
		if err != nil || strings.Join(got, ", ") != want {
			t.Errorf("of %d: %v, %v, want %s", seq, got, err, want)
		}
	}
	var refusal *graphwarden.Refusal
	if _, err := h.DeliveryByID(t.Context(), id(4)); !errors.As(err, &refusal) || refusal.Code != "store.delivery_unknown" {
		t.Errorf("of one that never was: %v", err)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.RetireSinks(ctx, tx, nil) })
	if _, err := h.DeliveryByID(t.Context(), id(1)); !errors.As(err, &refusal) || refusal.Code != "store.delivery_forgotten" {
		t.Errorf("of one that nobody is told any more: %v", err)
	}
}
