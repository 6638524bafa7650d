package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/lookup"
	"github.com/graphwarden/graphwarden/store"
)

var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// reading is an office with a copy to read: Anna's calendar as the flow office
// reads it, Ben's as office and desks do, Carl's of another app.
func reading(t *testing.T) *office {
	t.Helper()
	var kept *store.Store
	o := newOffice(t, func(c *api.Config) {
		kept = c.Feeds.(*store.Store)
		c.Reading = lookup.Lookup{Copy: kept}
		d := deliver.New(deliver.Config{Store: kept, Books: kept, Holder: "test", Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.New(rand.NewPCG(1, 1))})
		c.Following = deliver.Follower{Desk: deliver.Desk{Deliver: d, Shelf: kept}, Head: kept}
	})
	for _, f := range []graphwarden.Feed{
		{Flow: "office", Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: anna, UPN: "anna@contoso.com"}, Resource: "anna-cal", Title: "Calendar"},
		{Flow: "office", Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: ben, UPN: "ben@contoso.com"}, Resource: "ben-cal", Title: "Calendar"},
		{Flow: "desks", Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: ben, UPN: "ben@contoso.com"}, Resource: "ben-cal", Title: "Calendar"},
		{Flow: "sales", Tenant: "fabrikam", Mailbox: graphwarden.Mailbox{ID: carl, UPN: "carl@fabrikam.com"}, Resource: "carl-cal", Title: "Calendar"},
	} {
		if err := kept.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := kept.EnsureFeed(ctx, tx, f)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// brings stores events in the copy, as a page of the flow's feed of a mailbox.
func (o *office) brings(t *testing.T, flow, mailbox string, items ...graphwarden.Item) {
	t.Helper()
	states, err := o.store.FeedStates(t.Context(), graphwarden.FeedChoice{Flow: flow, Mailbox: mailbox}, 0, 1)
	if err != nil || len(states) != 1 {
		t.Fatal(states, err)
	}
	err = o.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := o.store.ApplyPage(ctx, tx, states[0].Feed, graphwarden.Page{Items: items, Next: graphwarden.Cursor(fmt.Sprint(time.Now().UnixNano()))})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func event(id string, hour int, rest string) graphwarden.Item {
	start := monday.Add(time.Duration(hour) * time.Hour)
	const form = "2006-01-02T15:04:05.0000000"
	return graphwarden.Item{ID: id, Body: json.RawMessage(fmt.Sprintf(`{"@odata.etag":"W/\"%s\"","id":%q%s,"start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}}`,
		id, id, rest, start.Format(form), start.Add(time.Hour).Format(form)))}
}

const (
	annas = "/v1/tenants/contoso/mailboxes/" + anna + "/events"
	span  = "?from=2026-03-02T00:00:00Z&to=2026-04-01T00:00:00Z"
)

func idsOf(t *testing.T, list []api.Event) string {
	t.Helper()
	var all []string
	for _, e := range list {
		all = append(all, e.ID)
	}
	return strings.Join(all, " ")
}

func TestTheEventsOfASpanAreRead(t *testing.T) {
	o := reading(t)
	o.brings(t, "office", anna, event("a", 0, `,"subject":"Budget"`), event("b", 5, `,"subject":"Doctor","sensitivity":"private"`), event("c", 700, ""))
	o.brings(t, "office", ben, event("d", 1, ""))
	o.brings(t, "desks", ben, event("d", 1, ""))
	o.brings(t, "sales", carl, event("e", 1, ""))
	for _, s := range []struct{ name, key, path, want string }{
		{"a span", o.portal, annas + span, "a b c"},
		{"by name", o.portal, "/v1/tenants/contoso/mailboxes/Anna@Contoso.com/events" + span, "a b c"},
		{"an hour", o.portal, annas + "?from=2026-03-02T08:30:00Z&to=2026-03-02T09:30:00Z", "a"},
		{"in another zone", o.portal, annas + "?from=2026-03-02T10:30:00%2B02:00&to=2026-03-02T11:30:00%2B02:00", "a"},
		{"words", o.portal, annas + span + "&q=BUDGET", "a"},
		{"words of a private one", o.portal, annas + span + "&q=doctor", ""},
		{"a calendar", o.portal, annas + span + "&calendar=anna-cal", "a b c"},
		{"a key of one flow", o.narrow, "/v1/tenants/contoso/mailboxes/" + ben + "/events" + span, "d"},
		{"another app", o.crm, "/v1/tenants/fabrikam/mailboxes/" + carl + "/events" + span, "e"},
	} {
		got := read[api.Events](t, o.as(t, s.key, "GET", s.path, ""))
		if idsOf(t, got.Items) != s.want || got.Complete {
			t.Errorf("%s: %q, complete %v", s.name, idsOf(t, got.Items), got.Complete)
		}
	}
	for path, want := range map[string]string{annas + "?from=2026-03-02T08:00:00": "api.query", annas + "?from=2026-03-02T08:00:00Z&to=2026-03-01T08:00:00Z": "api.query",
		annas + span + "&calendar=ben-cal": "api.name", // is not hers
		annas + "?fields=subjekt":          "api.query", annas + "?flow=sales": "api.name", annas + "/none": "api.no_event", annas + "/d": "api.no_event"} {
		if w := o.as(t, o.portal, "GET", path, ""); code(t, w) != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for query, fix := range map[string]string{"?to=2001-03-01T08:00:00Z": "Give from, too", "?from=2026-03-02T08:00:00Z&to=2026-03-01T08:00:00Z": "later than from"} {
		if w := o.as(t, o.portal, "GET", annas+query, ""); !strings.Contains(w.Body.String(), fix) {
			t.Errorf("%s: %s", query, w.Body)
		}
	}
	w := o.as(t, o.portal, "GET", annas+"/a?fields=subject", "")
	one := read[api.Event](t, w)
	if string(one.Event) != `{"@odata.etag":"W/\"a\"","id":"a","subject":"Budget"}` || one.ETag != `W/"a"` || one.Calendar != "anna-cal" || !one.Start.Equal(monday) {
		t.Errorf("%s", w.Body)
	}
	if again := o.as(t, o.portal, "GET", annas+"/a?fields=subject", "", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("as it was: %d", again.Code)
	}
	cals := read[api.Calendars](t, o.as(t, o.portal, "GET", "/v1/tenants/contoso/mailboxes/"+anna+"/calendars", ""))
	if len(cals.Items) != 1 || cals.Items[0].ID != "anna-cal" || cals.Items[0].Events != 3 {
		t.Errorf("%+v", cals)
	}
}

// TestNothingIsSkippedWhileOthersInsert reads page by page while events come and go
// before, at and after the place (U31): what is there all the time is read exactly
// once.
func TestNothingIsSkippedWhileOthersInsert(t *testing.T) {
	for seed := range uint64(6) {
		o := reading(t)
		chance := rand.New(rand.NewPCG(seed, 1))
		var stay []string
		for n := range 30 {
			id := fmt.Sprintf("stay%02d", n)
			stay = append(stay, id)
			o.brings(t, "office", anna, event(id, n*3+chance.IntN(3), ""))
		}
		var got []string
		cursor := ""
		for pages := 0; pages < 100; pages++ {
			p := read[api.Events](t, o.as(t, o.portal, "GET", annas+span+"&limit="+fmt.Sprint(1+chance.IntN(5))+"&cursor="+url.QueryEscape(cursor), ""))
			for _, e := range p.Items {
				if strings.HasPrefix(e.ID, "stay") {
					got = append(got, e.ID)
				}
			}
			o.brings(t, "office", anna, event(fmt.Sprint("come", pages), chance.IntN(90), ""), graphwarden.Item{ID: fmt.Sprint("come", chance.IntN(pages+1)), Removed: true})
			if cursor = p.Next; cursor == "" {
				break
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, stay) {
			t.Errorf("seed %d: %v", seed, got)
		}
	}
}

// TestACursorIsGoodForItsListOnly is R51.
func TestACursorIsGoodForItsListOnly(t *testing.T) {
	o := reading(t)
	for n := range 5 {
		o.brings(t, "office", anna, event(fmt.Sprint("a", n), n, ""))
		o.brings(t, "office", ben, event(fmt.Sprint("b", n), n, ""))
	}
	cursor := read[api.Events](t, o.as(t, o.portal, "GET", annas+span+"&limit=2", "")).Next
	if cursor == "" {
		t.Fatal("there is one page")
	}
	benNames := strings.Replace(annas, anna, ben, 1)
	forged := cursor[:len(cursor)-2] + "AA"
	for _, s := range []struct{ name, key, path, code string }{
		{"the same list", o.portal, annas + span + "&limit=3&cursor=" + cursor, ""},
		{"another key of the app", o.reader, annas + span + "&cursor=" + cursor, ""},
		{"a key for other flows", o.narrow, benNames + span + "&cursor=" + cursor, "api.query"},
		{"another mailbox", o.portal, benNames + span + "&cursor=" + cursor, "api.query"},
		{"another span", o.portal, annas + "?from=2026-03-02T00:00:00Z&cursor=" + cursor, "api.query"},
		{"another list", o.portal, "/v1/mailboxes?cursor=" + cursor, "api.query"},
		{"the changes", o.portal, "/v1/changes?cursor=" + cursor, "api.query"},
		{"forged", o.portal, annas + span + "&cursor=" + forged, "api.query"},
		{"cut", o.portal, annas + span + "&cursor=" + cursor[:10], "api.query"},
		{"made up", o.portal, annas + span + "&cursor=MTc3", "api.query"},
	} {
		if w := o.as(t, s.key, "GET", s.path, ""); code(t, w) != s.code {
			t.Errorf("%s: %d %s", s.name, w.Code, w.Body)
		}
	}
}

func TestChangesAreReadFromWhereTheAppStopped(t *testing.T) {
	o := reading(t)
	start := read[api.News](t, o.as(t, o.portal, "GET", "/v1/changes", ""))
	if len(start.Items) != 0 || start.Cursor == "" || start.More {
		t.Fatalf("%+v", start)
	}
	o.brings(t, "office", anna, event("a", 0, `,"subject":"Doctor","sensitivity":"private"`), event("b", 1, ""))
	o.brings(t, "sales", carl, event("e", 1, ""))
	o.brings(t, "desks", ben, event("d", 1, ""))
	o.brings(t, "office", anna, graphwarden.Item{ID: "b", Removed: true})
	told := func(n api.News) string {
		var all []string
		for _, e := range n.Items {
			all = append(all, strings.TrimPrefix(e.Type, "com.graphwarden.event.")+" "+e.Subject)
			if strings.Contains(string(e.Data.Item), "Doctor") {
				t.Errorf("a private one shows %s", e.Data.Item)
			}
		}
		return strings.Join(all, ", ")
	}
	follow := func(key, cursor, more string) api.News {
		return read[api.News](t, o.as(t, key, "GET", "/v1/changes?cursor="+cursor+more, ""))
	}
	if got := told(follow(o.portal, start.Cursor, "")); got != "created a, created b, created d, deleted b" {
		t.Errorf("all: %s", got)
	}
	var parts []string
	cursor, more := start.Cursor, true
	for more {
		n := follow(o.portal, cursor, "&limit=1")
		cursor, more = n.Cursor, n.More
		if len(n.Items) > 0 {
			parts = append(parts, told(n))
		}
	}
	if got := strings.Join(parts, ", "); got != "created a, created b, created d, deleted b" {
		t.Errorf("one by one: %s", got)
	}
	if w := o.as(t, o.portal, "GET", "/v1/changes?flow=desks&cursor="+start.Cursor, ""); code(t, w) != "api.query" {
		t.Errorf("a cursor of all flows for one: %d", w.Code)
	}
	if got := told(read[api.News](t, o.as(t, o.crm, "GET", "/v1/changes?since=2026-01-01T00:00:00Z", ""))); got != "created e" && got != "" {
		t.Errorf("another app: %s", got)
	}
	if w := o.as(t, o.crm, "GET", "/v1/changes?cursor="+start.Cursor, ""); code(t, w) != "api.query" {
		t.Errorf("another app's cursor: %d", w.Code)
	}
	if w := o.as(t, o.crm, "GET", "/v1/changes?flow=office", ""); code(t, w) != "api.name" {
		t.Errorf("another app's flow: %d", w.Code)
	}
	begun := time.Now()
	if n := follow(o.portal, cursor, "&wait=1"); len(n.Items) != 0 || time.Since(begun) < 900*time.Millisecond {
		t.Errorf("nothing comes: %+v after %s", n, time.Since(begun))
	}
}

// TestAStreamGoesOnAndEndsWithItsKey listens at a real address; R19: a revoked key
// ends its streams within two seconds.
func TestAStreamGoesOnAndEndsWithItsKey(t *testing.T) {
	o := reading(t)
	start := read[api.News](t, o.as(t, o.portal, "GET", "/v1/changes", ""))
	l, err := api.Listen(t.Context(), api.Door{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx, api.Served{Listener: l, Handler: o.Apps}) }()
	defer func() { stop(); <-ended }()
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+l.Addr().String()+"/v1/changes/stream?cursor="+start.Cursor, nil)
	r.Header.Set("Authorization", "Bearer "+o.reader)
	w, err := http.DefaultClient.Do(r)
	if err != nil || w.StatusCode != http.StatusOK || w.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatal(w, err)
	}
	defer w.Body.Close()
	lines := bufio.NewScanner(w.Body)
	o.brings(t, "office", anna, event("a", 0, ""))
	var c api.Change
	for c.Cursor == "" && lines.Scan() {
		if len(lines.Bytes()) > 0 {
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c.Change.Subject != "a" {
		t.Errorf("%+v %v", c, lines.Err())
	}
	if n := read[api.News](t, o.as(t, o.reader, "GET", "/v1/changes?cursor="+c.Cursor, "")); len(n.Items) != 0 {
		t.Errorf("after the line's cursor there is %+v", n)
	}
	keys, err := o.keys.List(t.Context(), "portal")
	if err != nil {
		t.Fatal(err)
	}
	revoked := time.Now()
	for _, k := range keys {
		if _, err := o.keys.Revoke(t.Context(), k.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = io.Copy(io.Discard, w.Body)
	if took := time.Since(revoked); took > 30*time.Second {
		t.Errorf("the stream ended %s after its key was revoked", took)
	}
}
