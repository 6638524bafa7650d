package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

const crm = "crm-hook"

// withSink gives a house with a sink and n events in its flow.
func withSink(t *testing.T, items ...graphwarden.Item) (house, *graphwarden.Feed) {
	t.Helper()
	h := open(t)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.EnsureSink(ctx, tx, graphwarden.Sink{Name: crm, App: "crm", Flow: "office-calendars", URL: "https://crm.example/hook"})
	})
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	h.apply(t, &feed, "d1", items...)
	return h, &feed
}

func (h house) fresh(t *testing.T, limit int) (fresh []graphwarden.Delivery, upTo int64) {
	t.Helper()
	fresh, _, upTo = h.freshAndWaiting(t, limit)
	return fresh, upTo
}

func (h house) freshAndWaiting(t *testing.T, limit int) (fresh, waiting []graphwarden.Delivery, upTo int64) {
	t.Helper()
	fresh, waiting, upTo, err := h.FreshDeliveries(t.Context(), crm, limit)
	if err != nil {
		t.Fatal(err)
	}
	return fresh, waiting, upTo
}

func (h house) advance(t *testing.T, upTo int64, failed ...graphwarden.Delivery) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.AdvanceSink(ctx, tx, crm, upTo, failed) })
}

func (h house) due(t *testing.T) []graphwarden.Delivery {
	t.Helper()
	list, err := h.DueDeliveries(t.Context(), crm, 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// failing gives a delivery as it is after a failure.
func (h house) failing(d graphwarden.Delivery, again time.Duration) graphwarden.Delivery {
	d.Attempt++
	d.DueAt, d.Reason = h.clock.now.Add(again), "the receiver answered 500"
	return d
}

// carried writes deliveries the short way, such as "3 a".
func carried(list []graphwarden.Delivery) string {
	var out []string
	for _, d := range list {
		out = append(out, fmt.Sprintf("%d %s", d.Change.Seq, d.Change.Item))
	}
	return strings.Join(out, ", ")
}

func TestASinkReadsTheSequenceOnce(t *testing.T) {
	h, feed := withSink(t, event("a", "1"), event("b", "1"), event("c", "1"))
	fresh, upTo := h.fresh(t, 2)
	if carried(fresh) != "1 a, 2 b" || upTo != 2 {
		t.Fatalf("fresh are %s up to %d", carried(fresh), upTo)
	}
	d := fresh[0]
	if d.Tenant != feed.Tenant || d.Mailbox != feed.Mailbox || d.Resource != feed.Resource || d.Title != feed.Title || d.Sink != crm || d.Attempt != 0 || string(d.Change.Body) != string(event("a", "1").Body) {
		t.Errorf("the delivery is %+v", d)
	}
	again, _ := h.fresh(t, 2)
	if carried(again) != "1 a, 2 b" || again[0].ID != d.ID || again[0].ID == again[1].ID {
		t.Errorf("after a crash before the acknowledgement: %s, ids %s and %s", carried(again), d.ID, again[0].ID)
	}
	h.advance(t, upTo)
	h.advance(t, 1) // an old answer moves nothing back
	if fresh, upTo = h.fresh(t, 10); carried(fresh) != "3 c" {
		t.Errorf("next are %s", carried(fresh))
	}
	h.advance(t, upTo)
	if fresh, upTo = h.fresh(t, 10); len(fresh) != 0 || upTo != 0 {
		t.Errorf("at the end: %s up to %d", carried(fresh), upTo)
	}
}

func TestAFailedItemHoldsBackOnlyItself(t *testing.T) {
	h, feed := withSink(t, event("a", "1"), event("b", "1"))
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo, h.failing(fresh[0], time.Minute))

	h.apply(t, feed, "d2", event("a", "2"), event("b", "2"), event("a", "3"))
	fresh, waiting, upTo := h.freshAndWaiting(t, 10)
	if carried(fresh) != "4 b" || carried(waiting) != "3 a, 5 a" || upTo != 5 {
		t.Errorf("fresh are %s up to %d, want only the other item's; %s wait", carried(fresh), upTo, carried(waiting))
	}
	h.advance(t, upTo, waiting...)
	if got := h.due(t); len(got) != 0 {
		t.Errorf("due before its time: %s", carried(got))
	}
	if at, ok, err := h.NextDelivery(t.Context(), crm); err != nil || !ok || !at.Equal(h.clock.now.Add(time.Minute)) {
		t.Errorf("the next is due at %v (%v, %v)", at, ok, err)
	}
	h.clock.Advance(time.Minute)
	got := h.due(t)
	if carried(got) != "1 a" || got[0].Attempt != 1 || got[0].Reason != "the receiver answered 500" {
		t.Fatalf("due are %+v", got)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.Postpone(ctx, tx, h.failing(got[0], time.Hour))
	})
	if got := h.due(t); len(got) != 0 {
		t.Errorf("postponed, still due: %s", carried(got))
	}
	h.clock.Advance(time.Hour)
	var done []string
	for got = h.due(t); len(got) > 0; got = h.due(t) {
		if len(got) != 1 {
			t.Fatalf("two of one item are due at once: %s", carried(got))
		}
		done = append(done, carried(got))
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Acknowledge(ctx, tx, got[0]) })
	}
	if want := []string{"1 a", "3 a", "5 a"}; !slices.Equal(done, want) {
		t.Errorf("delivered later: %v, want %v in order", done, want)
	}
	if _, ok, err := h.NextDelivery(t.Context(), crm); err != nil || ok {
		t.Errorf("something is left (%v)", err)
	}
}

func TestWhatWasSkippedInAFailedBatchWaitsItsTurn(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("b", "1"), event("a", "2"))
	fresh, upTo := h.fresh(t, 10)
	// The first failed and the third, of the same item, was not attempted.
	h.advance(t, upTo, h.failing(fresh[0], 0), fresh[2])
	if got := h.due(t); carried(got) != "1 a" {
		t.Errorf("due are %s", carried(got))
	}
}

// TestARetryBetweenReadingAndAdvancingLosesNothing lets the failed item recover
// while a batch that left its later change out is on its way.
func TestARetryBetweenReadingAndAdvancingLosesNothing(t *testing.T) {
	h, feed := withSink(t, event("a", "1"))
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo, h.failing(fresh[0], 0))
	h.apply(t, feed, "d2", event("a", "2"), event("b", "1"))
	fresh, waiting, upTo := h.freshAndWaiting(t, 10) // leaves out the second change of a
	retry := h.due(t)[0]
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Acknowledge(ctx, tx, retry) })
	h.advance(t, upTo, waiting...)
	if carried(fresh) != "3 b" || carried(h.due(t)) != "2 a" {
		t.Errorf("fresh were %s, due are %s: the change that was left out is lost", carried(fresh), carried(h.due(t)))
	}
}

func TestADisabledSinkRestsUntilItsURLChanges(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("b", "1"))
	fresh, upTo := h.fresh(t, 1)
	h.advance(t, upTo, h.failing(fresh[0], 0))
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.DisableSink(ctx, tx, crm, "the receiver answered 410")
	})
	ensure := func(url string) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.EnsureSink(ctx, tx, graphwarden.Sink{Name: crm, App: "crm", Flow: "office-calendars", URL: url})
		})
	}
	ensure("https://crm.example/hook")
	_, waiting, err := h.NextDelivery(t.Context(), crm)
	if fresh, _ := h.fresh(t, 10); len(fresh) != 0 || len(h.due(t)) != 0 || waiting || err != nil {
		t.Errorf("disabled, it still gives %s and %s", carried(fresh), carried(h.due(t)))
	}
	ensure("https://crm.example/new")
	if fresh, _ := h.fresh(t, 10); carried(fresh) != "2 b" || carried(h.due(t)) != "1 a" {
		t.Errorf("enabled again, it gives %s and %s", carried(fresh), carried(h.due(t)))
	}
}

func TestAReceiverThatIsBackGetsEverythingItMissedAtOnce(t *testing.T) {
	h, _ := withSink(t, event("a", "1"), event("b", "1"), event("a", "2"))
	fresh, upTo := h.fresh(t, 10)
	h.advance(t, upTo, h.failing(fresh[0], time.Hour), h.failing(fresh[1], time.Minute), fresh[2])
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.HurryDeliveries(ctx, tx, crm) })
	if got := carried(h.due(t)); got != "1 a, 2 b" {
		t.Errorf("due are %s: the first of each item, in order", got)
	}
}

func TestAnUnknownSinkIsRefused(t *testing.T) {
	h := open(t)
	_, _, _, err := h.FreshDeliveries(t.Context(), "nobody", 1)
	refusal(t, err, graphwarden.Unknown)
	err = h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error { return h.EnableSink(ctx, tx, "nobody") })
	refusal(t, err, graphwarden.Unknown)
}

func TestTwoDatabasesNeverShareADeliveryID(t *testing.T) {
	one, _ := withSink(t, event("a", "1"))
	two, _ := withSink(t, event("a", "1"))
	a, _ := one.fresh(t, 1)
	b, _ := two.fresh(t, 1)
	if a[0].ID == b[0].ID {
		t.Errorf("both say %s: a receiver would drop the second", a[0].ID)
	}
}
