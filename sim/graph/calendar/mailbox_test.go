package calendar_test

import (
	"strings"
	"testing"
)

func TestMailboxSettings(t *testing.T) {
	try(t, nothing, []situation{
		{name: "all", as: "anna", request: "GET /me/mailboxSettings", status: 200, want: `"timeZone":"W. Europe Standard Time"`},
		{name: "by an app", as: "app", request: "GET /users/{room}/mailboxSettings", status: 200, want: `"userPurpose":"room"`},
		{name: "one", as: "anna", request: "GET /me/mailboxSettings/timeZone", status: 200, want: `"value":"W. Europe Standard Time"`},
		{name: "a structured one", as: "anna", request: "GET /me/mailboxSettings/automaticRepliesSetting", status: 200, want: `"status":"disabled"`},
		{name: "somebody else's", as: "ben", request: "GET /users/{anna}/mailboxSettings", status: 403, want: "ErrorAccessDenied"},
		{name: "of no mailbox", as: "app", request: "GET /users/{nora}/mailboxSettings", status: 404, want: "MailboxNotEnabledForRESTAPI"},
		{name: "changed", as: "anna", request: "PATCH /me/mailboxSettings", body: `{"timeZone":"Europe/Copenhagen","language":{"locale":"da-DK"}}`, status: 200, want: `"timeZone":"Romance Standard Time"`},
		{name: "to a zone of nowhere", as: "anna", request: "PATCH /me/mailboxSettings", body: `{"timeZone":"Mars"}`, status: 400, want: "TimeZoneNotSupportedException"},
		{name: "to a language that is none", as: "anna", request: "PATCH /me/mailboxSettings", body: `{"language":{"locale":"xx-XX"}}`, status: 400, want: "xx-XX"},
		{name: "to other hours", as: "anna", request: "PATCH /me/mailboxSettings", body: `{"workingHours":{"daysOfWeek":["Monday"],"startTime":"07:30:00"}}`, status: 200, want: `"startTime":"07:30:00.0000000"`},
		{name: "to hours that are none", as: "anna", request: "PATCH /me/mailboxSettings", body: `{"workingHours":{"startTime":"25:00:00"}}`, status: 400, want: "Edm.TimeOfDay"},
		{name: "to replies that end before they begin", as: "anna", request: "PATCH /me/mailboxSettings", body: `{"automaticRepliesSetting":{"status":"scheduled",
			"scheduledStartDateTime":{"dateTime":"2026-03-03T00:00:00","timeZone":"UTC"},"scheduledEndDateTime":{"dateTime":"2026-03-01T00:00:00","timeZone":"UTC"}}}`, status: 400, want: "ErrorInvalidRequest"},
		{name: "Windows zones", as: "anna", request: "GET /me/outlook/supportedTimeZones", status: 200, want: `{"alias":"W. Europe Standard Time","displayName":"(UTC+01:00) W. Europe Standard Time"}`},
		{name: "IANA zones", as: "anna", request: "GET /me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')", status: 200, want: `"alias":"Europe/Berlin"`},
		{name: "languages", as: "anna", request: "GET /me/outlook/supportedLanguages", status: 200, want: `"locale":"en-US"`},
	})
}

func TestMailTipsTellWhoIsAway(t *testing.T) {
	b := start(t)
	b.must(200, "ben", "PATCH /me/mailboxSettings", `{"automaticRepliesSetting":{"status":"scheduled","internalReplyMessage":"Away",
		"scheduledStartDateTime":{"dateTime":"2026-03-01T00:00:00","timeZone":"UTC"},"scheduledEndDateTime":{"dateTime":"2026-03-20T00:00:00","timeZone":"UTC"}}}`)
	r := b.must(200, "anna", "POST /me/getMailTips",
		`{"EmailAddresses":["ben@contoso.example","anna@contoso.example","eve@elsewhere.example"],"MailTipsOptions":"automaticReplies, mailboxFullStatus, recipientScope"}`)
	replies := r.list("automaticReplies")
	if replies[0].(doc)["message"] != "Away" || replies[0].(doc)["scheduledEndTime"] == nil || replies[1].(doc)["message"] != "" || replies[2] != nil {
		t.Errorf("the replies are %v", replies)
	}
	if scopes := r.list("recipientScope"); scopes[0] != "internal" || scopes[2] != "external" {
		t.Errorf("the scopes are %v", scopes)
	}
}

func TestSchedules(t *testing.T) {
	b := start(t)
	oneLunch(b) // Ben has not answered
	b.must(201, "ben", "POST /me/events", `{"subject":"Away","showAs":"oof","sensitivity":"private","start":{"dateTime":"2026-03-10T14:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-03-10T14:10:00","timeZone":"UTC"}}`)
	const ask = `{"schedules":["ben@contoso.example","anna@contoso.example","nora@contoso.example"],"availabilityViewInterval":60,
		"startTime":{"dateTime":"2026-03-10T10:00:00","timeZone":"UTC"},"endTime":{"dateTime":"2026-03-10T15:00:00","timeZone":"UTC"}}`
	r := b.must(200, "anna", "POST /me/calendar/getSchedule", ask)
	if got := texts(r.list("availabilityView")); strings.Join(got, " ") != "01003 02000 " {
		t.Errorf("the views are %q", got)
	}
	hers, his := r.list("scheduleItems")[1].([]any)[0].(doc), r.list("scheduleItems")[0].([]any)[0].(doc)
	if hers["subject"] != "Lunch" || his["subject"] != nil || his["status"] != "tentative" {
		t.Errorf("Anna sees of herself %v and of Ben %v", hers, his)
	}
	if e, _ := r.list("error")[2].(doc); e["responseCode"] != "ErrorMailRecipientNotFound" {
		t.Errorf("of who has no mailbox: %v", e)
	}
	r = b.must(200, "app", "POST /users/{anna}/calendar/getSchedule", ask)
	if items := r.list("scheduleItems")[0].([]any); items[1].(doc)["subject"] != "Away" || items[1].(doc)["isPrivate"] != true {
		t.Errorf("an app sees %v", items)
	}
	for name, body := range map[string]string{
		"a slot of a minute":    strings.Replace(ask, ":60", ":1", 1),
		"an end before a start": strings.Replace(ask, "T15:", "T05:", 1),
		"no start":              `{"schedules":["ben@contoso.example"]}`,
	} {
		if r := b.ask("anna", "POST /me/calendar/getSchedule", body); r.status != 400 {
			t.Errorf("%s: %d %s", name, r.status, r.text)
		}
	}
	r = b.must(200, "anna", "POST /me/calendar/getSchedule", strings.Replace(ask, "2026-03-10T15", "2026-06-10T15", 1))
	if e, _ := r.list("error")[0].(doc); e["responseCode"] != "5006" {
		t.Errorf("a window of three months: %v", r.text)
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
			b.must(201, "ben", "POST /me/events", `{"subject":"Busy","start":{"dateTime":"2026-03-10T09:00:00","timeZone":"W. Europe Standard Time"},"end":{"dateTime":"2026-03-10T09:30:00","timeZone":"W. Europe Standard Time"}}`)
			r := b.must(200, "anna", "POST /me/findMeetingTimes", c.body)
			found := r.body["meetingTimeSuggestions"].([]any)
			if len(found) != c.count || r.body["emptySuggestionsReason"] != c.reason {
				t.Fatalf("%d suggestions, reason %q: %s", len(found), r.body["emptySuggestionsReason"], r.text)
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
	b.must(403, "app", "POST /users/{anna}/findMeetingTimes", `{}`)
	b.must(400, "anna", "POST /me/findMeetingTimes", `{"meetingDuration":"P1Y"}`)
	b.must(200, "anna", "POST /me/findMeetingTimes", `{}`)
}
