package calendar_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/internal/kernel"
)

func TestMailboxSettings(t *testing.T) {
	try(t, nothing, []kernel.Situation{
		{Name: "all", As: "anna", Request: "GET /me/mailboxSettings", Status: 200, Want: `"timeZone":"W. Europe Standard Time"`},
		{Name: "by an app", As: "app", Request: "GET /users/{room}/mailboxSettings", Status: 200, Want: `"userPurpose":"room"`},
		{Name: "one", As: "anna", Request: "GET /me/mailboxSettings/timeZone", Status: 200, Want: `"value":"W. Europe Standard Time"`},
		{Name: "a structured one", As: "anna", Request: "GET /me/mailboxSettings/automaticRepliesSetting", Status: 200, Want: `"status":"disabled"`},
		{Name: "somebody else's", As: "ben", Request: "GET /users/{anna}/mailboxSettings", Status: 403, Want: "ErrorAccessDenied"},
		{Name: "of no mailbox", As: "app", Request: "GET /users/{nora}/mailboxSettings", Status: 404, Want: "MailboxNotEnabledForRESTAPI"},
		{Name: "changed", As: "anna", Request: "PATCH /me/mailboxSettings", Body: `{"timeZone":"Europe/Copenhagen","language":{"locale":"da-DK"}}`, Status: 200, Want: `"timeZone":"Romance Standard Time"`},
		{Name: "to a zone of nowhere", As: "anna", Request: "PATCH /me/mailboxSettings", Body: `{"timeZone":"Mars"}`, Status: 400, Want: "TimeZoneNotSupportedException"},
		{Name: "to a language that is none", As: "anna", Request: "PATCH /me/mailboxSettings", Body: `{"language":{"locale":"xx-XX"}}`, Status: 400, Want: "xx-XX"},
		{Name: "to other hours", As: "anna", Request: "PATCH /me/mailboxSettings", Body: `{"workingHours":{"daysOfWeek":["Monday"],"startTime":"07:30:00"}}`, Status: 200, Want: `"startTime":"07:30:00.0000000"`},
		{Name: "to hours that are none", As: "anna", Request: "PATCH /me/mailboxSettings", Body: `{"workingHours":{"startTime":"25:00:00"}}`, Status: 400, Want: "Edm.TimeOfDay"},
		{Name: "to replies that end before they begin", As: "anna", Request: "PATCH /me/mailboxSettings", Body: `{"automaticRepliesSetting":{"status":"scheduled",
			"scheduledStartDateTime":{"dateTime":"2026-03-03T00:00:00","timeZone":"UTC"},"scheduledEndDateTime":{"dateTime":"2026-03-01T00:00:00","timeZone":"UTC"}}}`, Status: 400, Want: "ErrorInvalidRequest"},
		{Name: "Windows zones", As: "anna", Request: "GET /me/outlook/supportedTimeZones", Status: 200, Want: `{"alias":"W. Europe Standard Time","displayName":"(UTC+01:00) W. Europe Standard Time"}`},
		{Name: "IANA zones", As: "anna", Request: "GET /me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')", Status: 200, Want: `"alias":"Europe/Berlin"`},
		{Name: "languages", As: "anna", Request: "GET /me/outlook/supportedLanguages", Status: 200, Want: `"locale":"en-US"`},
	})
}

func TestMailTipsTellWhoIsAway(t *testing.T) {
	b := start(t)
	b.Must(200, "ben", "PATCH /me/mailboxSettings", `{"automaticRepliesSetting":{"status":"scheduled","internalReplyMessage":"Away",
		"scheduledStartDateTime":{"dateTime":"2026-03-01T00:00:00","timeZone":"UTC"},"scheduledEndDateTime":{"dateTime":"2026-03-20T00:00:00","timeZone":"UTC"}}}`)
	r := b.Must(200, "anna", "POST /me/getMailTips",
		`{"EmailAddresses":["ben@contoso.example","anna@contoso.example","eve@elsewhere.example"],"MailTipsOptions":"automaticReplies, mailboxFullStatus, recipientScope"}`)
	replies := r.List("automaticReplies")
	if replies[0].(doc)["message"] != "Away" || replies[0].(doc)["scheduledEndTime"] == nil || replies[1].(doc)["message"] != "" || replies[2] != nil {
		t.Errorf("the replies are %v", replies)
	}
	if scopes := r.List("recipientScope"); scopes[0] != "internal" || scopes[2] != "external" {
		t.Errorf("the scopes are %v", scopes)
	}
}

func TestSchedules(t *testing.T) {
	b := start(t)
	oneLunch(b) // Ben has not answered
	b.Must(201, "ben", "POST /me/events", `{"subject":"Away","showAs":"oof","sensitivity":"private","start":{"dateTime":"2026-03-10T14:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-03-10T14:10:00","timeZone":"UTC"}}`)
	const ask = `{"schedules":["ben@contoso.example","anna@contoso.example","nora@contoso.example"],"availabilityViewInterval":60,
		"startTime":{"dateTime":"2026-03-10T10:00:00","timeZone":"UTC"},"endTime":{"dateTime":"2026-03-10T15:00:00","timeZone":"UTC"}}`
	r := b.Must(200, "anna", "POST /me/calendar/getSchedule", ask)
	if got := texts(r.List("availabilityView")); strings.Join(got, " ") != "01003 02000 " {
		t.Errorf("the views are %q", got)
	}
	hers, his := r.List("scheduleItems")[1].([]any)[0].(doc), r.List("scheduleItems")[0].([]any)[0].(doc)
	if hers["subject"] != "Lunch" || his["subject"] != nil || his["status"] != "tentative" {
		t.Errorf("Anna sees of herself %v and of Ben %v", hers, his)
	}
	if e, _ := r.List("error")[2].(doc); e["responseCode"] != "ErrorMailRecipientNotFound" {
		t.Errorf("of who has no mailbox: %v", e)
	}
	r = b.Must(200, "app", "POST /users/{anna}/calendar/getSchedule", ask)
	if items := r.List("scheduleItems")[0].([]any); items[1].(doc)["subject"] != "Away" || items[1].(doc)["isPrivate"] != true {
		t.Errorf("an app sees %v", items)
	}
	for name, body := range map[string]string{
		"a slot of a minute":    strings.Replace(ask, ":60", ":1", 1),
		"an end before a start": strings.Replace(ask, "T15:", "T05:", 1),
		"no start":              `{"schedules":["ben@contoso.example"]}`,
	} {
		if r := b.Ask("anna", "POST /me/calendar/getSchedule", body); r.Status != 400 {
			t.Errorf("%s: %d %s", name, r.Status, r.Text)
		}
	}
	r = b.Must(200, "anna", "POST /me/calendar/getSchedule", strings.Replace(ask, "2026-03-10T15", "2026-06-10T15", 1))
	if e, _ := r.List("error")[0].(doc); e["responseCode"] != "5006" {
		t.Errorf("a window of three months: %v", r.Text)
	}
}

func TestMeetingTimesAreFound(t *testing.T) {
	slot := func(from, to string) string {
		return `"timeConstraint":{"activityDomain":"work","timeSlots":[{"start":{"dateTime":"` + from + `","timeZone":"W. Europe Standard Time"},"end":{"dateTime":"` + to + `","timeZone":"W. Europe Standard Time"}}]}`
	}
	ben := `"attendees":[{"type":"required","emailAddress":{"address":"ben@contoso.example"}}]`
	day := slot("2026-03-10T00:00:00", "2026-03-11T00:00:00")
	for name, c := range map[string]struct {
		body, first, reason string
		count               int
	}{
		"a free day begins when work does": {`{` + day + `,"meetingDuration":"PT1H"}`, "2026-03-10T07:00:00.0000000", "", 14},
		"not while the organizer is busy":  {`{` + slot("2026-03-10T12:00:00", "2026-03-10T13:00:00") + `,"meetingDuration":"PT1H"}`, "", "organizerUnavailable", 0},
		"unless he need not come":          {`{` + slot("2026-03-10T12:00:00", "2026-03-10T13:00:00") + `,"meetingDuration":"PT1H","isOrganizerOptional":true}`, "2026-03-10T11:00:00.0000000", "", 1},
		"not while a guest is busy":        {`{` + ben + `,` + slot("2026-03-10T09:00:00", "2026-03-10T09:30:00") + `}`, "", "attendeesUnavailable", 0},
		"tentative is not certain":         {`{` + ben + `,` + day + `,"minimumAttendeePercentage":100,"isOrganizerOptional":true,"meetingDuration":"PT2H","maxCandidates":1}`, "2026-03-10T08:30:00.0000000", "", 1},
		"nobody knows about strangers":     {`{"attendees":[{"emailAddress":{"address":"eve@elsewhere.example"}}],` + day + `}`, "", "attendeesUnavailableOrUnknown", 0},
		"not at the weekend":               {`{` + slot("2026-03-14T00:00:00", "2026-03-15T00:00:00") + `}`, "", "unknown", 0},
		"a place is needed":                {`{` + day + `,"locationConstraint":{"isRequired":true,"locations":[]}}`, "", "locationsUnavailable", 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			oneLunch(b)
			b.Must(201, "ben", "POST /me/events", `{"subject":"Busy","start":{"dateTime":"2026-03-10T09:00:00","timeZone":"W. Europe Standard Time"},"end":{"dateTime":"2026-03-10T09:30:00","timeZone":"W. Europe Standard Time"}}`)
			r := b.Must(200, "anna", "POST /me/findMeetingTimes", c.body)
			found := r.Body["meetingTimeSuggestions"].([]any)
			if len(found) != c.count || r.Body["emptySuggestionsReason"] != c.reason {
				t.Fatalf("%d suggestions, reason %q: %s", len(found), r.Body["emptySuggestionsReason"], r.Text)
			}
			if c.count == 0 {
				return
			}
			if got := found[0].(doc)["meetingTimeSlot"].(doc)["start"].(doc)["dateTime"]; got != c.first {
				t.Errorf("the first is at %v, want %s", got, c.first)
			}
		})
	}
	b := start(t)
	b.Must(403, "app", "POST /users/{anna}/findMeetingTimes", `{}`)
	b.Must(400, "anna", "POST /me/findMeetingTimes", `{"meetingDuration":"P1Y"}`)
	b.Must(200, "anna", "POST /me/findMeetingTimes", `{}`)
}
