package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// timed is an event of a time.
func timed(id string, start time.Time, lasts time.Duration) graphwarden.Item {
	const form = "2006-01-02T15:04:05.0000000"
	return graphwarden.Item{ID: id, Body: json.RawMessage(fmt.Sprintf(`{"id":%q,"type":"singleInstance","start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}}`,
		id, start.UTC().Format(form), start.Add(lasts).UTC().Format(form)))}
}

// TestAWindowHasWhatIsAtSomeTimeInIt compares windows over random events, long and
// short, in two calendars, with what a loop finds; page by page, in order.
func TestAWindowHasWhatIsAtSomeTimeInIt(t *testing.T) {
	h := open(t)
	const seed = 7
	chance := rand.New(rand.NewPCG(seed, seed))
	begin := h.clock.now
	type span struct{ start, end time.Time }
	all := map[string]span{}
	for _, resource := range []string{"a", "b"} {
		h.ensure(t, calendar(resource))
		feed := h.lease(t, "test")
		var items []graphwarden.Item
		for n := range 120 {
			id := fmt.Sprintf("%s%d", resource, n)
			start := begin.Add(time.Duration(chance.IntN(60*24*4)) * 15 * time.Minute)
			lasts := []time.Duration{0, 30 * time.Minute, 24 * time.Hour, 25 * time.Hour, 20 * 24 * time.Hour}[chance.IntN(5)]
			items = append(items, timed(id, start, lasts))
			all[id] = span{start, start.Add(lasts)}
		}
		items = append(items, graphwarden.Item{ID: "master " + resource, Body: json.RawMessage(`{"type":"seriesMaster","start":{"dateTime":"2026-03-02T08:00:00","timeZone":"UTC"}}`)}, event("none "+resource, "x"))
		h.apply(t, &feed, "1", items...)
		h.finish(t, feed, nil)
	}
	for range 60 {
		from := begin.Add(time.Duration(chance.IntN(65*24)-24) * time.Hour)
		w := graphwarden.Window{Start: from, End: from.Add(time.Duration(1+chance.IntN(20*24)) * time.Hour)}
		var want []string
		for id, s := range all {
			if s.start.Before(w.End) && (s.end.After(w.Start) || !s.start.Before(w.Start)) {
				want = append(want, id)
			}
		}
		got := h.windowed(t, graphwarden.Sought{Flow: "office-calendars", Mailbox: "id-ada", Window: w, Limit: 7})
		slices.Sort(want)
		sorted := slices.Sorted(slices.Values(got))
		if !slices.Equal(sorted, want) {
			t.Fatalf("in %v there are %v, want %v", w, sorted, want)
		}
		if !slices.IsSortedFunc(got, func(a, b string) int { return all[a].start.Compare(all[b].start) }) {
			t.Errorf("in %v they are not in order: %v", w, got)
		}
	}
	one := h.windowed(t, graphwarden.Sought{Flow: "office-calendars", Mailbox: "id-ada", Calendar: "b", Window: graphwarden.Window{Start: begin, End: begin.AddDate(1, 0, 0)}, Limit: 500})
	if len(one) != 120 || slices.ContainsFunc(one, func(id string) bool { return id[0] != 'b' }) {
		t.Errorf("one calendar has %d", len(one))
	}
	for _, other := range []graphwarden.Sought{{Flow: "other", Mailbox: "id-ada"}, {Flow: "office-calendars", Mailbox: "id-bob"}} {
		other.Window, other.Limit = graphwarden.Window{Start: begin, End: begin.AddDate(1, 0, 0)}, 10
		if got := h.windowed(t, other); len(got) > 0 {
			t.Errorf("%v sees %v", other, got)
		}
	}
}

// windowed reads a window to its end, page by page.
func (h house) windowed(t *testing.T, w graphwarden.Sought) (ids []string) {
	t.Helper()
	for {
		list, err := h.Window(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range list {
			ids = append(ids, k.ID)
			if k.Body == nil || k.Title == "" || k.End.Before(k.At.Start) {
				t.Fatalf("something is missing: %+v", k)
			}
		}
		if len(list) < w.Limit {
			return ids
		}
		w.After = list[len(list)-1].At
	}
}

// TestAWindowFollowsWhatHappensToAnItem: it moves, loses its time, goes.
func TestAWindowFollowsWhatHappensToAnItem(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("a"))
	feed := h.lease(t, "test")
	at := h.clock.now
	look := func() string {
		return strings.Join(h.windowed(t, graphwarden.Sought{Flow: "office-calendars", Mailbox: "id-ada", Window: graphwarden.Window{Start: at, End: at.Add(time.Hour)}, Limit: 10}), " ")
	}
	for n, s := range []struct {
		name string
		item graphwarden.Item
		want string
	}{
		{"it is there", timed("x", at, time.Hour), "x"},
		{"it moves away", timed("x", at.AddDate(0, 0, 1), time.Hour), ""},
		{"it comes back", timed("x", at.Add(30*time.Minute), time.Hour), "x"},
		{"it has no time", event("x", "s"), ""},
		{"it has one again", timed("x", at, time.Hour), "x"},
		{"it goes", removed("x"), ""},
	} {
		h.apply(t, &feed, graphwarden.Cursor(fmt.Sprint(n)), s.item)
		if got := look(); got != s.want {
			t.Errorf("%s: %q", s.name, got)
		}
	}
	h.apply(t, &feed, "kept", timed("x", at, time.Hour))
	k, there, err := h.KeptItem(t.Context(), "office-calendars", "id-ada", "x")
	if err != nil || !there || k.ID != "x" || k.Calendar != "a" || !k.At.Start.Equal(at) {
		t.Errorf("%+v %v %v", k, there, err)
	}
	for _, not := range [][3]string{{"office-calendars", "id-bob", "x"}, {"other", "id-ada", "x"}, {"office-calendars", "id-ada", "y"}} {
		if _, there, err := h.KeptItem(t.Context(), not[0], not[1], not[2]); there || err != nil {
			t.Errorf("%v is there: %v", not, err)
		}
	}
	bodies, err := h.KeptBodies(t.Context(), k.Feed, []string{"x", "y"})
	if err != nil || len(bodies) != 1 || string(bodies["x"]) != string(k.Body) {
		t.Errorf("%v %v", bodies, err)
	}
}

// TestItemsOfAnEarlierVersionAreReadOnce takes the times away that a version from
// before did not note.
func TestItemsOfAnEarlierVersionAreReadOnce(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("a"))
	feed := h.lease(t, "test")
	at := h.clock.now
	h.apply(t, &feed, "1", timed("x", at, time.Hour), timed("y", at, time.Hour), event("z", "s"))
	if err := store.Untime(t.Context(), h.Store); err != nil {
		t.Fatal(err)
	}
	whole := graphwarden.Sought{Flow: "office-calendars", Mailbox: "id-ada", Window: graphwarden.Window{Start: at, End: at.Add(time.Hour)}, Limit: 10}
	if read, err := h.TimesRead(t.Context()); read || err != nil || len(h.windowed(t, whole)) > 0 {
		t.Errorf("nothing was to be read: %v %v", read, err)
	}
	if done, err := h.ReadTimes(t.Context(), 2); done || err != nil {
		t.Errorf("two of three: %v %v", done, err)
	}
	if done, err := h.ReadTimes(t.Context(), 2); !done || err != nil {
		t.Errorf("the third: %v %v", done, err)
	}
	if read, err := h.TimesRead(t.Context()); !read || err != nil || len(h.windowed(t, whole)) != 2 {
		t.Errorf("all are read: %v %v", read, err)
	}
}

func TestASecretOfTheHouseIsMadeOnce(t *testing.T) {
	h := open(t)
	first, err := h.HouseSecret(t.Context(), "cursors", seal.FromString("one"))
	if err != nil || !first.Equal(seal.FromString("one")) {
		t.Fatal(err)
	}
	again, err := h.HouseSecret(t.Context(), "cursors", seal.FromString("two"))
	if err != nil || !again.Equal(first) {
		t.Errorf("the second time it is another: %v", err)
	}
}
