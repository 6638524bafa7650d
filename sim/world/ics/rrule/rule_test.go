package rrule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
)

// clock is a zone's clock, or with no zone one that shows every wall time.
type clock struct{ loc *time.Location }

func (c clock) Wall(instant time.Time) time.Time {
	_, offset := instant.In(c.loc).Zone()
	return instant.UTC().Add(time.Duration(offset) * time.Second)
}

func (c clock) Shows(wall time.Time) bool {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, c.loc)
	return t.Hour() == wall.Hour() && t.Minute() == wall.Minute()
}

func newYork(t testing.TB) clock {
	t.Helper()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return clock{loc}
}

func TestRulesThatAreNoneAreRefused(t *testing.T) {
	for _, value := range []string{
		"", "FREQ", "FREQ=", "FREQ=FORTNIGHTLY", "INTERVAL=2", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1",
		"FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;UNTIL=tomorrow", "FREQ=DAILY;BYHOUR=24",
		"FREQ=DAILY;BYMINUTE=60", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=", "FREQ=MONTHLY;BYDAY=0MO",
		"FREQ=MONTHLY;BYDAY=54MO", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=YEARLY;BYMONTH=13",
		"FREQ=YEARLY;BYMONTH=-1", "FREQ=YEARLY;BYWEEKNO=0", "FREQ=WEEKLY;WKST=1", "FREQ=DAILY;BYEASTER=0", "FREQ=DAILY;;X",
	} {
		if r, err := rrule.Parse(value, clock{time.UTC}); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", value, r)
		}
	}
}

// The situations are those of RFC 5545 §3.8.5.3: a rule, its first date, and
// the first dates that the RFC names.
func TestRulesYieldTheDatesThatTheRFCNames(t *testing.T) {
	for _, test := range []struct{ rule, start, want string }{
		{"FREQ=DAILY;COUNT=10", "1997-09-02", "09-02 09-03 09-04 09-05 09-06 09-07 09-08 09-09 09-10 09-11"},
		{"FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02", "09-02 09-12 09-22 10-02 10-12"},
		{"FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02", "09-02 09-16 09-30 10-14 10-28"},
		{"FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "1997-09-02", "09-02 09-04 09-09 09-11 09-16 09-18 09-23 09-25 09-30 10-02"},
		{"FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997-09-02", "09-02 09-04 09-16 09-18 09-30 10-02 10-14 10-16"},
		{"FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-05", "09-05 10-03 11-07 12-05 01-02 02-06 03-06 04-03 05-01 06-05"},
		{"FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07", "09-07 09-28 11-02 11-30 01-04 01-25 03-01 03-29 05-03 05-31"},
		{"FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22", "09-22 10-20 11-17 12-22 01-19 02-16"},
		{"FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "09-28 10-29 11-28 12-29 01-29 02-26"},
		{"FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997-09-30", "09-30 10-01 10-31 11-01 11-30 12-01 12-31 01-01 01-31 02-01"},
		{"FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997-09-10", "09-10 09-11 09-12 09-13 09-14 09-15 03-10 03-11 03-12 03-13"},
		{"FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997-06-10", "06-10 07-10 06-10 07-10 06-10 07-10 06-10 07-10 06-10 07-10"},
		{"FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "1997-01-01", "01-01 04-10 07-19 01-01 04-09 07-18 01-01 04-10 07-19 01-01"},
		{"FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "05-19 05-18 05-17"},
		{"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", "05-12 05-11 05-17"},
		{"FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13", "03-13 03-20 03-27 03-05 03-12 03-19 03-26"},
		{"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", "02-13 03-13 11-13 08-13 10-13"},
		{"FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1997-09-13", "09-13 10-11 11-08 12-13 01-10 02-07 03-07"},
		{"FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05", "11-05 11-07 11-02"},
		{"FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", "09-04 10-07 11-06"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29", "09-29 10-30 11-27 12-30 01-29 02-26"},
		{"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "08-05 08-10 08-19 08-24"},
		{"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "08-05 08-17 08-19 08-31"},
		{"FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15", "01-15 01-30 02-15 03-15 03-30"},
		{"FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-31", "01-31 03-31 05-31 07-31"},
		{"FREQ=YEARLY", "2028-02-29", "02-29 02-29 02-29"},
		{"FREQ=MONTHLY;COUNT=3;BYDAY=1MO", "2026-11-21", "12-07 01-04"}, // the start counts as the first
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got := expand(t, test.rule, test.start+" 09:00", clock{time.UTC}, "01-02", len(strings.Fields(test.want)))
			if !slices.Equal(got, strings.Fields(test.want)) {
				t.Errorf("from %s: %v, want %s", test.start, got, test.want)
			}
		})
	}
}

// expand writes the first wall times of a rule, or all of one that ends.
func expand(t *testing.T, value, start string, c rrule.Clock, layout string, most int) []string {
	t.Helper()
	r, err := rrule.Parse(value, c)
	if err != nil {
		t.Fatal(err)
	}
	from, err := time.Parse("2006-01-02 15:04", start)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for wall := range r.Expand(from, from.AddDate(60, 0, 0), c) {
		if len(got) == most && r.Count == 0 && r.Until.IsZero() {
			break
		}
		got = append(got, wall.Format(layout))
	}
	return got
}

func TestRulesYieldTheTimesOfDayThatTheRFCNames(t *testing.T) {
	for _, test := range []struct{ situation, rule, start, want string }{
		{"every three hours until a time in UTC", "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", "1997-09-02 09:00",
			"02T09:00 02T12:00 02T15:00"},
		{"every quarter of an hour", "FREQ=MINUTELY;INTERVAL=15;COUNT=6", "1997-09-02 09:00",
			"02T09:00 02T09:15 02T09:30 02T09:45 02T10:00 02T10:15"},
		{"several times on every day", "FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,40;COUNT=5", "1997-09-02 09:00",
			"02T09:00 02T09:40 02T10:00 02T10:40 03T09:00"},
		{"minutes of some hours", "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9;COUNT=4", "1997-09-02 09:00",
			"02T09:00 02T09:20 02T09:40 03T09:00"},
		{"seconds on the hour", "FREQ=SECONDLY;INTERVAL=1800;COUNT=3", "1997-09-02 09:00", "02T09:00 02T09:30 02T10:00"},
		{"until a whole day", "FREQ=HOURLY;INTERVAL=8;UNTIL=19970903", "1997-09-02 09:00", "02T09:00 02T17:00 03T01:00 03T09:00 03T17:00"},
		{"a time that the clock skips is not counted", "FREQ=DAILY;COUNT=3", "2027-03-13 02:30", "13T02:30 15T02:30 16T02:30"},
		{"a position among the times of a day", "FREQ=DAILY;BYHOUR=8,12,16;BYSETPOS=-1;COUNT=3", "1997-09-02 16:00", "02T16:00 03T16:00 04T16:00"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			got := expand(t, test.rule, test.start, newYork(t), "02T15:04", 0)
			if !slices.Equal(got, strings.Fields(test.want)) {
				t.Errorf("%v, want %s", got, test.want)
			}
		})
	}
}

func TestStampsAreReadAsRealCalendarsWriteThem(t *testing.T) {
	for _, test := range []struct {
		value, want string
		date, utc   bool
	}{
		{"20261121", "2026-11-21T00:00:00", true, false},
		{"20261121T093000", "2026-11-21T09:30:00", false, false},
		{"20261121T093000Z", "2026-11-21T09:30:00", false, true},
		{" 20261121t093000z ", "2026-11-21T09:30:00", false, true},
		{"20261121T0930", "2026-11-21T09:30:00", false, false},
		{"20131210Z", "2013-12-10T00:00:00", true, false},
		{"20161231T235960Z", "2016-12-31T23:59:59", false, true},
		{"20260230", "", false, false},
		{"00000101", "", false, false},
		{"2026-11-21", "", false, false},
		{"", "", false, false},
	} {
		wall, date, utc, err := rrule.ParseStamp(test.value)
		switch {
		case test.want == "" && err == nil:
			t.Errorf("ParseStamp(%q) = %v, want an error", test.value, wall)
		case test.want != "" && (err != nil || wall.Format("2006-01-02T15:04:05") != test.want || date != test.date || utc != test.utc):
			t.Errorf("ParseStamp(%q) = %v, %t, %t, %v", test.value, wall, date, utc, err)
		}
	}
}
