package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

func TestWhatExchangeDoesNotTakeIsRefused(t *testing.T) {
	utc := func(text string) doc { return doc{"dateTime": text, "timeZone": "UTC"} }
	for name, c := range map[string]struct {
		body doc
		code string
	}{
		"no start":                {doc{"subject": "x", "end": utc("2026-03-10T10:00:00")}, "ErrorPropertyValidationFailure"},
		"no end":                  {doc{"subject": "x", "start": utc("2026-03-10T10:00:00")}, "ErrorPropertyValidationFailure"},
		"an end before the start": {with(doc{"end": at("2026-03-10T09:00:00")}), "ErrorCalendarEndDateIsEarlierThanStartDate"},
		"six years long":          {with(doc{"end": at("2032-03-10T09:00:00")}), "ErrorCalendarDurationIsTooLong"},
		"a zone of nowhere":       {with(doc{"start": doc{"dateTime": "2026-03-10T10:00:00", "timeZone": "Mars Standard Time"}}), "TimeZoneNotSupportedException"},
		"no zone":                 {with(doc{"start": doc{"dateTime": "2026-03-10T10:00:00"}}), "TimeZoneNotSupportedException"},
		"no time":                 {with(doc{"start": utc("at noon")}), "ErrorPropertyValidationFailure"},
		"all day, not from midnight": {with(doc{"isAllDay": true}),
			"ErrorInvalidRequest"},
		"all day, not to midnight": {with(doc{"isAllDay": true, "start": at("2026-03-10T00:00:00"), "end": at("2026-03-10T23:59:00")}),
			"ErrorInvalidRequest"},
		"all day without a day": {with(doc{"isAllDay": true, "start": at("2026-03-10T00:00:00"), "end": at("2026-03-10T00:00:00")}),
			"ErrorInvalidRequest"},
		"a series from another day": {with(doc{"recurrence": weekly("2026-03-11", "tuesday")}), "ErrorPropertyValidationFailure"},
		"a series that never comes": {with(doc{"recurrence": doc{
			"pattern": doc{"type": "weekly", "interval": 1.0, "daysOfWeek": []any{"monday"}},
			"range":   doc{"type": "endDate", "startDate": "2026-03-10", "endDate": "2026-03-12"}}}), "ErrorRecurrenceHasNoOccurrence"},
		"an attendee without address": {with(doc{"attendees": []any{doc{"type": "required"}}}), "ErrorInvalidRecipients"},
		"an unknown importance":       {with(doc{"importance": "urgent"}), "ErrorPropertyValidationFailure"},
		"another meeting provider":    {with(doc{"isOnlineMeeting": true, "onlineMeetingProvider": "skypeForBusiness"}), "ErrorInvalidRequest"},
		"an extended property without type": {with(doc{"singleValueExtendedProperties": []any{doc{"id": "Color", "value": "red"}}}),
			"ErrorInvalidPropertyId"},
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			if _, err := n.tryCreate(n.anna, c.body); code(err) != c.code {
				t.Errorf("the answer is %v, want %s", err, c.code)
			}
			if left := n.view(n.anna); len(left) > 0 {
				t.Errorf("a refusal left %d events", len(left))
			}
		})
	}
}

func TestANewEventHasExchangesDefaults(t *testing.T) {
	n := start(t)
	d := n.doc(n.create(n.anna, with(doc{"location": doc{"displayName": "Harry's Bar"}})))
	for name, want := range map[string]any{
		"type": "singleInstance", "showAs": "busy", "importance": "normal", "sensitivity": "normal",
		"isOrganizer": true, "isReminderOn": true, "reminderMinutesBeforeStart": 15.0, "responseRequested": true,
		"allowNewTimeProposals": true, "isAllDay": false, "isCancelled": false, "isOnlineMeeting": false,
		"onlineMeeting": nil, "recurrence": nil, "seriesMasterId": nil, "hasAttachments": false,
		"originalStartTimeZone": "W. Europe Standard Time", "createdDateTime": "2026-03-02T09:00:00Z",
	} {
		if d[name] != want {
			t.Errorf("%s is %v, want %v", name, d[name], want)
		}
	}
	if _, given := d["transactionId"]; given {
		t.Error("a transactionId is answered that nobody set")
	}
	if got := d["start"].(doc)["dateTime"]; got != "2026-03-10T09:00:00.0000000" {
		t.Errorf("it starts at %v, want the time in UTC", got)
	}
	if l := d["location"].(doc); l["uniqueId"] != "Harry's Bar" || l["uniqueIdType"] != "private" || l["locationType"] != "default" {
		t.Errorf("the location is %v", l)
	}
	if uid := d["iCalUId"].(string); len(uid) != 112 || !strings.HasPrefix(uid, "040000008200E00074C5B7101A82E00800000000") {
		t.Errorf("iCalUId is %s", uid)
	}
}

func TestATransactionIDMakesOneEvent(t *testing.T) {
	n := start(t)
	first := n.create(n.anna, with(doc{"transactionId": "once"}))
	_, err := n.tryCreate(n.anna, with(doc{"transactionId": "once"}))
	p, _ := err.(*outlook.Problem)
	if code(err) != "ErrorDuplicateTransactionId" || p.Status != 409 || p.EventID != first.ID().Rest() {
		t.Errorf("the second answer is %+v", err)
	}
	n.create(n.ben, with(doc{"transactionId": "once"})) // another mailbox
	if _, err := n.patch(first, doc{"transactionId": "twice"}); code(err) != "ErrorPropertyValidationFailure" {
		t.Errorf("changing it is answered %v", err)
	}
	if n.doc(n.only(n.anna))["transactionId"] != "once" {
		t.Error("the transactionId is not answered")
	}
}

func TestZonesAndClockChanges(t *testing.T) {
	for name, c := range map[string]struct{ zone, wall, want string }{
		"winter":                     {"W. Europe Standard Time", "2026-03-28T02:30:00", "2026-03-28T01:30:00.0000000"},
		"a time that is left out":    {"W. Europe Standard Time", "2026-03-29T02:30:00", "2026-03-29T01:30:00.0000000"},
		"a time that comes twice":    {"W. Europe Standard Time", "2026-10-25T02:30:00", "2026-10-25T00:30:00.0000000"},
		"an IANA name":               {"America/Los_Angeles", "2026-07-01T09:00:00", "2026-07-01T16:00:00.0000000"},
		"a time with a fraction":     {"UTC", "2026-07-01T09:00:00.5", "2026-07-01T09:00:00.5000000"},
		"a time with its own offset": {"Pacific Standard Time", "2026-07-01T09:00:00Z", "2026-07-01T09:00:00.0000000"},
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			e := n.create(n.anna, doc{"start": doc{"dateTime": c.wall, "timeZone": c.zone}, "end": doc{"dateTime": "2026-12-01T00:00:00", "timeZone": "UTC"}})
			if got := n.doc(e)["start"].(doc)["dateTime"]; got != c.want {
				t.Errorf("starts at %v UTC, want %s", got, c.want)
			}
			if got := n.doc(e)["originalStartTimeZone"]; name == "an IANA name" && got != "Pacific Standard Time" {
				t.Errorf("the zone is answered as %v", got)
			}
		})
	}
}

func TestAnAllDayEventIsMidnightInEveryZone(t *testing.T) {
	n := start(t)
	e := n.create(n.anna, with(doc{"isAllDay": true, "start": at("2026-03-10T00:00:00"), "end": at("2026-03-11T00:00:00")}))
	if want := time.Date(2026, 3, 9, 23, 0, 0, 0, time.UTC); !e.Start.At.Equal(want) {
		t.Errorf("it begins at %v, want %v", e.Start.At, want)
	}
	if got := n.doc(e)["start"].(doc); got["dateTime"] != "2026-03-10T00:00:00.0000000" || got["timeZone"] != "UTC" {
		t.Errorf("it is answered as starting at %v", got)
	}
}

func TestBodiesArePagesOfHTML(t *testing.T) {
	n := start(t)
	e := n.create(n.anna, with(doc{"body": doc{"contentType": "Text", "content": "a < b\nand more"}}))
	d := n.doc(e)
	if b := d["body"].(doc); b["contentType"] != "html" || !strings.Contains(b["content"].(string), "a &lt; b<br>") {
		t.Errorf("the body is %v", b)
	}
	if d["bodyPreview"] != "a < b\nand more" {
		t.Errorf("the preview is %q", d["bodyPreview"])
	}
}

func TestAnOnlineMeetingHasALinkAndLosesItWithItsBody(t *testing.T) {
	n := start(t)
	e := n.create(n.anna, with(doc{"isOnlineMeeting": true, "attendees": []any{guest("ben@contoso.example")},
		"body": doc{"contentType": "html", "content": "<p>Hello</p>"}}))
	link := e.Online.JoinURL
	if !strings.HasPrefix(link, "https://teams.microsoft.com/l/meetup-join/19%3ameeting_") || !strings.Contains(e.Body.Content, link) {
		t.Errorf("the link is %q in %q", link, e.Body.Content)
	}
	if copied := n.only(n.ben); copied.Online == nil || copied.Online.JoinURL != link {
		t.Errorf("the attendee's link is %+v", copied.Online)
	}
	e, err := n.patch(e, doc{"isOnlineMeeting": false})
	if err != nil || e.Online == nil {
		t.Errorf("the property ended the online meeting: %v", err)
	}
	e, err = n.patch(e, doc{"body": doc{"contentType": "html", "content": e.Body.Content + "<p>more</p>"}})
	if err != nil || e.Online == nil {
		t.Errorf("a body with the link ended the online meeting: %v", err)
	}
	e, err = n.patch(e, doc{"body": doc{"contentType": "html", "content": "<p>new</p>"}})
	if err != nil || e.Online != nil || n.only(n.ben).Online != nil {
		t.Errorf("a body without the link left the online meeting: %v", err)
	}
}

func TestWhoHasNoMailboxIsRefused(t *testing.T) {
	n := start(t)
	err := n.View(func(tx *state.Tx) error {
		_, err := n.boxes.Get(tx, n.nobox)
		return err
	})
	if p, ok := err.(*outlook.Problem); !ok || p.Status != 404 || p.Code != "MailboxNotEnabledForRESTAPI" {
		t.Errorf("the answer is %v", err)
	}
	err = n.View(func(tx *state.Tx) error {
		_, err := n.boxes.Get(tx, n.group)
		return err
	})
	if err != nil {
		t.Errorf("a Unified group has no mailbox: %v", err)
	}
}
