package ics_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/ics"
)

// times writes start, end and isAllDay of the first item.
func times(items []ics.Item) string {
	e := items[0].Event
	stamp := func(member string) string {
		v := e[member].(map[string]any)
		return strings.TrimSuffix(v["dateTime"].(string), ":00.0000000") + " " + v["timeZone"].(string)
	}
	return fmt.Sprint(stamp("start"), " to ", stamp("end"), " ", e["isAllDay"])
}

func TestStartAndEndAreReadFromWhatIsGiven(t *testing.T) {
	for _, test := range []struct {
		situation string
		lines     []string
		want      string
		kind      ics.Kind
		property  string
	}{
		{"in UTC", []string{"DTSTART:20261121T090000Z", "DTEND:20261121T100000Z"}, "2026-11-21T09:00 UTC to 2026-11-21T10:00 UTC false", "", ""},
		{"in a zone", []string{"DTSTART;TZID=Europe/Berlin:20261121T090000", "DTEND;TZID=Europe/Berlin:20261121T100000"},
			"2026-11-21T09:00 W. Europe Standard Time to 2026-11-21T10:00 W. Europe Standard Time false", "", ""},
		{"a date", []string{"DTSTART;VALUE=DATE:20261121", "DTEND;VALUE=DATE:20261123"}, "2026-11-21T00:00 UTC to 2026-11-23T00:00 UTC true", "", ""},
		{"a date alone", []string{"DTSTART;VALUE=DATE:20261121"}, "2026-11-21T00:00 UTC to 2026-11-22T00:00 UTC true", "", ""},
		{"a time alone", []string{"DTSTART:20261121T090000Z"}, "2026-11-21T09:00 UTC to 2026-11-21T09:00 UTC false", "", ""},
		{"a length", []string{"DTSTART:20261121T090000Z", "DURATION:PT1H30M"}, "2026-11-21T09:00 UTC to 2026-11-21T10:30 UTC false", "", ""},
		{"a week", []string{"DTSTART;VALUE=DATE:20261121", "DURATION:P1W"}, "2026-11-21T00:00 UTC to 2026-11-28T00:00 UTC true", "", ""},
		{"a day by the calendar, over a clock change", []string{"DTSTART;TZID=America/New_York:20261031T120000", "DURATION:P1D"},
			"2026-10-31T12:00 Eastern Standard Time to 2026-11-01T12:00 Eastern Standard Time false", "", ""},
		{"a day by the stopwatch, over a clock change", []string{"DTSTART;TZID=America/New_York:20261031T120000", "DURATION:PT24H"},
			"2026-10-31T12:00 Eastern Standard Time to 2026-11-01T11:00 Eastern Standard Time false", "", ""},
		{"an end at a time that comes twice, the second time", []string{"DTSTART;TZID=America/New_York:20261101T003000", "DURATION:PT2H"},
			"2026-11-01T00:30 Eastern Standard Time to 2026-11-01T06:30 UTC false", "", ""},
		{"an end in another zone", []string{"DTSTART;TZID=Europe/Berlin:20261121T090000", "DTEND:20261121T090000Z"},
			"2026-11-21T09:00 W. Europe Standard Time to 2026-11-21T10:00 W. Europe Standard Time false", ics.Adapted, "DTEND"},
		{"an end before the start", []string{"DTSTART:20261121T090000Z", "DTEND:20261121T080000Z"}, "2026-11-21T09:00 UTC to 2026-11-21T09:00 UTC false", ics.Adapted, "DTEND"},
		{"an end on the day of the start", []string{"DTSTART;VALUE=DATE:20261121", "DTEND;VALUE=DATE:20261121"}, "2026-11-21T00:00 UTC to 2026-11-22T00:00 UTC true", ics.Adapted, "DTEND"},
		{"a date and a time", []string{"DTSTART:20261121T090000Z", "DTEND;VALUE=DATE:20261122"}, "2026-11-21T09:00 UTC to 2026-11-22T00:00 UTC false", ics.Adapted, "DTEND"},
		{"hours for whole days", []string{"DTSTART;VALUE=DATE:20261121", "DURATION:PT30H"}, "2026-11-21T00:00 UTC to 2026-11-23T00:00 UTC true", ics.Adapted, "DURATION"},
		{"a negative length", []string{"DTSTART:20261121T090000Z", "DURATION:-PT1H"}, "2026-11-21T09:00 UTC to 2026-11-21T09:00 UTC false", ics.Lost, "DURATION"},
		{"both an end and a length", []string{"DTSTART:20261121T090000Z", "DTEND:20261121T100000Z", "DURATION:PT3H"}, "2026-11-21T09:00 UTC to 2026-11-21T10:00 UTC false", ics.Lost, "DURATION"},
		{"whole days as Outlook writes them", []string{"DTSTART;TZID=Europe/Berlin:20261121T000000", "DTEND;TZID=Europe/Berlin:20261122T000000", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"},
			"2026-11-21T00:00 W. Europe Standard Time to 2026-11-22T00:00 W. Europe Standard Time true", "", ""},
		{"no zone", []string{"DTSTART:20261121T090000"}, "2026-11-21T09:00 UTC to 2026-11-21T09:00 UTC false", ics.Adapted, "DTSTART"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			items, found := parse(t, event(test.lines...)...)
			if got := times(items); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if test.property == "" && len(found) > 0 || test.property != "" && !says(found, test.kind, test.property, "") {
				t.Errorf("found %v", found)
			}
		})
	}
}

// vtimezone makes a definition of a zone with two clocks, or with one where
// both offsets are the same.
func vtimezone(id, winter, summer string, more ...string) []string {
	lines := append([]string{"BEGIN:VTIMEZONE", "TZID:" + id}, more...)
	lines = append(lines, "BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:"+summer, "TZOFFSETTO:"+winter)
	if winter != summer {
		lines = append(lines, "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "BEGIN:DAYLIGHT", "DTSTART:19700329T020000",
			"TZOFFSETFROM:"+winter, "TZOFFSETTO:"+summer, "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT")
	} else {
		lines = append(lines, "END:STANDARD")
	}
	return append(lines, "END:VTIMEZONE")
}

func TestZonesAreFoundByNameOrByTheirClock(t *testing.T) {
	for _, test := range []struct {
		situation, id string
		before        []string
		want          string
		kind          ics.Kind
		property      string
	}{
		{"an IANA name", "Europe/Berlin", nil, "2026-07-01T09:00 W. Europe Standard Time", "", ""},
		{"a Windows name", "Tokyo Standard Time", nil, "2026-07-01T09:00 Tokyo Standard Time", "", ""},
		{"a path that ends in a name", "/mozilla.org/20070129_1/Europe/Berlin", nil, "2026-07-01T09:00 W. Europe Standard Time", "", ""},
		{"a zone that Windows does not keep apart", "Africa/Casablanca", nil, "2026-07-01T09:00 Morocco Standard Time", "", ""},
		{"a hint in the definition", "Mine", vtimezone("Mine", "+0100", "+0200", "X-LIC-LOCATION:Europe/Berlin"), "2026-07-01T09:00 W. Europe Standard Time", "", ""},
		{"an own name for a known clock", "Our Office", vtimezone("Our Office", "+0000", "+0100"), "2026-07-01T08:00", ics.Adapted, "VTIMEZONE"},
		{"an own name for a clock that never changes", "Nowhere", vtimezone("Nowhere", "+0900", "+0900"), "2026-07-01T09:00 Korea Standard Time", ics.Adapted, "VTIMEZONE"},
		{"an offset that nobody has", "Nowhere/Middle", vtimezone("Nowhere/Middle", "-0741", "-0741"), "2026-07-01T16:41 UTC", ics.Adapted, "VTIMEZONE"},
		{"a clock that nobody has", "Nowhere/Odd", vtimezone("Nowhere/Odd", "+0113", "+0213"), "2026-07-01T06:47 UTC", ics.Adapted, "VTIMEZONE"},
		{"a stale definition of a known name", "Europe/Berlin", vtimezone("Europe/Berlin", "+0300", "+0300"), "2026-07-01T09:00 W. Europe Standard Time", ics.Adapted, "VTIMEZONE"},
		{"an unknown name", "Atlantis", nil, "2026-07-01T09:00 UTC", ics.Lost, "DTSTART"},
		{"a definition that is none", "Broken", []string{"BEGIN:VTIMEZONE", "TZID:Broken", "END:VTIMEZONE"}, "2026-07-01T09:00 UTC", ics.Lost, "VTIMEZONE"},
		{"a definition with a bad offset", "Broken", vtimezone("Broken", "+01", "+02"), "2026-07-01T09:00 UTC", ics.Lost, "VTIMEZONE"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			items, found := parse(t, append(test.before, event("DTSTART;TZID="+test.id+":20260701T090000")...)...)
			if got := times(items); !strings.HasPrefix(got, test.want) && test.want != "2026-07-01T08:00" {
				t.Errorf("%s, want %s", got, test.want)
			}
			if got := at(t, items[0].Event["start"]).UTC().Format("2006-01-02T15:04"); test.want == "2026-07-01T08:00" && got != test.want {
				t.Errorf("%s in UTC, want %s", got, test.want)
			}
			if test.property == "" && len(found) > 0 || test.property != "" && !says(found, test.kind, test.property, "") {
				t.Errorf("found %v", found)
			}
		})
	}
}

func TestTimesWithoutAZoneTakeTheCalendars(t *testing.T) {
	items, found := parse(t, append([]string{"X-WR-TIMEZONE:Asia/Tokyo"}, event("DTSTART:20261121T090000")...)...)
	if got := times(items); !strings.HasPrefix(got, "2026-11-21T09:00 Tokyo Standard Time") {
		t.Error(got)
	}
	if !says(found, ics.Adapted, "DTSTART", "without a zone") {
		t.Errorf("found %v", found)
	}
	file := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261121T090000\nEND:VEVENT\nEND:VCALENDAR\n"
	items, _, err := ics.Parse(strings.NewReader(file), ics.Options{Zone: "Asia/Tokyo"})
	if err != nil || !strings.HasPrefix(times(items), "2026-11-21T09:00 Tokyo Standard Time") {
		t.Errorf("%v, %v", items, err)
	}
}
