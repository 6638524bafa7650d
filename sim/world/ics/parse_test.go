package ics_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics"
	"github.com/graphwarden/graphwarden/sim/world/recur"
	"github.com/graphwarden/graphwarden/zone"
)

// reporter is a test, or one draw of a property.
type reporter interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// horizon is far enough for all that the tests look at.
func horizon() time.Time { return time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC) }

// parse reads the lines of a calendar, between BEGIN and END.
func parse(t reporter, lines ...string) ([]ics.Item, []ics.Finding) {
	t.Helper()
	file := "BEGIN:VCALENDAR\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n"
	items, found, err := ics.Parse(strings.NewReader(file), ics.Options{File: "test.ics", Horizon: horizon()})
	if err != nil {
		t.Fatal(err)
	}
	return items, found
}

// event makes the lines of a VEVENT that begins on 21 November 2026 at 9:00
// UTC and takes an hour, unless the lines say otherwise.
func event(lines ...string) []string {
	all := []string{"BEGIN:VEVENT", "UID:u1", "SUMMARY:Meeting"}
	given := strings.Join(lines, "\n")
	if !strings.Contains(given, "DTSTART") {
		all = append(all, "DTSTART:20261121T090000Z")
		if !strings.Contains(given, "DURATION") && !strings.Contains(given, "DTEND") {
			all = append(all, "DTEND:20261121T100000Z")
		}
	}
	return append(append(all, lines...), "END:VEVENT")
}

// at reads Graph's dateTimeTimeZone.
func at(t reporter, value any) time.Time {
	t.Helper()
	stamp := value.(map[string]any)
	loc, err := zone.Load(stamp["timeZone"].(string))
	if err != nil {
		t.Fatal(err)
	}
	wall, err := time.Parse("2006-01-02T15:04:05.0000000", stamp["dateTime"].(string))
	if err != nil {
		t.Fatal(err)
	}
	return recur.WallTime(wall, loc)
}

// instances writes, in order, when items take place in November 2026 and the
// year after, in UTC, with the subject where it is not "Meeting".
func instances(t reporter, items []ics.Item) []string {
	t.Helper()
	from, to := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC)
	var got []string
	add := func(event map[string]any, start, end time.Time) {
		if start.Before(from) || !start.Before(to) {
			return
		}
		text := start.UTC().Format("2006-01-02T15:04")
		if length := end.Sub(start); length != time.Hour {
			text += "+" + strings.TrimSuffix(length.String(), "0s")
		}
		if subject := event["subject"]; subject != "Meeting" {
			text += " " + fmt.Sprint(subject)
		}
		got = append(got, text)
	}
	for _, item := range items {
		start, end := at(t, item.Event["start"]), at(t, item.Event["end"])
		if item.Event["recurrence"] == nil {
			add(item.Event, start, end)
			continue
		}
		s := seriesOf(t, item)
		gone := map[time.Time]bool{}
		for _, date := range item.Cancelled {
			gone[date] = true
		}
		for _, e := range item.Exceptions {
			gone[e.Date] = true
			o, _ := s.On(e.Date)
			changed := map[string]any{"subject": item.Event["subject"]}
			if e.Event["subject"] != nil {
				changed["subject"] = e.Event["subject"]
			}
			if e.Event["start"] != nil {
				o.Start, o.End = at(t, e.Event["start"]), at(t, e.Event["end"])
			}
			add(changed, o.Start, o.End)
		}
		for o := range s.Expand(from, to) {
			if !gone[o.Date] {
				add(item.Event, o.Start, o.End)
			}
		}
	}
	slices.Sort(got)
	return got
}

// seriesOf compiles an item's recurrence, which must be one that Exchange takes.
func seriesOf(t reporter, item ics.Item) *recur.Series {
	t.Helper()
	r, err := recur.Decode(item.Event["recurrence"])
	if err != nil {
		t.Fatal(err)
	}
	start := at(t, item.Event["start"])
	if err := r.Validate(start); err != nil {
		t.Fatalf("%v in %+v", err, r)
	}
	s, err := recur.NewSeries(start, at(t, item.Event["end"]), r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// says tells whether a finding of a kind is about a property and holds words.
func says(found []ics.Finding, kind ics.Kind, property, words string) bool {
	return slices.ContainsFunc(found, func(f ics.Finding) bool {
		return f.Kind == kind && f.Property == property && strings.Contains(f.What, words) && f.Line > 0
	})
}

func TestWhatIsNoCalendarIsRefused(t *testing.T) {
	for _, file := range []string{"", "hello", "BEGIN:VCARD\nEND:VCARD\n", "BEGIN:VEVENT\nEND:VEVENT\n"} {
		if _, _, err := ics.Parse(strings.NewReader(file), ics.Options{File: "x.ics"}); !errors.Is(err, ics.ErrNotCalendar) {
			t.Errorf("Parse(%q) = %v, want ErrNotCalendar", file, err)
		}
	}
	long := "BEGIN:VCALENDAR\nX-LONG:" + strings.Repeat("x", 2<<20) + "\nEND:VCALENDAR\n"
	if _, _, err := ics.Parse(strings.NewReader(long), ics.Options{File: "x.ics"}); err == nil {
		t.Error("a line of two megabytes was read")
	}
}

func TestOddLinesAreReadAndNamed(t *testing.T) {
	for _, test := range []struct {
		situation, file string
		kind            ics.Kind
		property, words string
		subject         string
	}{
		{"bare line feeds and a byte order mark", "\ufeffBEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261121\nSUMMARY:A\nEND:VEVENT\nEND:VCALENDAR",
			ics.Adapted, "UID", "missing", "A"},
		{"a blank line", "BEGIN:VCALENDAR\n\nBEGIN:VEVENT\nDTSTART:20261121\nSUMMARY:A\nEND:VEVENT\nEND:VCALENDAR\n",
			ics.Adapted, "", "blank line", "A"},
		{"a folded line, with a tab", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261121\r\nSUMM\r\n ARY:Long\r\n\t name\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			ics.Adapted, "UID", "missing", "Long name"},
		{"a line that is none", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261121\nthis is not a line\nSUMMARY:A\nEND:VEVENT\nEND:VCALENDAR\n",
			ics.Lost, "", "not a content line", "A"},
		{"a component left open", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261121\nSUMMARY:A\n",
			ics.Adapted, "VEVENT", "file ends inside", "A"},
		{"an END that closes more than it should", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261121\nSUMMARY:A\nBEGIN:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
			ics.Adapted, "END", "still open", "A"},
		{"an END without its BEGIN", "BEGIN:VCALENDAR\nEND:VTODO\nBEGIN:VEVENT\nDTSTART:20261121\nSUMMARY:A\nEND:VEVENT\nEND:VCALENDAR\n",
			ics.Lost, "END", "never opened", "A"},
		{"names in small letters", "begin:vcalendar\nbegin:vevent\ndtstart;value=date:20261121\nsummary:A\nend:vevent\nend:vcalendar\n",
			ics.Adapted, "UID", "missing", "A"},
		{"a parameter in quotes with every mark", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261121\nSUMMARY;X=\"a:b;c,d\";LANGUAGE=en:A\nEND:VEVENT\nEND:VCALENDAR\n",
			ics.Adapted, "UID", "missing", "A"},
		{"an event outside the calendar", "BEGIN:VEVENT\nEND:VEVENT\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261121\nSUMMARY:A\nEND:VEVENT\nEND:VCALENDAR\n",
			ics.Lost, "VEVENT", "outside", "A"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			items, found, err := ics.Parse(strings.NewReader(test.file), ics.Options{File: "x.ics"})
			if err != nil || len(items) != 1 || items[0].Event["subject"] != test.subject {
				t.Fatalf("read %v, %v", items, err)
			}
			if !says(found, test.kind, test.property, test.words) {
				t.Errorf("no finding about %s (%s); found %v", test.property, test.words, found)
			}
		})
	}
}

func TestAFileCannotMakeUsWorkWithoutEnd(t *testing.T) {
	deep := append(slices.Repeat([]string{"BEGIN:X-BOX"}, 40), slices.Repeat([]string{"END:X-BOX"}, 40)...)
	if _, found := parse(t, append(deep, event()...)...); !says(found, ics.Lost, "BEGIN", "nested deeper") {
		t.Errorf("forty components in each other: %v", found)
	}
	many := slices.Repeat([]string{"RRULE:FREQ=DAILY;COUNT=2"}, 30)
	if _, found := parse(t, event(many...)...); !says(found, ics.Lost, "RRULE", "more rules") {
		t.Errorf("thirty rules: %v", found)
	}
	dates := []string{}
	for i := range 1200 {
		dates = append(dates, "RDATE:"+time.Date(2027, 1, 1, 0, i, 0, 0, time.UTC).Format("20060102T150405Z"))
	}
	items, found := parse(t, event(dates...)...)
	if len(items) != 1000 || !says(found, ics.Lost, "VEVENT", "dates are missing") {
		t.Errorf("1,201 single dates became %d events", len(items))
	}
	old := event("DTSTART:00010101T090000Z", "RRULE:FREQ=DAILY")
	if items, _ := parse(t, old...); len(items) != 1 || len(items[0].Cancelled) > 0 {
		t.Errorf("a series of two thousand years became %d events", len(items))
	}
}

func TestTwoCalendarsInOneFileAreBothRead(t *testing.T) {
	one := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261121\nEND:VEVENT\nEND:VCALENDAR\n"
	items, _, err := ics.Parse(strings.NewReader(one+strings.Replace(one, "UID:a", "UID:b", 1)), ics.Options{})
	if err != nil || len(items) != 2 || items[0].Event["iCalUId"] != "a" || items[1].Event["iCalUId"] != "b" {
		t.Errorf("read %v, %v", items, err)
	}
}

// FuzzParse feeds what a stranger could send. Whatever comes out must be such
// that Exchange takes it and JSON can carry it.
func FuzzParse(f *testing.F) {
	for _, seed := range [][]string{
		event("RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20261128T090000Z", "RDATE:20261130T090000Z"),
		event("DTSTART;TZID=X:20261121T090000", "DURATION:P1DT2H", "RRULE:FREQ=MONTHLY;BYMONTHDAY=31"),
		append(event("RRULE:FREQ=DAILY"), event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261201T090000Z", "DTSTART:20261202T100000Z")...),
		{"BEGIN:VTIMEZONE", "TZID:X", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
			"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE"},
		event("BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "END:VALARM", "ATTENDEE;CN=\"A, B\":mailto:a@b.example"),
	} {
		f.Add("BEGIN:VCALENDAR\n" + strings.Join(seed, "\n") + "\nEND:VCALENDAR\n")
	}
	f.Fuzz(func(t *testing.T, file string) {
		if len(file) > 4096 {
			t.Skip()
		}
		began := time.Now()
		items, found, err := ics.Parse(strings.NewReader(file), ics.Options{File: "fuzz.ics", Horizon: horizon()})
		if took := time.Since(began); took > time.Minute {
			t.Errorf("took %s", took)
		}
		if err != nil {
			return
		}
		for _, finding := range found {
			if finding.Line < 1 || finding.What == "" || finding.Kind != ics.Adapted && finding.Kind != ics.Lost {
				t.Errorf("finding %+v", finding)
			}
		}
		for _, item := range items {
			if _, err := json.Marshal(item.Event); err != nil {
				t.Fatal(err)
			}
			if at(t, item.Event["end"]).Before(at(t, item.Event["start"])) {
				t.Errorf("an event that ends before it starts: %v", item.Event)
			}
			if item.Event["recurrence"] == nil {
				continue
			}
			s := seriesOf(t, item)
			dates := slices.Clone(item.Cancelled)
			for _, e := range item.Exceptions {
				dates = append(dates, e.Date)
			}
			for _, date := range dates {
				if _, ok := s.On(date); !ok {
					t.Errorf("%v is not a date of %v", date, item.Event["recurrence"])
				}
			}
		}
	})
}
