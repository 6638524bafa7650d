package ics_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/ics"
)

// shape counts what items are: series with their cancelled dates and
// exceptions, and single events.
func shape(items []ics.Item) string {
	series, singles, cancelled, exceptions := 0, 0, 0, 0
	for _, item := range items {
		if item.Event["recurrence"] == nil {
			singles++
			continue
		}
		series++
		cancelled += len(item.Cancelled)
		exceptions += len(item.Exceptions)
	}
	return fmt.Sprintf("%d series -%d ~%d, %d single", series, cancelled, exceptions, singles)
}

// situation is a calendar, what its items are and some of the times at which
// they take place: all of them, unless the list ends in "…".
type situation struct {
	name     string
	lines    []string
	shape    string
	takes    string
	kind     ics.Kind
	property string
	words    string
}

func (s situation) check(t *testing.T) {
	items, found := parse(t, s.lines...)
	if got := shape(items); got != s.shape {
		t.Errorf("became %s, want %s", got, s.shape)
	}
	got, want := instances(t, items), strings.Split(s.takes, ", ")
	if s.takes == "" {
		want = nil
	}
	if n := len(want) - 1; n >= 0 && want[n] == "…" {
		want, got = want[:n], got[:min(n, len(got))]
	}
	if !slices.Equal(got, want) {
		t.Errorf("takes place\n %s, want\n %s", strings.Join(got, ", "), strings.Join(want, ", "))
	}
	if s.property == "" && len(found) > 0 || s.property != "" && !says(found, s.kind, s.property, s.words) {
		t.Errorf("found %v", found)
	}
}

func TestRulesBecomeSeries(t *testing.T) {
	for _, s := range []situation{
		{"a rule that Graph has", event("RRULE:FREQ=WEEKLY;COUNT=3"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-28T09:00, 2026-12-05T09:00", "", "", ""},
		{"an end in the middle of a day", event("RRULE:FREQ=DAILY;UNTIL=20261123T085959Z"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-22T09:00", "", "", ""},
		{"an end on the last date itself", event("RRULE:FREQ=DAILY;UNTIL=20261123T090000Z"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-22T09:00, 2026-11-23T09:00", "", "", ""},
		{"an end that is a date", event("RRULE:FREQ=DAILY;UNTIL=20261122"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-22T09:00", "", "", ""},
		{"no end in a thousand years", event("RRULE:FREQ=YEARLY;UNTIL=99991231T000000Z"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2027-11-21T09:00", "", "", ""},
		{"more than Exchange counts", event("RRULE:FREQ=DAILY;COUNT=5000"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-22T09:00, …", "", "", ""},
		{"working days", event("RRULE:FREQ=DAILY;BYDAY=SA,MO;COUNT=3"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-23T09:00, 2026-11-28T09:00", ics.Adapted, "RRULE", "weekly series"},
		{"two days of the month", event("RRULE:FREQ=MONTHLY;BYMONTHDAY=21,28;COUNT=3"), "2 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-28T09:00, 2026-12-21T09:00", ics.Adapted, "RRULE", "2 series"},
		{"two times a day", event("RRULE:FREQ=DAILY;BYHOUR=9,15;COUNT=3"), "2 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-21T15:00, 2026-11-22T09:00", ics.Adapted, "RRULE", "2 series"},
		{"a fifth day of the week", event("RRULE:FREQ=MONTHLY;BYDAY=5SU;COUNT=3"), "0 series -0 ~0, 3 single",
			"2026-11-21T09:00, 2026-11-29T09:00, 2027-01-31T09:00", ics.Adapted, "RRULE", "single events"},
		{"every six hours", event("RRULE:FREQ=HOURLY;INTERVAL=6;COUNT=3"), "0 series -0 ~0, 3 single",
			"2026-11-21T09:00, 2026-11-21T15:00, 2026-11-21T21:00", ics.Adapted, "RRULE", "single events"},
		{"no pattern and no end", event("RRULE:FREQ=YEARLY;BYYEARDAY=325"), "0 series -0 ~0, 3 single",
			"2026-11-21T09:00, 2027-11-21T09:00", ics.Lost, "RRULE", "until 2029-01-01"},
		{"every second", event("RRULE:FREQ=SECONDLY"), "0 series -0 ~0, 1000 single",
			"2026-11-21T09:00, 2026-11-21T09:00, …", ics.Lost, "RRULE", "first 1000"},
		{"a day that some months lack", event("DTSTART:20261231T090000Z", "DTEND:20261231T100000Z", "RRULE:FREQ=MONTHLY;COUNT=4"), "1 series -2 ~0, 0 single",
			"2026-12-31T09:00, 2027-01-31T09:00, 2027-03-31T09:00, 2027-05-31T09:00", ics.Adapted, "RRULE", "a month lacks"},
		{"the last day of each month", event("DTSTART:20261130T090000Z", "DTEND:20261130T100000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4"), "1 series -0 ~0, 0 single",
			"2026-11-30T09:00, 2026-12-31T09:00, 2027-01-31T09:00, 2027-02-28T09:00", "", "", ""},
		{"an hour that the clocks skip", event("DTSTART;TZID=America/New_York:20270312T023000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3"), "1 series -1 ~0, 0 single",
			"2027-03-12T07:30, 2027-03-13T07:30, 2027-03-15T06:30", ics.Adapted, "RRULE", "clocks skip"},
		{"a night in which clocks change", event("DTSTART;TZID=America/New_York:20270312T230000", "DURATION:PT6H", "RRULE:FREQ=DAILY;COUNT=2"), "1 series -0 ~0, 0 single",
			"2027-03-13T04:00+6h0m, 2027-03-14T04:00+5h0m", ics.Adapted, "RRULE", "wall clock of the end"},
		{"a first night in which clocks change", event("DTSTART;TZID=America/New_York:20261031T230000", "DTEND;TZID=America/New_York:20261101T030000", "RRULE:FREQ=DAILY;COUNT=2"), "1 series -0 ~0, 0 single",
			"2026-11-01T03:00+5h0m, 2026-11-02T04:00+4h0m", ics.Adapted, "RRULE", "wall clock of the end"},
		{"a start that the rule does not name", event("RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"), "1 series -0 ~0, 1 single",
			"2026-11-21T09:00, 2026-11-23T09:00, 2026-11-30T09:00", "", "", ""},
		{"two rules that share dates", event("RRULE:FREQ=WEEKLY;COUNT=3", "RRULE:FREQ=DAILY;INTERVAL=7;COUNT=4"), "2 series -3 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-28T09:00, 2026-12-05T09:00, 2026-12-12T09:00", "", "", ""},
		{"a rule with nothing of its own", event("RRULE:FREQ=WEEKLY;COUNT=3", "RRULE:FREQ=WEEKLY;COUNT=2"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-28T09:00, 2026-12-05T09:00", "", "", ""},
		{"a rule that cannot be read", event("RRULE:FREQ=FORTNIGHTLY"), "0 series -0 ~0, 1 single", "2026-11-21T09:00", ics.Lost, "RRULE", "cannot be read"},
		{"a rule that names nothing", event("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "0 series -0 ~0, 1 single", "2026-11-21T09:00", ics.Adapted, "RRULE", "yields nothing"},
		{"a rule of exceptions", event("RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;INTERVAL=2"), "1 series -2 ~0, 0 single",
			"2026-11-22T09:00, 2026-11-24T09:00", ics.Adapted, "EXRULE", "cancelled"},
		{"a fixed clock of the file's own", append(vtimezone("Odd", "+0513", "+0513"), event("DTSTART;TZID=Odd:20261121T030000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=SA,MO;COUNT=3")...),
			"1 series -0 ~0, 0 single", "2026-11-20T21:47, 2026-11-22T21:47, 2026-11-27T21:47", ics.Adapted, "VTIMEZONE", "UTC"},
		{"a changing clock of the file's own", append(vtimezone("Odd", "+0113", "+0213"), event("DTSTART;TZID=Odd:20270327T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2")...),
			"0 series -0 ~0, 2 single", "2027-03-27T07:47, 2027-03-28T06:47", ics.Adapted, "RRULE", "no zone"},
	} {
		t.Run(s.name, s.check)
	}
}

func TestFurtherAndExceptedDates(t *testing.T) {
	for _, s := range []situation{
		{"further dates", event("RDATE:20261122T090000Z,20261124T120000Z"), "0 series -0 ~0, 3 single",
			"2026-11-21T09:00, 2026-11-22T09:00, 2026-11-24T12:00", ics.Adapted, "RDATE", "single events"},
		{"a further date that the rule has", event("RRULE:FREQ=DAILY;COUNT=2", "RDATE:20261122T090000Z"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-22T09:00", ics.Adapted, "RDATE", ""},
		{"periods", event("RDATE;VALUE=PERIOD:20261122T090000Z/20261122T113000Z,20261123T090000Z/PT2H"), "0 series -0 ~0, 3 single",
			"2026-11-21T09:00, 2026-11-22T09:00+2h30m, 2026-11-23T09:00+2h0m", ics.Adapted, "RDATE", ""},
		{"a period that ends before it starts", event("RDATE;VALUE=PERIOD:20261122T090000Z/20261122T080000Z"), "0 series -0 ~0, 1 single",
			"2026-11-21T09:00", ics.Lost, "RDATE", "not a period"},
		{"a further date without a time", event("RDATE;VALUE=DATE:20261122"), "0 series -0 ~0, 2 single",
			"2026-11-21T09:00, 2026-11-22T09:00", ics.Adapted, "RDATE", ""},
		{"a date with a Z", event("RDATE:20261122Z"), "0 series -0 ~0, 2 single", "2026-11-21T09:00, 2026-11-22T09:00", ics.Adapted, "RDATE", "neither"},
		{"an excepted date", event("RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261122T090000Z"), "1 series -1 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-23T09:00", "", "", ""},
		{"an excepted date in another zone", event("RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Asia/Tokyo:20261122T180000"), "1 series -1 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-23T09:00", "", "", ""},
		{"an excepted day of an event with a time", event("RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261122"), "1 series -1 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-23T09:00", ics.Adapted, "EXDATE", "on that day"},
		{"an excepted date that is none", event("RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261122T093000Z"), "1 series -0 ~0, 0 single",
			"2026-11-21T09:00, 2026-11-22T09:00", ics.Lost, "EXDATE", "not a date of the event"},
		{"every date excepted", event("RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261121T090000Z,20261122T090000Z"), "0 series -0 ~0, 0 single",
			"", ics.Adapted, "VEVENT", "nothing is left"},
	} {
		t.Run(s.name, s.check)
	}
}

func TestReplacedOccurrences(t *testing.T) {
	daily := func(lines ...string) []string {
		return event(append([]string{"RRULE:FREQ=DAILY;COUNT=4"}, lines...)...)
	}
	replaced := func(lines ...string) []string {
		return append(append([]string{"BEGIN:VEVENT", "UID:u1", "SUMMARY:Changed"}, lines...), "END:VEVENT")
	}
	for _, s := range []situation{
		{"moved within the day", append(daily(), replaced("RECURRENCE-ID:20261122T090000Z", "DTSTART:20261122T140000Z", "DURATION:PT2H")...),
			"1 series -0 ~1, 0 single", "2026-11-21T09:00, 2026-11-22T14:00+2h0m Changed, 2026-11-23T09:00, 2026-11-24T09:00", "", "", ""},
		{"before the event itself in the file", append(replaced("RECURRENCE-ID:20261122T090000Z", "DTSTART:20261122T090000Z", "DURATION:PT1H"), daily()...),
			"1 series -0 ~1, 0 single", "2026-11-21T09:00, 2026-11-22T09:00 Changed, 2026-11-23T09:00, 2026-11-24T09:00", "", "", ""},
		{"moved across its neighbour", append(daily(), replaced("RECURRENCE-ID:20261122T090000Z", "DTSTART:20261123T150000Z", "DURATION:PT1H")...),
			"1 series -1 ~0, 1 single", "2026-11-21T09:00, 2026-11-23T09:00, 2026-11-23T15:00 Changed, 2026-11-24T09:00", ics.Adapted, "RECURRENCE-ID", "across its neighbour"},
		{"cancelled", append(daily(), replaced("RECURRENCE-ID:20261122T090000Z", "DTSTART:20261122T090000Z", "STATUS:CANCELLED")...),
			"1 series -1 ~0, 0 single", "2026-11-21T09:00, 2026-11-23T09:00, 2026-11-24T09:00", "", "", ""},
		{"of a further date", append(event("RDATE:20261124T090000Z"), replaced("RECURRENCE-ID:20261124T090000Z", "DTSTART:20261125T090000Z", "DURATION:PT1H")...),
			"0 series -0 ~0, 2 single", "2026-11-21T09:00, 2026-11-25T09:00 Changed", ics.Adapted, "RDATE", ""},
		{"told in another zone", append(daily(), replaced("RECURRENCE-ID;TZID=Asia/Tokyo:20261122T180000", "DTSTART:20261122T100000Z", "DURATION:PT1H")...),
			"1 series -0 ~1, 0 single", "2026-11-21T09:00, 2026-11-22T10:00 Changed, 2026-11-23T09:00, 2026-11-24T09:00", "", "", ""},
		{"of a date that the event does not have", append(daily(), replaced("RECURRENCE-ID:20261122T093000Z", "DTSTART:20261122T120000Z", "DURATION:PT1H")...),
			"1 series -0 ~0, 1 single", "2026-11-21T09:00, 2026-11-22T09:00, 2026-11-22T12:00 Changed, 2026-11-23T09:00, 2026-11-24T09:00", ics.Adapted, "RECURRENCE-ID", "does not take place then"},
		{"of an event that is not there", replaced("RECURRENCE-ID:20261122T090000Z", "DTSTART:20261122T120000Z", "DURATION:PT1H"),
			"0 series -0 ~0, 1 single", "2026-11-22T12:00 Changed", ics.Adapted, "RECURRENCE-ID", "not in the file"},
		{"twice: the higher sequence wins", append(daily(), append(
			replaced("RECURRENCE-ID:20261122T090000Z", "SEQUENCE:2", "DTSTART:20261122T100000Z", "DURATION:PT1H"),
			replaced("RECURRENCE-ID:20261122T090000Z", "SEQUENCE:1", "DTSTART:20261122T110000Z", "DURATION:PT1H")...)...),
			"1 series -0 ~1, 0 single", "2026-11-21T09:00, 2026-11-22T10:00 Changed, 2026-11-23T09:00, 2026-11-24T09:00", "", "", ""},
		{"this and all following", append(daily(), replaced("RECURRENCE-ID;RANGE=THISANDFUTURE:20261123T090000Z", "DTSTART:20261123T100000Z", "DURATION:PT1H")...),
			"2 series -0 ~0, 0 single", "2026-11-21T09:00, 2026-11-22T09:00, 2026-11-23T10:00 Changed, 2026-11-24T10:00 Changed", ics.Adapted, "RECURRENCE-ID", "following"},
		{"this and all following, a day later", append(daily(), replaced("RECURRENCE-ID;RANGE=THISANDFUTURE:20261123T090000Z", "DTSTART:20261124T090000Z", "DURATION:PT1H")...),
			"2 series -0 ~0, 0 single", "2026-11-21T09:00, 2026-11-22T09:00, 2026-11-24T09:00 Changed, 2026-11-25T09:00 Changed", ics.Adapted, "RECURRENCE-ID", "following"},
		{"this and all following of a monthly event, a day later", append(event("RRULE:FREQ=MONTHLY;COUNT=3"), replaced("RECURRENCE-ID;RANGE=THISANDFUTURE:20261221T090000Z", "DTSTART:20261222T090000Z", "DURATION:PT1H")...),
			"1 series -0 ~0, 2 single", "2026-11-21T09:00, 2026-12-22T09:00 Changed, 2027-01-22T09:00 Changed", ics.Adapted, "RECURRENCE-ID", "following"},
	} {
		t.Run(s.name, s.check)
	}
}

func TestAnExceptionNamesOnlyWhatDiffers(t *testing.T) {
	items, _ := parse(t, append(event("RRULE:FREQ=DAILY;COUNT=4", "LOCATION:Room 1", "ATTENDEE:mailto:a@b.example"),
		"BEGIN:VEVENT", "UID:u1", "SUMMARY:Meeting", "RECURRENCE-ID:20261122T090000Z", "DTSTART:20261122T090000Z", "DTEND:20261122T100000Z",
		"LOCATION:Room 2", "ATTENDEE:mailto:a@b.example", "END:VEVENT")...)
	if got := fmt.Sprint(items[0].Exceptions[0].Event); got != "map[location:map[displayName:Room 2]]" {
		t.Errorf("the exception is %s", got)
	}
}

func TestFindingsTellWhere(t *testing.T) {
	_, found := parse(t, event("URL:https://b.example/")...)
	if got := fmt.Sprint(found[0]); !strings.HasPrefix(got, "test.ics:7: URL: ") || !strings.HasSuffix(got, "(lost)") {
		t.Errorf("the finding reads %q", got)
	}
}
