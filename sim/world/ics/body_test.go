package ics_test

import (
	"encoding/json"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/ics"
)

func TestPropertiesBecomeMembers(t *testing.T) {
	for _, test := range []struct{ situation, line, member, want string }{
		{"summary", `SUMMARY:Caf\, tea\; and\nmore \\`, "subject", `"Caf, tea; and\nmore \\"`},
		{"description", `DESCRIPTION:First\nsecond`, "body", `{"content":"First\nsecond","contentType":"text"}`},
		{"HTML beside the text", "X-ALT-DESC;FMTTYPE=text/html:<p>Hi</p>", "body", `{"content":"\u003cp\u003eHi\u003c/p\u003e","contentType":"html"}`},
		{"place", "LOCATION:Room 1", "location", `{"displayName":"Room 1"}`},
		{"categories", `CATEGORIES:Red,Big\, blue`, "categories", `["Red","Big, blue"]`},
		{"public", "CLASS:PUBLIC", "sensitivity", `"normal"`},
		{"private", "CLASS:PRIVATE", "sensitivity", `"private"`},
		{"confidential", "CLASS:confidential", "sensitivity", `"confidential"`},
		{"an unknown class is private", "CLASS:X-SECRET", "sensitivity", `"private"`},
		{"high", "PRIORITY:1", "importance", `"high"`},
		{"middle", "PRIORITY:5", "importance", `"normal"`},
		{"low", "PRIORITY:9", "importance", `"low"`},
		{"undefined", "PRIORITY:0", "importance", `"normal"`},
		{"Outlook's importance", "X-MICROSOFT-CDO-IMPORTANCE:2", "importance", `"high"`},
		{"busy unless said otherwise", "TRANSP:OPAQUE", "showAs", `"busy"`},
		{"transparent", "TRANSP:TRANSPARENT", "showAs", `"free"`},
		{"tentative", "STATUS:TENTATIVE", "showAs", `"tentative"`},
		{"Outlook's status", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "showAs", `"oof"`},
		{"cancelled", "STATUS:CANCELLED", "isCancelled", `true`},
		{"no other times", "X-MICROSOFT-DISALLOW-COUNTER:TRUE", "allowNewTimeProposals", `false`},
		{"organizer", `ORGANIZER;CN="Ann, B":mailto:ann@b.example`, "organizer", `{"emailAddress":{"address":"ann@b.example","name":"Ann, B"}}`},
		{"who accepted", "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:MAILTO:a@b.example", "attendees",
			`[{"emailAddress":{"address":"a@b.example","name":"a@b.example"},"status":{"response":"accepted","time":"0001-01-01T00:00:00Z"},"type":"required"}]`},
		{"who may come", "ATTENDEE;PARTSTAT=TENTATIVE;ROLE=OPT-PARTICIPANT:mailto:a@b.example", "attendees",
			`[{"emailAddress":{"address":"a@b.example","name":"a@b.example"},"status":{"response":"tentativelyAccepted","time":"0001-01-01T00:00:00Z"},"type":"optional"}]`},
		{"a room", "ATTENDEE;CUTYPE=ROOM;CN=Room 1;PARTSTAT=DECLINED:mailto:room@b.example", "attendees",
			`[{"emailAddress":{"address":"room@b.example","name":"Room 1"},"status":{"response":"declined","time":"0001-01-01T00:00:00Z"},"type":"resource"}]`},
		{"an address beside a foreign scheme", "ATTENDEE;EMAIL=a@b.example:urn:uuid:1", "attendees",
			`[{"emailAddress":{"address":"a@b.example","name":"a@b.example"},"status":{"response":"none","time":"0001-01-01T00:00:00Z"},"type":"required"}]`},
		{"an answer is asked for", "ATTENDEE;RSVP=TRUE:mailto:a@b.example", "responseRequested", `true`},
		{"the uid", "LOCATION:x", "iCalUId", `"u1"`},
	} {
		t.Run(test.situation, func(t *testing.T) {
			lines := event(test.line)
			if test.member == "subject" {
				lines = []string{"BEGIN:VEVENT", "DTSTART:20261121", test.line, "END:VEVENT"}
			}
			items, _ := parse(t, lines...)
			got, err := json.Marshal(items[0].Event[test.member])
			if err != nil || string(got) != test.want {
				t.Errorf("%s = %s, want %s (%v)", test.member, got, test.want, err)
			}
		})
	}
}

func TestTheMostExactStatusWins(t *testing.T) {
	items, _ := parse(t, event("TRANSP:TRANSPARENT", "STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE")...)
	if got := items[0].Event["showAs"]; got != "workingElsewhere" {
		t.Errorf("showAs = %v", got)
	}
	items, _ = parse(t, event("X-ALT-DESC;FMTTYPE=text/html:<p>Hi</p>", "DESCRIPTION:Hi")...)
	if got := items[0].Event["body"].(map[string]any)["contentType"]; got != "html" {
		t.Errorf("the body is %v", got)
	}
}

func TestRemindersGoOffWhenTheAlarmDoes(t *testing.T) {
	alarm := func(lines ...string) []string {
		return append(append([]string{"BEGIN:VALARM"}, lines...), "END:VALARM")
	}
	for _, test := range []struct {
		situation string
		lines     []string
		minutes   any // nil: no reminder
		kind      ics.Kind
		words     string
	}{
		{"before the start", alarm("ACTION:DISPLAY", "TRIGGER:-PT15M"), 15.0, "", ""},
		{"at the start", alarm("ACTION:DISPLAY", "TRIGGER:PT0S"), 0.0, "", ""},
		{"a day before", alarm("ACTION:DISPLAY", "TRIGGER:-P1D"), 1440.0, "", ""},
		{"before the end", alarm("ACTION:DISPLAY", "TRIGGER;RELATED=END:-PT90M"), 30.0, "", ""},
		{"at a time", alarm("ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:20261121T080000Z"), 60.0, "", ""},
		{"a mail becomes a reminder", alarm("ACTION:EMAIL", "TRIGGER:-PT5M"), 5.0, ics.Adapted, "EMAIL"},
		{"after the start", alarm("ACTION:DISPLAY", "TRIGGER:PT5M"), nil, ics.Lost, "does not go off"},
		{"without a trigger", alarm("ACTION:DISPLAY"), nil, ics.Lost, "no TRIGGER"},
		{"an unreadable trigger", alarm("ACTION:DISPLAY", "TRIGGER:soon"), nil, ics.Lost, "neither"},
		{"the same twice", append(alarm("ACTION:DISPLAY", "TRIGGER:-PT5M"), alarm("ACTION:AUDIO", "TRIGGER:-PT5M")...), 5.0, "", ""},
		{"a second one", append(alarm("ACTION:DISPLAY", "TRIGGER:-PT5M"), alarm("ACTION:DISPLAY", "TRIGGER:-PT1H")...), 5.0, ics.Lost, "second reminder"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			items, found := parse(t, event(test.lines...)...)
			e := items[0].Event
			if e["isReminderOn"] != (test.minutes != nil) || e["reminderMinutesBeforeStart"] != test.minutes {
				t.Errorf("reminder %v, %v minutes, want %v", e["isReminderOn"], e["reminderMinutesBeforeStart"], test.minutes)
			}
			if test.words == "" && len(found) > 0 || test.words != "" && !says(found, test.kind, "VALARM", test.words) {
				t.Errorf("found %v", found)
			}
		})
	}
}

func TestWhatGraphHasNoPlaceForIsNamed(t *testing.T) {
	for _, test := range []struct {
		lines           []string
		kind            ics.Kind
		property, words string
	}{
		{event("URL:https://b.example/"), ics.Lost, "URL", "no place"},
		{event("GEO:1;2"), ics.Lost, "GEO", "no place"},
		{event("X-FOO:bar"), ics.Lost, "X-FOO", "bar"},
		{event("ATTACH:https://b.example/a.pdf"), ics.Lost, "ATTACH", "no place"},
		{event("SUMMARY:Other"), ics.Lost, "SUMMARY", "more than once"},
		{event("STATUS:MAYBE"), ics.Lost, "STATUS", "MAYBE"},
		{event("PRIORITY:high"), ics.Lost, "PRIORITY", "outside"},
		{event("X-MICROSOFT-CDO-BUSYSTATUS:ASLEEP"), ics.Lost, "X-MICROSOFT-CDO-BUSYSTATUS", "ASLEEP"},
		{event("ATTENDEE:tel:+15550100"), ics.Lost, "ATTENDEE", "not a mail address"},
		{event("ATTENDEE;PARTSTAT=DELEGATED:mailto:a@b.example"), ics.Lost, "ATTENDEE", "DELEGATED"},
		{event("ATTENDEE;ROLE=NON-PARTICIPANT:mailto:a@b.example"), ics.Adapted, "ATTENDEE", "informed"},
		{event("BEGIN:PARTICIPANT", "END:PARTICIPANT"), ics.Lost, "PARTICIPANT", "no place"},
		{[]string{"BEGIN:VTODO", "SUMMARY:Buy milk", "END:VTODO"}, ics.Lost, "VTODO", "events only"},
		{[]string{"BEGIN:VJOURNAL", "END:VJOURNAL"}, ics.Lost, "VJOURNAL", "events only"},
		{[]string{"BEGIN:VFREEBUSY", "END:VFREEBUSY"}, ics.Lost, "VFREEBUSY", "events only"},
		{[]string{"X-WR-CALNAME:Mine"}, ics.Lost, "X-WR-CALNAME", "Mine"},
		{[]string{"BEGIN:VEVENT", "SUMMARY:When?", "END:VEVENT"}, ics.Lost, "VEVENT", "DTSTART"},
		{event("DTSTART:someday"), ics.Lost, "DTSTART", "not a date"},
	} {
		t.Run(test.property+" "+test.words, func(t *testing.T) {
			if _, found := parse(t, test.lines...); !says(found, test.kind, test.property, test.words) {
				t.Errorf("found %v", found)
			}
		})
	}
}

func TestBookkeepingOfTheFileIsNoFinding(t *testing.T) {
	lines := append([]string{"VERSION:2.0", "PRODID:x", "METHOD:PUBLISH"},
		event("DTSTAMP:20260101T000000Z", "CREATED:20260101T000000Z", "LAST-MODIFIED:20260101T000000Z", "SEQUENCE:3")...)
	if _, found := parse(t, lines...); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

func TestNoTwoEventsShareAPart(t *testing.T) {
	items, _ := parse(t, event("RDATE:20261122T090000Z", "LOCATION:Room 1")...)
	items[0].Event["location"].(map[string]any)["displayName"] = "changed"
	if got := items[1].Event["location"].(map[string]any)["displayName"]; got != "Room 1" {
		t.Errorf("a change of one event changed the other: %v", got)
	}
}
