package proxy_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/edm"
)

// canary stands wherever a person can write something into a private event.
const canary = "Zebrafink"

// secrets puts up a proxy whose flow is shown the times of private events only, before a
// mailbox that has one of each sensitivity. It gives their ids.
func secrets(t *testing.T, more ...string) (h *house, ids map[string]string) {
	h = opened(t, true, append(more, events, event, create, change, remove, view, delta, free, "GET /users/{id}/calendars", "GET /users/{id}/calendars/{id}/events", "GET /users/{id}/calendars/{id}",
		"GET /users/{id}/events/{id}/attachments", "POST /users/{id}/events/{id}/attachments", "GET /users/{id}/events/{id}/instances", "POST /users/{id}/events/{id}/forward", "POST /users/{id}/events/{id}/accept",
		"GET /users/{id}/events/{id}/subject", "GET /users/{id}/events/$count", "PUT /users/{id}/events/{id}", "POST /users/{id}/calendar/calendarPermissions", "GET /users/{id}/reminderView(StartDateTime={value},EndDateTime={value})"))
	ids = map[string]string{}
	for i, sensitivity := range []string{"private", "confidential", "personal", "normal"} {
		words := canary
		if i > 1 {
			words = "Amsel"
		}
		raw, err := json.Marshal(map[string]any{"subject": words, "sensitivity": sensitivity, "body": map[string]any{"contentType": "text", "content": words}, "location": map[string]any{"displayName": words},
			"categories": []string{words}, "attendees": []any{map[string]any{"type": "required", "emailAddress": map[string]any{"address": words + "@fabrikam.example", "name": words}}},
			"start": map[string]any{"dateTime": "2026-12-01T09:00:00", "timeZone": "UTC"}, "end": map[string]any{"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
			"recurrence": map[string]any{"pattern": map[string]any{"type": "daily", "interval": 1}, "range": map[string]any{"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 3}}})
		if err != nil {
			t.Fatal(err)
		}
		a := h.direct(http.MethodPost, "/users/"+h.inside[0].ID+"/events", string(raw))
		var made struct{ ID string }
		if err := json.Unmarshal([]byte(a.body), &made); err != nil || a.status != http.StatusCreated {
			t.Fatal(a)
		}
		ids[sensitivity] = url.PathEscape(made.ID)
	}
	return h, ids
}

// TestPrivateEventsShowTheirTimesOnly, whatever they are asked for by: what a person
// wrote into them leaves by no answer, and the rest is as Microsoft says it.
func TestPrivateEventsShowTheirTimesOnly(t *testing.T) {
	h, ids := secrets(t)
	anna := "/users/" + h.inside[0].ID
	const window = "?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-05T00:00:00Z"
	for _, s := range []struct{ name, method, path, body string }{
		{"a list", "GET", "/events?$top=500", ""},
		{"a list with chosen properties", "GET", "/events?$select=subject,start&$top=500", ""},
		{"a list with everything chosen", "GET", "/events?$select=*&$top=500", ""},
		{"one", "GET", "/events/" + ids["private"], ""},
		{"one that is confidential", "GET", "/events/" + ids["confidential"], ""},
		{"one of it", "GET", "/events/" + ids["private"] + "?$select=subject,body", ""},
		{"occurrences", "GET", "/events/" + ids["private"] + "/instances" + window, ""},
		{"a view", "GET", "/calendarView" + window + "&$top=500", ""},
		{"a view of subjects", "GET", "/calendarView" + window + "&$select=subject&$top=500", ""},
		{"changes", "GET", "/calendarView/delta" + window, ""},
		{"by times", "GET", "/events?$filter=start/dateTime%20ge%20'2026-12-01T00:00:00'%20and%20sensitivity%20eq%20'private'&$orderby=start/dateTime", ""},
		{"free and busy", "POST", "/calendar/getSchedule", `{"schedules":["` + h.inside[0].Name + `"],"startTime":{"dateTime":"2026-12-01T08:00:00","timeZone":"UTC"},"endTime":{"dateTime":"2026-12-01T18:00:00","timeZone":"UTC"}}`},
		{"a change", "PATCH", "/events/" + ids["private"], `{"showAs":"free"}`},
	} {
		t.Run(s.name, func(t *testing.T) {
			got, want := h.asks("gwk_crm", s.method, anna+s.path, s.body), h.direct(s.method, anna+s.path, s.body)
			if got.status/100 != 2 || got.status != want.status {
				t.Fatalf("answered %d %s, directly %d %s", got.status, got.body, want.status, want.body)
			}
			if !strings.Contains(want.body, canary) && want.status < 400 && !strings.Contains(s.path, "start/dateTime") {
				t.Fatalf("nothing private is answered that could be seen: %s", want.body)
			}
			if strings.Contains(got.body, canary) {
				t.Errorf("it tells of a private event: %s", got.body)
			}
			if strings.Contains(want.body, "Amsel") != strings.Contains(got.body, "Amsel") && s.method == "GET" {
				t.Errorf("it hides what is not private: %s", got.body)
			}
			if s.method == "GET" && !strings.Contains(got.body, `"start":{"dateTime":"2026-12-01T09:00:00.0000000"`) && strings.Contains(want.body, `"start":{"dateTime":"2026-12-01T09:00:00.0000000"`) {
				t.Errorf("it hides the times: %s", got.body)
			}
		})
	}
	for _, open := range []string{"/events/" + ids["normal"], "/events/" + ids["personal"]} {
		if got, want := h.asks("gwk_crm", "GET", anna+open, ""), h.direct("GET", anna+open, ""); got.body != want.body || !strings.Contains(got.body, "Amsel") {
			t.Errorf("what is not private is answered\n%s, and not\n%s", got.body, want.body)
		}
	}
	if a := h.batch("gwk_crm", item{ID: "1", Method: "GET", URL: anna + "/events?$top=500"})[0]; a.Status != 200 || strings.Contains(string(a.Body), canary) {
		t.Errorf("in a batch: %d %s", a.Status, a.Body)
	}
}

// TestNoWayLeadsToAPrivateEvent goes every way that Microsoft's schema has from a user, a
// calendar, an event, a message and their lists, by path and by $expand, with all of them
// listed by the flow: whatever is answered, no word of a private event is in it.
func TestNoWayLeadsToAPrivateEvent(t *testing.T) {
	const window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-05T00:00:00Z"
	type start struct{ template, typ, query string }
	starts := []start{
		{"/users/{id}", "user", ""},
		{"/users/{id}/calendar", "calendar", ""},
		{"/users/{id}/calendars", "calendar", ""},
		{"/users/{id}/calendars/{id}", "calendar", ""},
		{"/users/{id}/calendarGroups", "calendarGroup", ""},
		{"/users/{id}/events", "event", "$top=500"},
		{"/users/{id}/events/{id}", "event", ""},
		{"/users/{id}/calendar/events", "event", "$top=500"},
		{"/users/{id}/calendar/calendarView", "event", window + "&$top=500"},
		{"/users/{id}/calendars/{id}/events", "event", "$top=500"},
		{"/users/{id}/calendars/{id}/calendarView", "event", window + "&$top=500"},
		{"/users/{id}/calendarView", "event", window + "&$top=500"},
		{"/users/{id}/messages", "message", "$top=100"},
		{"/users/{id}/mailFolders", "mailFolder", ""},
	}
	var listed []string
	type way struct{ template, query string }
	var ways []way
	for _, s := range starts {
		typ, known := edm.Load().Type("microsoft.graph." + s.typ)
		if !known {
			t.Fatal(s.typ)
		}
		listed = append(listed, "GET "+s.template)
		ways = append(ways, way{s.template, s.query})
		for _, nav := range typ.Navigations() {
			behind := s.template
			if !strings.HasSuffix(behind, "{id}") && !strings.HasSuffix(behind, "/calendar") {
				behind += "/{id}" // of a list: behind one of it
			}
			listed = append(listed, "GET "+behind+"/"+nav.Name)
			ways = append(ways, way{s.template, strings.TrimPrefix(s.query+"&$expand="+nav.Name, "&")})
			if behind == s.template {
				query := ""
				if nav.Name == "calendarView" || nav.Name == "instances" {
					query = window
				}
				ways = append(ways, way{behind + "/" + nav.Name, query})
			}
		}
	}
	slices.Sort(listed)
	h, ids := secrets(t, slices.Compact(listed)...)
	var calendar struct{ ID string }
	if err := json.Unmarshal([]byte(h.direct("GET", "/users/"+h.inside[0].ID+"/calendar", "").body), &calendar); err != nil {
		t.Fatal(err)
	}
	told, masked := 0, 0
	for i, w := range ways {
		if testing.Short() && i%3 != 0 {
			continue
		}
		path := strings.Replace(w.template, "/users/{id}", "/users/"+h.inside[0].ID, 1)
		path = strings.Replace(path, "/calendars/{id}", "/calendars/"+url.PathEscape(calendar.ID), 1)
		path = strings.Replace(path, "/events/{id}", "/events/"+ids["private"], 1)
		if w.query != "" {
			path += "?" + w.query
		}
		got, want := h.asks("gwk_crm", "GET", path, ""), h.direct("GET", path, "")
		if strings.Contains(got.body, canary) {
			t.Errorf("%s tells of a private event: %.300s", path, got.body)
		}
		if want.status < http.StatusBadRequest && strings.Contains(want.body, canary) {
			told++
			if got.status < http.StatusBadRequest {
				masked++
			}
		}
	}
	if told < 10 || masked < 8 {
		t.Errorf("of %d ways %d told directly of private events, of which %d were answered masked: too few to mean anything", len(ways), told, masked)
	}
	t.Logf("of %d ways %d told directly of private events; %d were answered masked", len(ways), told, masked)
}

// TestWhatIsCreatedIsAnswered: an app that is shown the times of private events only learns
// of an event that it creates what it would of the same by its id, and of one that is not
// private all.
func TestWhatIsCreatedIsAnswered(t *testing.T) {
	h, _ := secrets(t)
	anna := "/users/" + h.inside[0].ID
	for sensitivity, hidden := range map[string]bool{"private": true, "confidential": true, "normal": false} {
		words := map[bool]string{true: canary, false: "Amsel"}[hidden]
		made := h.asks("gwk_crm", "POST", anna+"/events", `{"subject":"`+words+`","sensitivity":"`+sensitivity+`","start":{"dateTime":"2026-12-02T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-12-02T10:00:00","timeZone":"UTC"}}`)
		var e struct {
			ID, Subject string
			Start       struct{ DateTime string }
		}
		if err := json.Unmarshal([]byte(made.body), &e); err != nil || made.status != http.StatusCreated || e.ID == "" || !strings.HasPrefix(e.Start.DateTime, "2026-12-02T09:00:00") {
			t.Errorf("%s: created, it is %d %s", sensitivity, made.status, made.body)
			continue
		}
		at := anna + "/events/" + url.PathEscape(e.ID)
		if hidden != (e.Subject == "") || strings.Contains(made.body, canary) {
			t.Errorf("%s: created, it says %s", sensitivity, made.body)
		}
		got := h.asks("gwk_crm", "PATCH", at, `{"subject":"`+words+`","showAs":"free"}`)
		if got.status != http.StatusOK || strings.Contains(got.body, canary) || !strings.Contains(got.body, `"showAs":"free"`) || hidden == strings.Contains(got.body, "Amsel") {
			t.Errorf("%s: changed, it is %d %s", sensitivity, got.status, got.body)
		}
	}
}

// TestWhatCannotBeMaskedIsRefused: by which events come, in what order, what stands
// behind them or what a refusal of Microsoft's would say. Microsoft hears of none of it.
func TestWhatCannotBeMaskedIsRefused(t *testing.T) {
	h, ids := secrets(t)
	anna := "/users/" + h.inside[0].ID
	one := "/events/" + ids["private"]
	for _, s := range []struct{ method, path, body string }{
		{"GET", "/events?$filter=startswith(subject,'Z')", ""},
		{"GET", "/events?$filter=contains(body/content,'Z')", ""},
		{"GET", "/events?$filter=attendees/any(a:a/emailAddress/address%20eq%20'x')", ""},
		{"GET", "/events?$filter=not%20(start/dateTime%20ge%20'2026'%20and%20categories/any(c:c%20eq%20'x'))", ""},
		{"GET", "/events?$orderby=subject", ""},
		{"GET", "/events?$orderby=start/dateTime,location/displayName", ""},
		{"GET", "/events?$search=%22Zebrafink%22", ""},
		{"GET", "/calendars?$expand=events($filter=subject%20eq%20'Zebrafink')", ""},
		{"GET", "/calendars?$filter=events/any(e:e/subject%20eq%20'Zebrafink')", ""},
		{"GET", one + "/attachments", ""},
		{"GET", one + "/subject", ""},
		{"GET", "/reminderView(startDateTime='2026-12-01',endDateTime='2026-12-05')", ""},
		{"POST", one + "/forward", `{"toRecipients":[{"emailAddress":{"address":"x@fabrikam.example"}}]}`},
		{"POST", one + "/accept", `{}`},
		{"PATCH", one, `{"sensitivity":"normal"}`},
		{"PATCH", one, `{"subject":"x","attendees":[{"emailAddress":{"address":"x@fabrikam.example"}}]}`},
		{"PATCH", one, `{"body":{"content":"x"}}`},
		{"PATCH", one, `{"singleValueExtendedProperties":[{"id":"Integer 0x0036","value":"0"}]}`},
		{"PUT", one, `{"subject":"x"}`},
		{"POST", "/calendar/calendarPermissions", `{"role":"delegateWithPrivateEventAccess","emailAddress":{"address":"x@fabrikam.example"}}`},
	} {
		before := h.heard(t)
		if a := h.asks("gwk_crm", s.method, anna+s.path, s.body); a.status != http.StatusForbidden || a.code() != "proxy.private" {
			t.Errorf("%s %s %s: %d %s", s.method, s.path, s.body, a.status, a.body)
		}
		if now := h.heard(t); now != before {
			t.Errorf("%s %s: Microsoft has heard of it", s.method, s.path)
		}
	}
	for _, s := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", one + "/attachments", `{"@odata.type":"#microsoft.graph.fileAttachment","name":"x.txt","contentBytes":"eA=="}`, 201},
		{"PATCH", one, `{"@odata.type":"#microsoft.graph.event","subject":"y","sensitivity":"confidential"}`, 200},
		{"DELETE", one, "", 204},
	} {
		if a := h.asks("gwk_crm", s.method, anna+s.path, s.body); a.status != s.want || strings.Contains(a.body, canary) {
			t.Errorf("%s %s: %d %s", s.method, s.path, a.status, a.body)
		}
	}
	h.rooms.Store.Settle()
	rules := 0
	if err := h.rooms.Store.EntriesAfter(t.Context(), 0, 1000, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Rule == "proxy.private" {
			rules++
		}
		return nil
	}); err != nil || rules != 20 {
		t.Errorf("%d refusals are on record, %v", rules, err)
	}
}

// TestWhatIsExpandedIsMaskedByItself: an event that is not private is answered in full, and of
// those that $expand brings with it the private ones are masked all the same, whatever is
// chosen of them. The simulator expands what Microsoft documents (event resource type,
// relationships: exceptionOccurrences and instances).
func TestWhatIsExpandedIsMaskedByItself(t *testing.T) {
	h, ids := secrets(t, "GET /users/{id}/events/{id}/exceptionOccurrences")
	anna := "/users/" + h.inside[0].ID
	const window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-05T00:00:00Z"
	series := anna + "/events/" + ids["normal"]
	var days struct{ Value []struct{ ID string } }
	if err := json.Unmarshal([]byte(h.direct("GET", series+"/instances?"+window, "").body), &days); err != nil || len(days.Value) != 3 {
		t.Fatalf("%v: the series has %d days", err, len(days.Value))
	}
	if a := h.direct("PATCH", anna+"/events/"+url.PathEscape(days.Value[1].ID), `{"subject":"`+canary+`","sensitivity":"private","body":{"contentType":"text","content":"`+canary+`"}}`); a.status != http.StatusOK {
		t.Fatal(a)
	}
	for _, query := range []string{"$expand=exceptionOccurrences", "$expand=instances", "$expand=exceptionOccurrences($select=subject)", "$expand=exceptionOccurrences($select=id,subject,sensitivity)",
		"$select=subject,start&$expand=exceptionOccurrences", "$expand=instances($select=bodyPreview)"} {
		for _, path := range []string{series + "?" + query, anna + "/events?$top=500&" + query} {
			got, want := h.asks("gwk_crm", "GET", path, ""), h.direct("GET", path, "")
			if want.status != http.StatusOK || !strings.Contains(want.body, canary) {
				t.Fatalf("%s: nothing private is there to be seen: %d %.300s", path, want.status, want.body)
			}
			if got.status != http.StatusOK || strings.Contains(got.body, canary) || !strings.Contains(got.body, "Amsel") {
				t.Errorf("%s: %d %.2000s", path, got.status, got.body)
			}
		}
	}
}
