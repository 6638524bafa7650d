package calendar_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/internal/kernel"
)

func TestViewsAreAskedForWithAWindow(t *testing.T) {
	try(t, func(b *bench) { oneLunch(b); b.Keep("series", "anna", "POST /me/events", standup) }, []kernel.Situation{
		{Name: "of a month", As: "anna", Request: "GET /me/calendarView?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z", Status: 200, Want: `"type":"occurrence"`},
		{Name: "by an app", As: "app", Request: "GET /users/{anna}/calendar/calendarView?startDateTime=2026-03-10&endDateTime=2026-03-11", Status: 200, Want: `"subject":"Lunch"`},
		{Name: "with an offset", As: "anna", Request: "GET /me/calendarView?startDateTime=2026-03-10T13:00:00-08:00&endDateTime=2026-03-10T14:00:00-08:00", Status: 200, Want: `"value":[]`},
		{Name: "names in lower case", As: "anna", Request: "GET /me/calendarView?startdatetime=2026-03-10&enddatetime=2026-03-11", Status: 200, Want: "Lunch"},
		{Name: "without a window", As: "anna", Request: "GET /me/calendarView", Status: 400, Want: "ErrorInvalidParameter"},
		{Name: "without an end", As: "anna", Request: "GET /me/calendarView?startDateTime=2026-03-01", Status: 400, Want: "requires a time window"},
		{Name: "from the end to the start", As: "anna", Request: "GET /me/calendarView?startDateTime=2026-04-01&endDateTime=2026-03-01", Status: 400, Want: "EndDateTime"},
		{Name: "from what is no time", As: "anna", Request: "GET /me/calendarView?startDateTime=now&endDateTime=2026-03-01", Status: 400, Want: "The value 'now' of parameter"},
		{Name: "of ten years", As: "anna", Request: "GET /me/calendarView?startDateTime=2020-01-01&endDateTime=2030-01-01", Status: 400, Want: "Maximum number of days: 1825"},
		{Name: "in order", As: "anna", Request: "GET /me/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01&$orderby=start/dateTime desc&$top=1", Status: 200, Want: "2026-04-06T07:00:00.0000000"},
		{Name: "too many at once", As: "anna", Request: "GET /me/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01&$top=1001", Status: 400, Want: "1000"},
		{Name: "of a group", As: "anna", Request: "GET /groups/{sales}/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01", Status: 200, Want: `"value":[]`},
		{Name: "of a group that is none", As: "anna", Request: "GET /groups/{none}/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01", Status: 404, Want: "Request_ResourceNotFound"},
		{Name: "of a group without mailbox", As: "anna", Request: "GET /groups/{list}/calendarView?startDateTime=2026-03-01&endDateTime=2026-05-01", Status: 404, Want: "MailboxNotEnabledForRESTAPI"},
		{Name: "a delta without a window", As: "anna", Request: "GET /me/calendarView/delta", Status: 400, Want: "requires a time window"},
		{Name: "a delta with $select", As: "anna", Request: "GET /me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-05-01&$select=subject", Status: 400, Want: "$select"},
		{Name: "a delta with $filter", As: "anna", Request: "GET /me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-05-01&$filter=subject eq 'x'", Status: 400, Want: "$filter"},
		{Name: "a delta with a token of one's own", As: "anna", Request: "GET /me/calendarView/delta?$deltatoken=abc", Status: 400, Want: "SyncStateInvalid"},
		{Name: "a delta of a group", As: "anna", Request: "GET /groups/{sales}/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-05-01", Status: 200, Want: "deltatoken"},
	})
}

func TestAViewComesInPages(t *testing.T) {
	b := start(t)
	for i := range 25 {
		b.Must(201, "anna", "POST /me/events", fmt.Sprintf(`{"subject":"%d","start":{"dateTime":"2026-03-10T%02d:%02d:00","timeZone":"UTC"},"end":{"dateTime":"2026-03-10T23:00:00","timeZone":"UTC"}}`, i, i/2, i%2*30))
	}
	var all []any
	request := "GET /me/calendarView?startDateTime=2026-03-10&endDateTime=2026-03-11&$select=subject"
	for pages := 1; request != ""; pages++ {
		r := b.Must(200, "anna", request, "")
		if len(all) == 0 && len(r.List("id")) != 10 {
			t.Errorf("a page holds %d events, want 10", len(r.List("id")))
		}
		all = append(all, r.List("subject")...)
		next, _ := r.Body["@odata.nextLink"].(string)
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
		r := b.Must(200, as, request, "", headers...)
		for _, v := range r.Body["value"].([]any) {
			lines = append(lines, v.(doc))
		}
		if link, ok := r.Body["@odata.deltaLink"].(string); ok {
			if r.Body["@odata.nextLink"] != nil {
				b.t.Fatal("a page has both links")
			}
			return lines, "GET " + link
		}
		request = "GET " + r.Body["@odata.nextLink"].(string)
	}
	b.t.Fatal("the round does not end")
	return nil, ""
}

func TestADeltaIsFollowedByItsLinks(t *testing.T) {
	b := start(t)
	b.Keep("series", "anna", "POST /me/events", standup)
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
	b.Must(200, "anna", "PATCH /me/events/{lunch}", `{"subject":"Dinner"}`)
	b.Must(204, "anna", "DELETE /me/events/{series}", "")
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
	b.Must(400, "ben", strings.Replace(next, "/me/", "/users/"+b.IDs["ben"]+"/", 1), "")
}

func TestADeltaBetweenWhosePagesThingsHappenMissesNothing(t *testing.T) {
	b := start(t)
	held := map[any]any{}
	take := func(r kernel.Reply) string {
		for _, v := range r.Body["value"].([]any) {
			l := v.(doc)
			if l["@removed"] != nil {
				delete(held, l["id"])
			} else {
				held[l["id"]] = l["subject"]
			}
		}
		for _, name := range []string{"@odata.nextLink", "@odata.deltaLink"} {
			if link, ok := r.Body[name].(string); ok {
				return "GET " + link
			}
		}
		return ""
	}
	event := `{"subject":"%d","start":{"dateTime":"2026-03-10T10:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-03-10T11:00:00","timeZone":"UTC"}}`
	for i := range 6 {
		b.Keep(fmt.Sprint("e", i), "anna", "POST /me/events", fmt.Sprintf(event, i))
	}
	next := "GET /me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-05-01"
	for i := range 12 {
		r := b.Must(200, "anna", next, "", "Prefer: odata.maxpagesize=1")
		next = take(r)
		if i < 6 {
			b.Must(204, "anna", fmt.Sprintf("DELETE /me/events/{e%d}", i), "")
			b.Must(201, "anna", "POST /me/events", fmt.Sprintf(event, 10+i))
		}
	}
	for range 20 {
		next = take(b.Must(200, "anna", next, "", "Prefer: odata.maxpagesize=1"))
	}
	want := map[any]any{}
	r := b.Must(200, "anna", "GET /me/events?$top=100", "")
	for i, id := range r.List("id") {
		want[id] = r.List("subject")[i]
	}
	if fmt.Sprint(held) != fmt.Sprint(want) {
		t.Errorf("held %v\nwant %v", held, want)
	}
}
