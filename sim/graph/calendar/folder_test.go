package calendar_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/internal/kernel"
)

const secondary = `{"name":"Projects","color":"lightGreen"}`

func TestCalendarsAreKept(t *testing.T) {
	prepare := func(b *bench) {
		b.Keep("group", "anna", "POST /me/calendarGroups", `{"name":"Work"}`)
		b.Keep("projects", "anna", "POST /me/calendarGroups/{group}/calendars", secondary)
		b.Keep("milestone", "anna", "POST /me/calendars/{projects}/events", lunch)
		b.IDs["standard"] = b.Must(200, "anna", "GET /me/calendar", "").Body["id"].(string)
	}
	try(t, prepare, []kernel.Situation{
		{Name: "all", As: "anna", Request: "GET /me/calendars", Status: 200, Want: `"name":"Projects"`},
		{Name: "the default one by its id", As: "app", Request: "GET /users/{anna}/calendars/{standard}", Status: 200, Want: `"isDefaultCalendar":true`},
		{Name: "of a group", As: "anna", Request: "GET /me/calendarGroups/{group}/calendars", Status: 200, Want: `"name":"Projects"`},
		{Name: "through its group", As: "anna", Request: "GET /me/calendarGroups/{group}/calendars/{projects}/events", Status: 200, Want: `"subject":"Lunch"`},
		{Name: "through a group that it is not in", As: "anna", Request: "GET /me/calendarGroups/{group}/calendars/{standard}", Status: 404, Want: "ErrorItemNotFound"},
		{Name: "by what is no id", As: "anna", Request: "GET /me/calendars/nonsense", Status: 400, Want: "ErrorInvalidIdMalformed"},
		{Name: "of somebody else", As: "ben", Request: "GET /me/calendars/{projects}", Status: 404, Want: "ErrorItemNotFound"},
		{Name: "named like another", As: "anna", Request: "POST /me/calendars", Body: secondary, Status: 409, Want: "ErrorFolderExists"},
		{Name: "nameless", As: "anna", Request: "POST /me/calendars", Body: `{}`, Status: 400, Want: "name"},
		{Name: "in a colour that is none", As: "anna", Request: "POST /me/calendars", Body: `{"name":"x","color":"mauve"}`, Status: 400, Want: "mauve"},
		{Name: "renamed", As: "anna", Request: "PATCH /me/calendars/{projects}", Body: `{"name":"Plans"}`, Status: 200, Want: `"name":"Plans"`},
		{Name: "the default one renamed", As: "anna", Request: "PATCH /me/calendar", Body: `{"name":"Mine","color":"lightRed"}`, Status: 200, Want: `"color":"lightRed"`},
		{Name: "deleted", As: "anna", Request: "DELETE /me/calendars/{projects}", Status: 204},
		{Name: "the default one deleted", As: "anna", Request: "DELETE /me/calendar", Status: 400, Want: "ErrorDeleteDistinguishedFolder"},
		{Name: "an event through the calendar that it is in", As: "anna", Request: "GET /me/calendars/{projects}/events/{milestone}", Status: 200, Want: "Lunch"},
		{Name: "an event through another calendar", As: "anna", Request: "GET /me/calendars/{standard}/events/{milestone}", Status: 404, Want: "ErrorItemNotFound"},
		{Name: "an event through the mailbox", As: "anna", Request: "GET /me/events/{milestone}", Status: 200, Want: "Lunch"},
		{Name: "not among the default one's events", As: "anna", Request: "GET /me/events", Status: 200, Want: `"value":[]`},
		{Name: "a view", As: "anna", Request: "GET /me/calendars/{projects}/calendarView?startDateTime=2026-03-10&endDateTime=2026-03-11", Status: 200, Want: "Lunch"},
		{Name: "a delta", As: "anna", Request: "GET /me/calendars/{projects}/calendarView/delta?startDateTime=2026-03-10&endDateTime=2026-03-11", Status: 200, Want: "Lunch"},
		{Name: "groups", As: "anna", Request: "GET /me/calendarGroups", Status: 200, Want: `"classId":"0006f0b7-0000-0000-c000-000000000046"`},
		{Name: "a group", As: "anna", Request: "GET /me/calendarGroups/{group}", Status: 200, Want: `"name":"Work"`},
		{Name: "a group renamed", As: "anna", Request: "PATCH /me/calendarGroups/{group}", Body: `{"name":"Play"}`, Status: 200, Want: `"name":"Play"`},
		{Name: "a group that is not empty deleted", As: "anna", Request: "DELETE /me/calendarGroups/{group}", Status: 400, Want: "ErrorCalendarGroupIsNotEmpty"},
		{Name: "of a group of people", As: "anna", Request: "GET /groups/{sales}/calendar", Status: 200, Want: `"name":"Calendar"`},
	})
}

func TestEventsOfGroups(t *testing.T) {
	b := start(t)
	made := b.Keep("meeting", "anna", "POST /groups/{sales}/events", lunch)
	if o := made.Body["organizer"].(doc)["emailAddress"].(doc); o["name"] != "Sales" {
		t.Errorf("the organizer is %v", o)
	}
	if r := b.Must(200, "ben", "GET /me/events", ""); len(r.List("id")) != 1 {
		t.Errorf("who is invited has %s", r.Text)
	}
	b.Must(200, "anna", "PATCH /groups/{sales}/events/{meeting}", `{"subject":"New"}`)
	b.Must(403, "app", "POST /groups/{sales}/events", lunch) // delegated only
	b.Must(204, "anna", "DELETE /groups/{sales}/events/{meeting}", "")
	if last := b.Saw[len(b.Saw)-1]; last.Mailbox != b.IDs["sales"] {
		t.Errorf("the truth is %+v", last)
	}
}

func TestCalendarsAreShared(t *testing.T) {
	b := start(t)
	oneLunch(b)
	b.Keep("secret", "anna", "POST /me/events", strings.NewReplacer("Lunch", "Secret", `"once"`, `"twice","sensitivity":"private"`).Replace(lunch))
	r := b.Must(200, "anna", "GET /me/calendar/calendarPermissions", "")
	if got := r.List("role"); len(got) != 1 || got[0] != "freeBusyRead" || r.List("id")[0] != "RGVmYXVsdA==" {
		t.Errorf("before sharing there is %s", r.Text)
	}
	b.Must(403, "ben", "GET /users/{anna}/events/{lunch}", "")
	b.Keep("share", "anna", "POST /me/calendar/calendarPermissions", `{"emailAddress":{"address":"ben@contoso.example"},"role":"read"}`)
	b.Must(409, "anna", "POST /me/calendar/calendarPermissions", `{"emailAddress":{"address":"ben@contoso.example"},"role":"read"}`)

	if r = b.Must(200, "ben", "GET /users/{anna}/events?$orderby=subject", ""); strings.Join(texts(r.List("subject")), ",") != "Lunch,Private Appointment" {
		t.Errorf("Ben reads %v", r.List("subject"))
	}
	b.Must(403, "ben:Calendars.Read", "GET /users/{anna}/events", "")
	b.Must(403, "ben", "PATCH /users/{anna}/events/{lunch}", `{"subject":"x"}`)
	b.Must(403, "ben", "POST /users/{anna}/events", `{"subject":"x"}`)
	b.Must(403, "ben", "DELETE /users/{anna}/calendar/calendarPermissions/{share}", "")
	if r = b.Must(200, "ben", "GET /users/{anna}/calendar", ""); r.Body["canEdit"] != false || r.Body["canViewPrivateItems"] != false {
		t.Errorf("Ben sees the calendar as %s", r.Text)
	}

	r = b.Must(200, "ben", "GET /me/calendars?$filter=name eq 'Anna Adler'", "")
	b.IDs["hers"] = r.List("id")[0].(string)
	if o := r.List("owner")[0].(doc); o["address"] != "anna@contoso.example" {
		t.Errorf("the shown calendar's owner is %v", o)
	}
	b.Must(200, "ben", "GET /me/calendars/{hers}/events/{lunch}", "")
	if last := b.Saw[len(b.Saw)-1]; last.Mailbox != b.IDs["anna"] {
		t.Errorf("the mailbox really touched is %+v", last)
	}
	b.Must(403, "ben:Calendars.Read", "GET /me/calendars/{hers}/events", "")
	b.Must(403, "ben", "POST /me/calendars/{hers}/events", `{"subject":"x"}`)

	b.Must(200, "anna", "PATCH /me/calendar/calendarPermissions/{share}", `{"role":"write"}`)
	b.Must(200, "ben", "PATCH /me/calendars/{hers}/events/{lunch}", `{"subject":"Changed"}`)
	b.Must(400, "anna", "PATCH /me/calendar/calendarPermissions/{share}", `{"role":"everything"}`)
	b.Must(204, "anna", "DELETE /me/calendar/calendarPermissions/{share}", "")
	b.Must(400, "anna", "DELETE /me/calendar/calendarPermissions/RGVmYXVsdA==", "")
	b.Must(403, "ben", "GET /users/{anna}/events", "")
	b.Must(404, "ben", "GET /me/calendars/{hers}", "")
}

func texts(values []any) []string {
	var out []string
	for _, v := range values {
		out = append(out, v.(string))
	}
	return out
}
