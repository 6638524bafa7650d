package calendar_test

import (
	"strings"
	"testing"
)

const secondary = `{"name":"Projects","color":"lightGreen"}`

func TestCalendarsAreKept(t *testing.T) {
	prepare := func(b *bench) {
		b.keep("group", "anna", "POST /me/calendarGroups", `{"name":"Work"}`)
		b.keep("projects", "anna", "POST /me/calendarGroups/{group}/calendars", secondary)
		b.keep("milestone", "anna", "POST /me/calendars/{projects}/events", lunch)
		b.ids["standard"] = b.must(200, "anna", "GET /me/calendar", "").body["id"].(string)
	}
	try(t, prepare, []situation{
		{name: "all", as: "anna", request: "GET /me/calendars", status: 200, want: `"name":"Projects"`},
		{name: "the default one by its id", as: "app", request: "GET /users/{anna}/calendars/{standard}", status: 200, want: `"isDefaultCalendar":true`},
		{name: "of a group", as: "anna", request: "GET /me/calendarGroups/{group}/calendars", status: 200, want: `"name":"Projects"`},
		{name: "through its group", as: "anna", request: "GET /me/calendarGroups/{group}/calendars/{projects}/events", status: 200, want: `"subject":"Lunch"`},
		{name: "through a group that it is not in", as: "anna", request: "GET /me/calendarGroups/{group}/calendars/{standard}", status: 404, want: "ErrorItemNotFound"},
		{name: "by what is no id", as: "anna", request: "GET /me/calendars/nonsense", status: 400, want: "ErrorInvalidIdMalformed"},
		{name: "of somebody else", as: "ben", request: "GET /me/calendars/{projects}", status: 404, want: "ErrorItemNotFound"},
		{name: "named like another", as: "anna", request: "POST /me/calendars", body: secondary, status: 409, want: "ErrorFolderExists"},
		{name: "nameless", as: "anna", request: "POST /me/calendars", body: `{}`, status: 400, want: "name"},
		{name: "in a colour that is none", as: "anna", request: "POST /me/calendars", body: `{"name":"x","color":"mauve"}`, status: 400, want: "mauve"},
		{name: "renamed", as: "anna", request: "PATCH /me/calendars/{projects}", body: `{"name":"Plans"}`, status: 200, want: `"name":"Plans"`},
		{name: "the default one renamed", as: "anna", request: "PATCH /me/calendar", body: `{"name":"Mine","color":"lightRed"}`, status: 200, want: `"color":"lightRed"`},
		{name: "deleted", as: "anna", request: "DELETE /me/calendars/{projects}", status: 204},
		{name: "the default one deleted", as: "anna", request: "DELETE /me/calendar", status: 400, want: "ErrorDeleteDistinguishedFolder"},
		{name: "an event through the calendar that it is in", as: "anna", request: "GET /me/calendars/{projects}/events/{milestone}", status: 200, want: "Lunch"},
		{name: "an event through another calendar", as: "anna", request: "GET /me/calendars/{standard}/events/{milestone}", status: 404, want: "ErrorItemNotFound"},
		{name: "an event through the mailbox", as: "anna", request: "GET /me/events/{milestone}", status: 200, want: "Lunch"},
		{name: "not among the default one's events", as: "anna", request: "GET /me/events", status: 200, want: `"value":[]`},
		{name: "a view", as: "anna", request: "GET /me/calendars/{projects}/calendarView?startDateTime=2026-03-10&endDateTime=2026-03-11", status: 200, want: "Lunch"},
		{name: "a delta", as: "anna", request: "GET /me/calendars/{projects}/calendarView/delta?startDateTime=2026-03-10&endDateTime=2026-03-11", status: 200, want: "Lunch"},
		{name: "groups", as: "anna", request: "GET /me/calendarGroups", status: 200, want: `"classId":"0006f0b7-0000-0000-c000-000000000046"`},
		{name: "a group", as: "anna", request: "GET /me/calendarGroups/{group}", status: 200, want: `"name":"Work"`},
		{name: "a group renamed", as: "anna", request: "PATCH /me/calendarGroups/{group}", body: `{"name":"Play"}`, status: 200, want: `"name":"Play"`},
		{name: "a group that is not empty deleted", as: "anna", request: "DELETE /me/calendarGroups/{group}", status: 400, want: "ErrorCalendarGroupIsNotEmpty"},
		{name: "of a group of people", as: "anna", request: "GET /groups/{sales}/calendar", status: 200, want: `"name":"Calendar"`},
	})
}

func TestEventsOfGroups(t *testing.T) {
	b := start(t)
	made := b.keep("meeting", "anna", "POST /groups/{sales}/events", lunch)
	if o := made.body["organizer"].(doc)["emailAddress"].(doc); o["name"] != "Sales" {
		t.Errorf("the organizer is %v", o)
	}
	if r := b.must(200, "ben", "GET /me/events", ""); len(r.list("id")) != 1 {
		t.Errorf("who is invited has %s", r.text)
	}
	b.must(200, "anna", "PATCH /groups/{sales}/events/{meeting}", `{"subject":"New"}`)
	b.must(403, "app", "POST /groups/{sales}/events", lunch) // delegated only
	b.must(204, "anna", "DELETE /groups/{sales}/events/{meeting}", "")
	if last := b.saw[len(b.saw)-1]; last.Mailbox != b.ids["sales"] {
		t.Errorf("the truth is %+v", last)
	}
}

func TestCalendarsAreShared(t *testing.T) {
	b := start(t)
	oneLunch(b)
	b.keep("secret", "anna", "POST /me/events", strings.NewReplacer("Lunch", "Secret", `"once"`, `"twice","sensitivity":"private"`).Replace(lunch))
	r := b.must(200, "anna", "GET /me/calendar/calendarPermissions", "")
	if got := r.list("role"); len(got) != 1 || got[0] != "freeBusyRead" || r.list("id")[0] != "RGVmYXVsdA==" {
		t.Errorf("before sharing there is %s", r.text)
	}
	b.must(403, "ben", "GET /users/{anna}/events/{lunch}", "")
	b.keep("share", "anna", "POST /me/calendar/calendarPermissions", `{"emailAddress":{"address":"ben@contoso.example"},"role":"read"}`)
	b.must(409, "anna", "POST /me/calendar/calendarPermissions", `{"emailAddress":{"address":"ben@contoso.example"},"role":"read"}`)

	if r = b.must(200, "ben", "GET /users/{anna}/events?$orderby=subject", ""); strings.Join(texts(r.list("subject")), ",") != "Lunch,Private Appointment" {
		t.Errorf("Ben reads %v", r.list("subject"))
	}
	b.must(403, "ben:Calendars.Read", "GET /users/{anna}/events", "")
	b.must(403, "ben", "PATCH /users/{anna}/events/{lunch}", `{"subject":"x"}`)
	b.must(403, "ben", "POST /users/{anna}/events", `{"subject":"x"}`)
	b.must(403, "ben", "DELETE /users/{anna}/calendar/calendarPermissions/{share}", "")
	if r = b.must(200, "ben", "GET /users/{anna}/calendar", ""); r.body["canEdit"] != false || r.body["canViewPrivateItems"] != false {
		t.Errorf("Ben sees the calendar as %s", r.text)
	}

	r = b.must(200, "ben", "GET /me/calendars?$filter=name eq 'Anna Adler'", "")
	b.ids["hers"] = r.list("id")[0].(string)
	if o := r.list("owner")[0].(doc); o["address"] != "anna@contoso.example" {
		t.Errorf("the shown calendar's owner is %v", o)
	}
	b.must(200, "ben", "GET /me/calendars/{hers}/events/{lunch}", "")
	if last := b.saw[len(b.saw)-1]; last.Mailbox != b.ids["anna"] {
		t.Errorf("the mailbox really touched is %+v", last)
	}
	b.must(403, "ben:Calendars.Read", "GET /me/calendars/{hers}/events", "")
	b.must(403, "ben", "POST /me/calendars/{hers}/events", `{"subject":"x"}`)

	b.must(200, "anna", "PATCH /me/calendar/calendarPermissions/{share}", `{"role":"write"}`)
	b.must(200, "ben", "PATCH /me/calendars/{hers}/events/{lunch}", `{"subject":"Changed"}`)
	b.must(400, "anna", "PATCH /me/calendar/calendarPermissions/{share}", `{"role":"everything"}`)
	b.must(204, "anna", "DELETE /me/calendar/calendarPermissions/{share}", "")
	b.must(400, "anna", "DELETE /me/calendar/calendarPermissions/RGVmYXVsdA==", "")
	b.must(403, "ben", "GET /users/{anna}/events", "")
	b.must(404, "ben", "GET /me/calendars/{hers}", "")
}

func texts(values []any) []string {
	var out []string
	for _, v := range values {
		out = append(out, v.(string))
	}
	return out
}
