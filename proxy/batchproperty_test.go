package proxy_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var batches = flag.Int("batches", 400, "how many random batches are sent")

// candidate is a request that a batch may hold, and its answer alone.
type candidate struct {
	method, url, body string
	headers           map[string]any
	makes             bool // something new each time, so that only its status can be compared
	alone             answer
}

// candidates are requests that are let through and such that are not. {in} is read,
// {other} written, and {out} is out of scope.
func candidates() []candidate {
	out := []candidate{
		{method: "GET", url: "/users/{in}/events?$top=3&$select=id,subject"}, {method: "GET", url: "users/{in}/events?$top=2&$orderby=start/dateTime"},
		{method: "GET", url: "/users('{in}')/mailFolders?$top=2"}, {method: "GET", url: "/Users/{in}/EVENTS/AAMkAGI1AAAoZCfHAAA="},
		{method: "GET", url: "/users/{in}/calendarView?startDateTime=2026-01-01T00:00:00Z&endDateTime=2026-02-01T00:00:00Z&$top=5"},
		{method: "GET", url: "/users/{in}/events?$top=1", headers: map[string]any{"prefer": `IdType="ImmutableId"`, "X-HTTP-Method-Override": "DELETE"}},
		{method: "POST", url: "/users/{other}/events", body: meeting, makes: true},
		{method: "PATCH", url: "/users/{other}/events/AAMkAGI1AAAoZCfHAAA=", body: `{"subject":"y"}`},
		{method: "POST", url: "/users/{in}/calendar/getSchedule", body: `{"schedules":["{in name}","{out name}"],` + slot},
		{method: "GET", url: "/users/{in}/events", headers: map[string]any{"Prefer": "respond-async"}},
		{method: "POST", url: "/users/{in}/events", body: `{"subject":"x","organizer":{"emailAddress":{"address":"{out name}"}}}`},
		{method: "POST", url: "/users/{in}/events", body: `{"frob":"x"}`},
		{method: "POST", url: "/$batch", body: `{"requests":[{"id":"1","method":"GET","url":"/users/{out}/events"}]}`},
	}
	for _, url := range []string{
		"/users/{out}/events", "/users/{out name}/events", "users('{out}')/events", "/users(userPrincipalName='{out name}')/events", "/users/{in}/../{out}/events",
		"/users/{in}/%2e%2e/{out}/events", "/users/{in}%2f..%2f{out}/events", "//users/{out}/events", "/users/{in}/events/../../{out}/events", "/users/{in}/messages",
		"/users/{in}/events?$expand=attachments", "/users/{in}/events?$filter=attachments/any(a:a/name%20eq%20'x')", "/me/events", "/users/{in}/manager", "/users",
		"https://tenant.example/v1.0/users/{out}/events", "/beta/users/{out}/events", "/users/{in}/events?$skiptoken=x", "/users/{in}/events?$skiptoken=gw1.AAAA",
		"/users/{in}/events?$top=1&$TOP=2", "/users/{in}/events#/../{out}", "/users/{in}\\..\\{out}/events", "/groups/{out}/events", "/Subscriptions", "/users/{in};x=y/events", "/search/query",
	} {
		out = append(out, candidate{method: "GET", url: url})
	}
	return out
}

const slot = `"startTime":{"dateTime":"2026-01-01T08:00:00","timeZone":"UTC"},"endTime":{"dateTime":"2026-01-01T18:00:00","timeZone":"UTC"}}`

// fill puts people into a candidate and asks it alone: in a batch of one, so that a url
// can be what no client would send by itself.
func (h *house) fill(c candidate) candidate {
	for text, with := range map[string]string{"{in}": h.inside[0].ID, "{other}": h.inside[1].ID, "{out}": h.outer[0].ID, "{in name}": h.inside[0].Name, "{out name}": h.outer[0].Name} {
		c.url, c.body = strings.ReplaceAll(c.url, text, with), strings.ReplaceAll(c.body, text, with)
	}
	if c.method == http.MethodGet && strings.HasPrefix(c.url, "/") && !strings.ContainsAny(c.url, "#\\") {
		c.alone = h.asks("gwk_crm", c.method, c.url, c.body, heads(c.headers)...)
		return c
	}
	one := h.batch("gwk_crm", c.item("1"))[0]
	c.alone = answer{status: one.Status, body: string(one.Body)}
	return c
}

func heads(of map[string]any) (out []string) {
	for name, value := range of {
		out = append(out, name, value.(string))
	}
	return out
}

func (c candidate) item(id string) item {
	i := item{ID: id, Method: c.method, URL: c.url, Headers: c.headers}
	if c.body != "" {
		i.Body, i.Headers = json.RawMessage(c.body), typed
	}
	return i
}

// TestRandomBatches: whatever a batch is put together of, each item is answered as it is
// alone, or as what it depends on and its id say; and nothing outside the flow's scope
// is ever touched. CONTRIBUTING.md says how to send 10,000; a failure names its seed.
func TestRandomBatches(t *testing.T) {
	const perHouse = 1000 // a mailbox's budget is 10,000 calls in ten minutes
	for left := *batches; left > 0; left -= perHouse {
		h := open(t, events, event, create, change, view, folders, free, "GET /subscriptions")
		var pool []candidate
		for _, c := range candidates() {
			pool = append(pool, h.fill(c))
		}
		set(t, "rapid.nofailfile", "true")
		set(t, "rapid.checks", strconv.Itoa(min(left, perHouse)))
		rapid.Check(t, func(r *rapid.T) { h.random(r, pool) })
		h.untouched(t)
		if t.Failed() {
			return
		}
	}
}

// set sets a flag until the test ends.
func set(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name)
	before := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(before) })
}

// random sends one batch.
func (h *house) random(r *rapid.T, pool []candidate) {
	n := rapid.IntRange(0, 8).Draw(r, "items")
	items, want, drawn := make([]item, n), make([]string, n), make([]candidate, n)
	places := map[string]int{} // of ids
	for i := range items {
		drawn[i] = rapid.SampledFrom(pool).Draw(r, "request")
		id := fmt.Sprint(i)
		if i > 0 && rapid.IntRange(0, 9).Draw(r, "the same id") == 0 {
			id = items[rapid.IntRange(0, i-1).Draw(r, "of")].ID
		}
		items[i] = drawn[i].item(id)
		if rapid.IntRange(0, 2).Draw(r, "depends") == 0 {
			items[i].DependsOn = rapid.SliceOfN(rapid.SampledFrom([]string{"0", "1", "2", "3", "7", "x"}), 1, 2).Draw(r, "on")
		}
		want[i] = expected(items[i], drawn[i], places, want)
		if _, taken := places[id]; !taken {
			places[id] = i
		}
	}
	for i, a := range h.batch("gwk_crm", items...) {
		switch is := fmt.Sprint(a.Status, " ", a.code()); {
		case is != want[i]:
			r.Fatalf("item %d, %s %s after %v: %s, want %s: %s", i, items[i].Method, items[i].URL, items[i].DependsOn, is, want[i], a.Body)
		case a.Status == drawn[i].alone.status && a.code() == drawn[i].alone.code() && !drawn[i].makes && unlinked(h.T, string(a.Body)) != unlinked(h.T, drawn[i].alone.body):
			r.Fatalf("item %d, %s %s: %s, and alone %s", i, items[i].Method, items[i].URL, a.Body, drawn[i].alone.body)
		}
	}
}

// expected is what an item is to be answered, by those before it.
func expected(i item, c candidate, places map[string]int, before []string) string {
	known := func(id string) bool { _, is := places[id]; return is }
	failed := func(id string) bool { return before[places[id]] >= "4" }
	switch {
	case known(i.ID), slices.ContainsFunc(i.DependsOn, func(id string) bool { return !known(id) }):
		return "400 proxy.batch"
	case slices.ContainsFunc(i.DependsOn, failed):
		return "424 proxy.depends"
	}
	return fmt.Sprint(c.alone.status, " ", c.alone.code())
}

// untouched wants that nothing has touched who is outside the flow's scope, and that
// something has touched who is inside.
func (h *house) untouched(t *testing.T) {
	t.Helper()
	w := httptest.NewRecorder()
	h.tenant.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://tenant.example/sim/truth?after=0", nil))
	touched := 0
	for line := range strings.Lines(w.Body.String()) {
		var e struct{ Mailbox, Object, Path string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Mailbox == h.inside[0].ID || e.Mailbox == h.inside[1].ID {
			touched++
		}
		for _, u := range h.outer {
			if e.Mailbox == u.ID || strings.Contains(line, u.ID) || strings.Contains(strings.ToLower(line), strings.ToLower(u.Name)) {
				t.Errorf("%s was touched: %s", u.Name, line)
			}
		}
	}
	if touched == 0 {
		t.Error("nobody was touched at all")
	}
}
