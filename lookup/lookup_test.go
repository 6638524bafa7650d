package lookup_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/lookup"
)

var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// fill puts events into the copy of Alice's calendar.
func fill(t *testing.T, r *rig.Rig, bodies ...string) {
	t.Helper()
	ctx := t.Context()
	var feed graphwarden.Feed
	err := r.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		if feed, err = r.Store.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "office", Tenant: "contoso", Resource: "cal", Title: "Calendar",
			Mailbox: graphwarden.Mailbox{ID: rig.Alice, UPN: "alice@contoso.com"}}); err != nil {
			return err
		}
		feed, _, err = r.Store.LeaseDueFeed(ctx, tx, "test", time.Minute, graphwarden.Busy{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var items []graphwarden.Item
	for _, b := range bodies {
		var e struct{ ID string }
		if err := json.Unmarshal([]byte(b), &e); err != nil {
			t.Fatal(b, err)
		}
		items = append(items, graphwarden.Item{ID: e.ID, Body: json.RawMessage(b)})
	}
	err = r.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if _, err := r.Store.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: items, Next: "1"}); err != nil {
			return err
		}
		feed.Cursor = "1"
		_, err := r.Store.FinishRound(ctx, tx, feed, time.Now().Add(time.Hour), nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func event(id, rest string, hour int) string {
	at := monday.Add(time.Duration(hour) * time.Hour)
	const form = "2006-01-02T15:04:05.0000000"
	return fmt.Sprintf(`{"@odata.etag":"W/\"%s\"","id":%q,%s"start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}}`,
		id, id, rest, at.Format(form), at.Add(time.Hour).Format(form))
}

var office = lookup.At{Flow: "office", Mailbox: graphwarden.Mailbox{ID: rig.Alice}}

func ids(f lookup.Found) string {
	var all []string
	for _, e := range f.Events {
		all = append(all, e.ID)
	}
	return strings.Join(all, " ")
}

func TestPrivateEventsShowWhatTheFlowLetsThemShow(t *testing.T) {
	r := rig.New(t, nil)
	fill(t, r, event("open", `"subject":"Budget","sensitivity":"normal",`, 0), event("private", `"subject":"Doctor","sensitivity":"private",`, 1),
		`{"id":"m","type":"seriesMaster","subject":"Therapy","sensitivity":"private","start":{"dateTime":"2026-03-02T10:00:00","timeZone":"UTC"}}`,
		event("o", `"type":"occurrence","seriesMasterId":"m",`, 2), event("orphan", `"type":"occurrence","seriesMasterId":"gone",`, 3))
	day := lookup.Asked{At: office, Window: graphwarden.Window{Start: monday, End: monday.Add(24 * time.Hour)}, Limit: 10}
	for _, s := range []struct {
		privacy      lookup.Privacy
		words        string
		want, masked string
	}{
		{"", "", "open private o orphan", "private o orphan"},
		{lookup.TimeOnly, "doctor", "", ""},
		{lookup.TimeOnly, "budget", "open", ""},
		{lookup.Full, "", "open private o orphan", ""},
		{lookup.Full, "doctor", "private", ""},
		{lookup.Full, "therapy", "o", ""},
		{lookup.Drop, "", "open", ""},
	} {
		l := lookup.Lookup{Copy: r.Store, Private: map[string]lookup.Privacy{"office": s.privacy}}
		ask := day
		ask.Words = s.words
		found, err := l.Events(t.Context(), ask)
		if err != nil || ids(found) != s.want {
			t.Errorf("%q, %q: %q %v", s.privacy, s.words, ids(found), err)
		}
		var masked []string
		for _, e := range found.Events {
			if e.Masked {
				masked = append(masked, e.ID)
			}
			if e.Masked && (strings.Contains(string(e.Shown), "Doctor") || strings.Contains(string(e.Shown), "Therapy")) {
				t.Errorf("%q shows %s", s.privacy, e.Shown)
			}
		}
		if strings.Join(masked, " ") != s.masked {
			t.Errorf("%q masks %v", s.privacy, masked)
		}
		_, there, err := l.Event(t.Context(), office, "private", nil)
		if there == (s.privacy == lookup.Drop) || err != nil {
			t.Errorf("%q: by its id it is there: %v, %v", s.privacy, there, err)
		}
	}
}

func TestOnlyChosenFieldsAreShownAndASearchLooksAtAll(t *testing.T) {
	r := rig.New(t, nil)
	fill(t, r, event("a", `"subject":"Budget","location":{"displayName":"Room"},`, 0))
	l := lookup.Lookup{Copy: r.Store}
	found, err := l.Events(t.Context(), lookup.Asked{At: office, Window: graphwarden.Window{Start: monday, End: monday.Add(time.Hour)}, Words: "room", Fields: []string{"subject"}, Limit: 10})
	if err != nil || len(found.Events) != 1 || string(found.Events[0].Shown) != `{"@odata.etag":"W/\"a\"","id":"a","subject":"Budget"}` || found.Events[0].ETag != `W/"a"` {
		t.Errorf("%+v %v", found, err)
	}
	if _, there, err := l.Event(t.Context(), office, "none", nil); there || err != nil {
		t.Errorf("%v %v", there, err)
	}
}

// TestAPartSaysWhereTheRestBegins reads in parts of every size, with words that few
// events mention.
func TestAPartSaysWhereTheRestBegins(t *testing.T) {
	r := rig.New(t, nil)
	var bodies, want []string
	for n := range 40 {
		subject := "other"
		if n%7 == 0 {
			subject = "wanted"
			want = append(want, fmt.Sprint("e", n))
		}
		bodies = append(bodies, event(fmt.Sprint("e", n), fmt.Sprintf(`"subject":%q,`, subject), n))
	}
	fill(t, r, bodies...)
	for _, limit := range []int{1, 2, 6, 7, 100} {
		ask := lookup.Asked{At: office, Window: graphwarden.Window{Start: monday, End: monday.Add(48 * time.Hour)}, Words: "wanted", Limit: limit}
		var got []string
		for parts := 0; ; parts++ {
			found, err := lookup.Lookup{Copy: r.Store}.Events(t.Context(), ask)
			if err != nil || len(found.Events) > limit || parts > 50 {
				t.Fatal(found, err)
			}
			for _, e := range found.Events {
				got = append(got, e.ID)
			}
			if ask.After = found.Next; found.Next.Key == nil {
				break
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("by %d: %v", limit, got)
		}
	}
}

func TestTheCopySaysHowFreshItIs(t *testing.T) {
	r := rig.New(t, nil)
	l := lookup.Lookup{Copy: r.Store}
	if _, complete, err := l.Fresh(t.Context(), office); complete || err != nil {
		t.Errorf("nothing was read: %v %v", complete, err)
	}
	before := time.Now()
	fill(t, r, event("a", "", 0))
	asOf, complete, err := l.Fresh(t.Context(), office)
	if !complete || err != nil || asOf.Before(before.Truncate(time.Millisecond)) {
		t.Errorf("%v %v %v", asOf, complete, err)
	}
	feeds, err := l.Calendars(t.Context(), office)
	if err != nil || len(feeds) != 1 || feeds[0].Items != 1 {
		t.Errorf("%+v %v", feeds, err)
	}
}

// TestEventsComeWithWhatTheAppCallsThem: a date by its own name, or else by its series',
// and what another flow's app calls them is nobody else's.
func TestEventsComeWithWhatTheAppCallsThem(t *testing.T) {
	r := rig.New(t, nil)
	fill(t, r, event("a", "", 0), event("b", "", 1), `{"id":"m","type":"seriesMaster","start":{"dateTime":"2026-03-02T10:00:00","timeZone":"UTC"}}`,
		event("m1", `"type":"occurrence","seriesMasterId":"m",`, 2), event("m2", `"type":"exception","seriesMasterId":"m",`, 3))
	for i, w := range []graphwarden.Intent{
		{Flow: "office", Item: "a", Reference: "deal-1"}, {Flow: "office", Item: "m", Reference: "course"}, {Flow: "office", Item: "m2", Reference: "exam"},
		{Flow: "other", Item: "b", Reference: "secret"},
	} {
		w.ID, w.Key, w.App, w.Kind, w.Mailbox = fmt.Sprint("wrt_", i), fmt.Sprint(i), "crm", graphwarden.UpdateEvent, office.Mailbox
		if err := r.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			in, _, err := r.Store.PutIntent(ctx, tx, w)
			if err != nil {
				return err
			}
			in.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone}
			_, err = r.Store.EndIntent(ctx, tx, in, nil)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	l := lookup.Lookup{Copy: r.Store}
	found, err := l.Events(t.Context(), lookup.Asked{At: office, Window: graphwarden.Window{Start: monday, End: monday.Add(24 * time.Hour)}, Limit: 10})
	var got []string
	for _, e := range found.Events {
		got = append(got, e.ID+"="+e.Reference)
	}
	if want := "a=deal-1 b= m1=course m2=exam"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("%v, want %s (%v)", got, want, err)
	}
	if one, _, err := l.Event(t.Context(), office, "m2", nil); err != nil || one.Reference != "exam" {
		t.Errorf("by its id: %+v, %v", one, err)
	}
}
