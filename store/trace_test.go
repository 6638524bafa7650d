package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// TestAWriteOfADateIsKnownByItsSeries: the version that it makes of the series is its
// own, unless something else is new in that; a date that is gone has its series'
// reference; and a series' dates go with it.
func TestAWriteOfADateIsKnownByItsSeries(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	version := 0
	item := func(id, kind, subject string) graphwarden.Item {
		version++
		return graphwarden.Item{ID: id, Body: json.RawMessage(fmt.Sprintf(`{"id":%q,"type":%q,"subject":%q,"seriesMasterId":%q,"@odata.etag":"W/\"%d\"","changeKey":"%[5]d"}`,
			id, kind, subject, map[bool]string{true: "s"}[id != "s"], version))}
	}
	in, _ := h.put(t, graphwarden.Intent{ID: "wrt_s", App: "crm", Key: "s", Flow: "office-calendars", Tenant: "contoso", Mailbox: feed.Mailbox, Kind: graphwarden.CreateEvent, Reference: "course"})
	in.Item, in.Outcome = "s", graphwarden.Outcome{State: graphwarden.IntentDone}
	h.endIntent(t, in, nil)
	h.apply(t, &feed, "d1", item("s", "seriesMaster", "Course"), item("a", "occurrence", ""), item("b", "occurrence", ""), item("c", "occurrence", ""))

	n := 0
	writes := func(kind graphwarden.WriteKind, id string, end graphwarden.IntentState) {
		t.Helper()
		w := write(h, fmt.Sprint(n))
		n++
		w.ID, w.Kind, w.Item, w.Reference = "wrt_"+string(kind)+"_"+id, kind, id, ""
		w.Series = "s"
		if id == "s" {
			w.Series = ""
		}
		kept, _ := h.put(t, w)
		if end == graphwarden.IntentOpen {
			return
		}
		kept.Outcome = graphwarden.Outcome{State: end}
		h.endIntent(t, kept, nil)
	}
	for i, step := range []struct {
		name  string
		late  bool // it was read before it was written
		do    func()
		shows []graphwarden.Item
		want  []graphwarden.Origin
	}{
		{"a date deleted", false, func() { writes(graphwarden.DeleteEvent, "a", graphwarden.IntentDone) },
			[]graphwarden.Item{item("s", "seriesMaster", "Course"), removed("a")},
			[]graphwarden.Origin{{Reference: "course", Write: "wrt_event.delete_a"}, {Reference: "course", Write: "wrt_event.delete_a"}}},
		{"the next version of the series is somebody else's", false, func() {},
			[]graphwarden.Item{item("s", "seriesMaster", "Course")}, []graphwarden.Origin{{Reference: "course"}}},
		{"two dates deleted while the series was read", true, func() {
			writes(graphwarden.DeleteEvent, "x", graphwarden.IntentDone)
			writes(graphwarden.DeleteEvent, "y", graphwarden.IntentDone)
		}, []graphwarden.Item{item("s", "seriesMaster", "Course")}, []graphwarden.Origin{{Reference: "course", Write: "wrt_event.delete_y"}}},
		{"the version of both", false, func() {},
			[]graphwarden.Item{item("s", "seriesMaster", "Course")}, []graphwarden.Origin{{Reference: "course", Write: "wrt_event.delete_y"}}},
		{"and then somebody else's", false, func() {},
			[]graphwarden.Item{item("s", "seriesMaster", "Course")}, []graphwarden.Origin{{Reference: "course"}}},
		{"one more is deleted, and another refused", false, func() {
			writes(graphwarden.DeleteEvent, "z", graphwarden.IntentDone)
			writes(graphwarden.DeleteEvent, "w", graphwarden.IntentRefused)
		}, []graphwarden.Item{item("s", "seriesMaster", "Course")}, []graphwarden.Origin{{Reference: "course", Write: "wrt_event.delete_z"}}},
		{"somebody changed the series meanwhile", false, func() { writes(graphwarden.CancelEvent, "b", graphwarden.IntentDone) },
			[]graphwarden.Item{item("s", "seriesMaster", "Another course"), removed("b")},
			[]graphwarden.Origin{{Reference: "course"}, {Reference: "course", Write: "wrt_event.cancel_b"}}},
		{"the write has no outcome yet", false, func() { writes(graphwarden.UpdateEvent, "c", graphwarden.IntentOpen) },
			[]graphwarden.Item{item("s", "seriesMaster", "Another course")}, []graphwarden.Origin{{Reference: "course", Pending: true}}},
		{"the series deleted", false, func() { writes(graphwarden.DeleteEvent, "s", graphwarden.IntentDone) },
			[]graphwarden.Item{removed("s"), removed("c")},
			[]graphwarden.Origin{{Reference: "course", Write: "wrt_event.delete_s"}, {Reference: "course", Write: "wrt_event.delete_s"}}},
	} {
		step.do()
		h.clock.Advance(1e9)
		if !step.late {
			h.finish(t, feed, nil)
			h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.HurryFeeds(ctx, tx) })
			feed = h.lease(t, "w")
		}
		changes := h.apply(t, &feed, graphwarden.Cursor(fmt.Sprint("step ", i)), step.shows...)
		if len(changes) != len(step.want) {
			t.Fatalf("%s: %d changes", step.name, len(changes))
		}
		for j, c := range changes {
			list, err := h.Origins(t.Context(), "office-calendars", []graphwarden.Delivery{{Mailbox: feed.Mailbox, Change: c}})
			if err != nil || list[0] != step.want[j] {
				t.Errorf("%s: %s of %s is %+v, want %+v (%v)", step.name, c.Kind, c.Item, list[0], step.want[j], err)
			}
		}
	}
}

// TestWhatIsAsItWasBeforeIsNews: an app wrote a series, somebody changed it, and then made
// it again as the app had written it, while the app removed a date. The app knows it as
// somebody changed it, and must be told.
func TestWhatIsAsItWasBeforeIsNews(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	body := func(version int, shown string) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"id":"s","type":"seriesMaster","subject":"Course","showAs":%q,"@odata.etag":"W/\"%d\"","lastModifiedDateTime":"2026-11-21T09:00:0%[2]d.5Z"}`, shown, version))
	}
	shows := func(version int, shown string) graphwarden.Origin {
		t.Helper()
		h.clock.Advance(1e9)
		h.finish(t, feed, nil)
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.HurryFeeds(ctx, tx) })
		feed = h.lease(t, "w")
		changes := h.apply(t, &feed, graphwarden.Cursor(fmt.Sprint("version ", version)), graphwarden.Item{ID: "s", Body: body(version, shown)})
		list, err := h.Origins(t.Context(), "office-calendars", []graphwarden.Delivery{{Mailbox: feed.Mailbox, Change: changes[0]}})
		if err != nil || len(changes) != 1 {
			t.Fatal(changes, err)
		}
		return list[0]
	}
	ends := func(name string, kind graphwarden.WriteKind, item, series string, outcome graphwarden.Outcome) {
		t.Helper()
		w := write(h, name)
		w.ID, w.Kind, w.Item, w.Series, w.Reference = "wrt_"+name, kind, item, series, ""
		kept, _ := h.put(t, w)
		kept.Outcome = outcome
		h.endIntent(t, kept, nil)
	}
	shows(1, "free")
	ends("update", graphwarden.UpdateEvent, "s", "", graphwarden.Outcome{State: graphwarden.IntentDone, ETag: `W/"2"`, Result: body(2, "busy")})
	if o := shows(2, "busy"); o.Write != "wrt_update" {
		t.Errorf("its own version: %+v", o)
	}
	if o := shows(3, "tentative"); o != (graphwarden.Origin{}) {
		t.Errorf("somebody's change: %+v", o)
	}
	ends("delete", graphwarden.DeleteEvent, "a", "s", graphwarden.Outcome{State: graphwarden.IntentDone})
	if o := shows(4, "busy"); o != (graphwarden.Origin{}) {
		t.Errorf("as it was before: %+v", o)
	}
}
