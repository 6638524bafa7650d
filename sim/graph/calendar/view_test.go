package calendar_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestViewsAreAskedForWithAWindow(t *testing.T) {
	try(t, func(b *bench) { oneLunch(b); b.keep("series", "anna", "POST /me/events", standup) }, []situation{
		{name: "of a month", as: "anna", request: "GET /me/calendarView?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z", status: 200, want: `"type":"occurrence"`},
		{name: "by an app", as: "app", request: "GET /users/{anna}/calendar/calendarView?startDateTime=2026-03-10&endDateTime=2026-03-11", status: 200, want: `"subject":"Lunch"`},
		{name: "with an offset", as: "anna", request: "GET /me/calendarView?startDateTime=2026-03-10T13:00:00-08:00&endDateTime=2026-03-10T14:00:00-08:00", status: 200, want: `"value":[]`},
		{name: "names in lower case", as: "anna", request: "GET /me/calendarView?startdatetime=2026-03-10&enddatetime=2026-03-11", status: 200, want: "Lunch"},
		{name: "without a window", as: "anna", request: "GET /me/calendarView", status: 400, want: "ErrorInvalidParameter"},
		{name: "without an end", as: "anna", request: "GET /me/calendarView?startDateTime=2026-03-01", status: 400, want: "requires a time window"},
		{name: "from the end to the start", as: "anna", request: "GET /me/calendarView?startDateTime=2026-04-01&endDateTime=2026-03-01", status: 400, want: "EndDateTime"},
		{name: "from what is no time", as: "anna", request: "GET /me/calendarView?startDateTime=now&endDateTime=2026-03-01", status: 400, want: "The value 'now' of parameter"},
		{name: "of ten years", as: "anna", request: "GET /me/calendarView?startDateTime=2020-01-01&endDateTime=2030-01-01", status: 400, want: "Maximum number of days: 1825"},
		{name: "in order", as: "anna", request: "GET /me/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01&$orderby=start/dateTime desc&$top=1", status: 200, want: "2026-04-06T07:00:00.0000000"},
		{name: "too many at once", as: "anna", request: "GET /me/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01&$top=1001", status: 400, want: "1000"},
		{name: "of a group", as: "anna", request: "GET /groups/{sales}/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01", status: 200, want: `"value":[]`},
		{name: "of a group that is none", as: "anna", request: "GET /groups/{none}/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01", status: 404, want: "Request_ResourceNotFound"},
		{name: "of a group without mailbox", as: "anna", request: "GET /groups/{list}/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01", status: 404, want: "MailboxNotEnabledForRESTAPI"},
		{name: "a delta without a window", as: "anna", request: "GET /me/calendarView/delta", status: 400, want: "requires a time window"},
		{name: "a delta with $select", as: "anna", request: "GET /me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-05-01&$select=subject", status: 400, want: "$select"},
		{name: "a delta with $filter", as: "anna", request: "GET /me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-05-01&$filter=subject eq 'x'", status: 400, want: "$filter"},
		{name: "a delta with a token of one's own", as: "anna", request: "GET /me/calendarView/delta?$deltatoken=abc", status: 400, want: "SyncStateInvalid"},
		{name: "a delta of a group", as: "anna", request: "GET /groups/{sales}/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-05-01", status: 200, want: "deltatoken"},
	})
}

func TestAViewComesInPages(t *testing.T) {
	b := start(t)
	for i := range 25 {
		b.must(201, "anna", "POST /me/events", fmt.Sprintf(`{"subject":"%d","start":{"dateTime":"2026-03-10T%02d:%02d:00","timeZone":"UTC"},"end":{"dateTime":"2026-03-10T23:00:00","timeZone":"UTC"}}`, i, i/2, i%2*30))
	}
	var all []any
	request := "GET /me/calendarView?startDateTime=2026-03-10&endDateTime=2026-03-11&$select=subject"
	for pages := 1; request != ""; pages++ {
		r := b.must(200, "anna", request, "")
		if len(all) == 0 && len(r.list("id")) != 10 {
			t.Errorf("a page holds %d events, want 10", len(r.list("id")))
		}
		all = append(all, r.list("subject")...)
		next, _ := r.body["@odata.nextLink"].(string)
		if request = ""; next != "" {
			request = "GET " + next
		}
	}
	if len(all) != 25 || all[0] != "0" || all[24] != "24" {
		t.Errorf("the pages hold %v", all)
	}
}

// round reads a delta to its end and gives the members of its lines, with the
// link to the next round.
func (b *bench) round(as, request string, headers ...string) (lines []doc, next string) {
	b.t.Helper()
	for range 100 {
		r := b.must(200, as, request, "", headers...)
		for _, v := range r.body["value"].([]any) {
			lines = append(lines, v.(doc))
		}
		if link, ok := r.body["@odata.deltaLink"].(string); ok {
			if r.body["@odata.nextLink"] != nil {
				b.t.Fatal("a page has both links")
			}
			return lines, "GET " + link
		}
		request = "GET " + r.body["@odata.nextLink"].(string)
	}
	b.t.Fatal("the round does not end")
	return nil, ""
}

func TestADeltaIsFollowedByItsLinks(t *testing.T) {
	b := start(t)
	b.keep("series", "anna", "POST /me/events", standup)
	oneLunch(b)
	const first = "GET /me/calendarView/delta?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-05-01T00:00:00Z"
	lines, next := b.round("anna", first, "Prefer: odata.maxpagesize=2", `Prefer: outlook.timezone="Pacific Standard Time"`)
	kinds := map[any]int{}
	for _, l := range lines {
		kinds[l["type"]]++
		if l["start"].(doc)["timeZone"] != "Pacific Standard Time" {
			t.Errorf("the zone is not kept: %v", l["start"])
		}
	}
	if fmt.Sprint(kinds) != "map[occurrence:5 seriesMaster:1 singleInstance:1]" {
		t.Errorf("the first round is %v", kinds)
	}
	if strings.Contains(next, "startDateTime") || !strings.Contains(next, "$deltatoken=") && !strings.Contains(next, "%24deltatoken=") {
		t.Errorf("the delta link is %s", next)
	}

	lines, again := b.round("anna", next)
	if len(lines) != 0 {
		t.Errorf("nothing happened, but %v", lines)
	}
	b.must(200, "anna", "PATCH /me/events/{lunch}", `{"subject":"Dinner"}`)
	b.must(204, "anna", "DELETE /me/events/{series}", "")
	lines, _ = b.round("anna", again)
	removed := 0
	for _, l := range lines {
		if l["@removed"] != nil {
			removed++
		} else if l["subject"] != "Dinner" || l["start"].(doc)["timeZone"] != "Pacific Standard Time" {
			t.Errorf("a line of the second round is %v", l)
		}
	}
	if removed != 6 || len(lines) != 7 {
		t.Errorf("%d removed in %d lines: %v", removed, len(lines), lines)
	}
	if replayed, _ := b.round("anna", next); len(replayed) != 7 {
		t.Errorf("an old delta link gives %d lines, want the changes again", len(replayed))
	}
	b.must(400, "ben", strings.Replace(next, "/me/", "/users/"+b.ids["ben"]+"/", 1), "")
}

func TestADeltaBetweenWhosePagesThingsHappenMissesNothing(t *testing.T) {
	b := start(t)
	held := map[any]any{}
	take := func(r reply) string {
		for _, v := range r.body["value"].([]any) {
			l := v.(doc)
			if l["@removed"] != nil {
				delete(held, l["id"])
			} else {
				held[l["id"]] = l["subject"]
			}
		}
		for _, name := range []string{"@odata.nextLink", "@odata.deltaLink"} {
			if link, ok := r.body[name].(string); ok {
				return "GET " + link
			}
		}
		return ""
	}
	event := `{"subject":"%d","start":{"dateTime":"2026-03-10T10:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-03-10T11:00:00","timeZone":"UTC"}}`
	for i := range 6 {
		b.keep(fmt.Sprint("e", i), "anna", "POST /me/events", fmt.Sprintf(event, i))
	}
	next := "GET /me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-05-01"
	for i := range 12 {
		r := b.must(200, "anna", next, "", "Prefer: odata.maxpagesize=1")
		next = take(r)
		if i < 6 {
			b.must(204, "anna", fmt.Sprintf("DELETE /me/events/{e%d}", i), "")
			b.must(201, "anna", "POST /me/events", fmt.Sprintf(event, 10+i))
		}
	}
	for range 20 {
		next = take(b.must(200, "anna", next, "", "Prefer: odata.maxpagesize=1"))
	}
	want := map[any]any{}
	r := b.must(200, "anna", "GET /me/events?$top=100", "")
	for i, id := range r.list("id") {
		want[id] = r.list("subject")[i]
	}
	if fmt.Sprint(held) != fmt.Sprint(want) {
		t.Errorf("held %v\nwant %v", held, want)
	}
}
