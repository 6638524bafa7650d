package recur_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func weekly(startDate string, days ...string) recur.Recurrence {
	return recur.Recurrence{
		Pattern: recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: days},
		Range:   recur.Range{Type: recur.NoEnd, StartDate: startDate},
	}
}

func noEnd(startDate string, p recur.Pattern) recur.Recurrence {
	return recur.Recurrence{Pattern: p, Range: recur.Range{Type: recur.NoEnd, StartDate: startDate}}
}

// series makes a series in a zone from "2006-01-02 15:04" times.
func series(t testing.TB, loc *time.Location, start, end string, r recur.Recurrence) *recur.Series {
	t.Helper()
	var span [2]time.Time
	for i, clock := range []string{start, end} {
		var err error
		if span[i], err = time.ParseInLocation("2006-01-02 15:04", clock, loc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := recur.NewSeries(span[0], span[1], r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// dates lists the first n dates of a pattern that starts on a date.
func dates(t testing.TB, n int, startDate string, p recur.Pattern) string {
	t.Helper()
	s := series(t, time.UTC, startDate+" 09:00", startDate+" 10:00", noEnd(startDate, p))
	var got []string
	for o := range s.Expand(time.Time{}, time.Date(4000, 1, 1, 0, 0, 0, 0, time.UTC)) {
		if got = append(got, o.Date.Format(time.DateOnly)); len(got) == n {
			break
		}
	}
	return strings.Join(got, " ")
}

func TestPatternsFallOnTheseDates(t *testing.T) {
	for _, test := range []struct {
		situation, start string
		pattern          recur.Pattern
		want             string
	}{
		{"every third day, over a leap day", "2028-02-27",
			recur.Pattern{Type: recur.Daily, Interval: 3},
			"2028-02-27 2028-03-01 2028-03-04"},
		{"two days of every week, listed out of order", "2026-11-23",
			recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: []string{"friday", "monday"}},
			"2026-11-23 2026-11-27 2026-11-30 2026-12-04"},
		{"the week's days before the start are left out", "2026-11-25",
			recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: []string{"monday", "wednesday"}},
			"2026-11-25 2026-11-30 2026-12-02"},
		{"every other week that begins on Sunday", "1997-08-05",
			recur.Pattern{Type: recur.Weekly, Interval: 2, DaysOfWeek: []string{"tuesday", "sunday"}},
			"1997-08-05 1997-08-17 1997-08-19 1997-08-31"},
		{"every other week that begins on Monday", "1997-08-05",
			recur.Pattern{Type: recur.Weekly, Interval: 2, DaysOfWeek: []string{"tuesday", "sunday"}, FirstDayOfWeek: "monday"},
			"1997-08-05 1997-08-10 1997-08-19 1997-08-24"},
		{"a start that the pattern does not hold", "2026-11-24",
			recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: []string{"monday"}},
			"2026-11-30 2026-12-07"},
		{"day 31 falls on the last day of shorter months", "2027-01-31",
			recur.Pattern{Type: recur.AbsoluteMonthly, Interval: 1, DayOfMonth: 31},
			"2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31"},
		{"day 30 in a leap year's February", "2028-01-30",
			recur.Pattern{Type: recur.AbsoluteMonthly, Interval: 1, DayOfMonth: 30},
			"2028-01-30 2028-02-29 2028-03-30"},
		{"every fifth month over the year's end", "2026-09-15",
			recur.Pattern{Type: recur.AbsoluteMonthly, Interval: 5, DayOfMonth: 15},
			"2026-09-15 2027-02-15 2027-07-15"},
		{"a day of the month before the start waits an interval", "2026-01-20",
			recur.Pattern{Type: recur.AbsoluteMonthly, Interval: 2, DayOfMonth: 15},
			"2026-03-15 2026-05-15"},
		{"second Thursday or Friday", "2026-05-01",
			recur.Pattern{Type: recur.RelativeMonthly, Interval: 1, DaysOfWeek: []string{"thursday", "friday"}, Index: "second"},
			"2026-05-07 2026-06-05 2026-07-03"},
		{"last working day", "2026-10-30",
			recur.Pattern{Type: recur.RelativeMonthly, Interval: 1, Index: "last",
				DaysOfWeek: []string{"monday", "tuesday", "wednesday", "thursday", "friday"}},
			"2026-10-30 2026-11-30 2026-12-31 2027-01-29"},
		{"index defaults to first", "2026-12-07",
			recur.Pattern{Type: recur.RelativeMonthly, Interval: 1, DaysOfWeek: []string{"monday"}},
			"2026-12-07 2027-01-04 2027-02-01"},
		{"29 February falls on the 28th of common years", "2028-02-29",
			recur.Pattern{Type: recur.AbsoluteYearly, Interval: 1, DayOfMonth: 29, Month: 2},
			"2028-02-29 2029-02-28 2030-02-28 2031-02-28 2032-02-29"},
		{"every third year", "2026-03-15",
			recur.Pattern{Type: recur.AbsoluteYearly, Interval: 3, DayOfMonth: 15, Month: 3},
			"2026-03-15 2029-03-15"},
		{"fourth Thursday of November", "2026-11-26",
			recur.Pattern{Type: recur.RelativeYearly, Interval: 1, DaysOfWeek: []string{"thursday"}, Index: "fourth", Month: 11},
			"2026-11-26 2027-11-25 2028-11-23"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			got := dates(t, strings.Count(test.want, " ")+1, test.start, test.pattern)
			if got != test.want {
				t.Errorf("falls on %s, want %s", got, test.want)
			}
		})
	}
}

// spans writes the occurrences of a window as start/end in a zone's clock.
func spans(s *recur.Series, from, to time.Time) []string {
	var got []string
	for o := range s.Expand(from, to) {
		got = append(got, o.Start.Format("2006-01-02T15:04Z07")+"/"+o.End.Format("2006-01-02T15:04Z07"))
	}
	return got
}

func TestClockChanges(t *testing.T) {
	daily := func(start string) recur.Recurrence {
		return noEnd(start, recur.Pattern{Type: recur.Daily, Interval: 1})
	}
	for _, test := range []struct {
		situation, zone, start, end string
		want                        []string
	}{
		{"the wall clock is kept over the change", "Europe/Copenhagen", "2027-03-27 09:00", "2027-03-27 10:00",
			[]string{"2027-03-27T09:00+01/2027-03-27T10:00+01", "2027-03-28T09:00+02/2027-03-28T10:00+02"}},
		{"a skipped time moves forward", "Europe/Copenhagen", "2027-03-27 02:30", "2027-03-27 03:30",
			[]string{"2027-03-27T02:30+01/2027-03-27T03:30+01", "2027-03-28T03:30+02/2027-03-28T03:30+02"}},
		{"a start moved past its end keeps the length", "Europe/Copenhagen", "2027-03-27 02:30", "2027-03-27 03:10",
			[]string{"2027-03-27T02:30+01/2027-03-27T03:10+01", "2027-03-28T03:30+02/2027-03-28T04:10+02"}},
		{"of a doubled time the first is meant", "America/New_York", "2026-10-31 01:30", "2026-10-31 02:30",
			[]string{"2026-10-31T01:30-04/2026-10-31T02:30-04", "2026-11-01T01:30-04/2026-11-01T02:30-05"}},
		{"a night shift is an hour shorter in spring", "Europe/Copenhagen", "2027-03-26 22:00", "2027-03-27 06:00",
			[]string{"2027-03-26T22:00+01/2027-03-27T06:00+01", "2027-03-27T22:00+01/2027-03-28T06:00+02"}},
		{"a midnight that does not exist", "America/Sao_Paulo", "2018-11-03 00:00", "2018-11-03 01:00",
			[]string{"2018-11-03T00:00-03/2018-11-03T01:00-03", "2018-11-04T01:00-02/2018-11-04T01:00-02"}},
	} {
		t.Run(test.situation, func(t *testing.T) {
			loc := zone(t, test.zone)
			s := series(t, loc, test.start, test.end, daily(test.start[:10]))
			from, _ := time.ParseInLocation("2006-01-02 15:04", test.start, loc)
			if got := spans(s, from, from.Add(25*time.Hour)); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestWindowHoldsWhatOverlapsIt(t *testing.T) {
	long := series(t, time.UTC, "2026-11-23 09:00", "2026-11-25 09:00", weekly("2026-11-23", "monday"))
	moment := series(t, time.UTC, "2026-11-23 09:00", "2026-11-23 09:00", weekly("2026-11-23", "monday"))
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	for _, test := range []struct {
		situation string
		series    *recur.Series
		from, to  time.Time
		want      int
	}{
		{"a window inside an occurrence", long, at(24, 0), at(24, 1), 1},
		{"a window that begins when it ends", long, at(25, 9), at(26, 0), 0},
		{"a window that ends when it starts", long, at(22, 0), at(23, 9), 0},
		{"a moment at the beginning of the window", moment, at(23, 9), at(23, 10), 1},
		{"a moment at the end of the window", moment, at(23, 8), at(23, 9), 0},
		{"an empty window", long, at(24, 0), at(24, 0), 1},
	} {
		t.Run(test.situation, func(t *testing.T) {
			if got := spans(test.series, test.from, test.to); len(got) != test.want {
				t.Errorf("holds %v, want %d occurrences", got, test.want)
			}
		})
	}
}

func TestRangeEndsTheSeries(t *testing.T) {
	r := weekly("2026-11-24", "monday", "tuesday") // starts on the week's second day
	for _, test := range []struct {
		situation string
		ends      recur.Range
		last      string
	}{
		{"numbered", recur.Range{Type: recur.Numbered, NumberOfOccurrences: 4}, "2026-12-07"},
		{"on the last day itself", recur.Range{Type: recur.EndDate, EndDate: "2026-12-01"}, "2026-12-01"},
		{"between two", recur.Range{Type: recur.EndDate, EndDate: "2026-12-06"}, "2026-12-01"},
		{"never", recur.Range{Type: recur.NoEnd}, ""},
	} {
		t.Run(test.situation, func(t *testing.T) {
			test.ends.StartDate = "2026-11-24"
			s := series(t, time.UTC, "2026-11-24 09:00", "2026-11-24 10:00", recur.Recurrence{Pattern: r.Pattern, Range: test.ends})
			last, ends := s.Last()
			if ends != (test.last != "") || ends && last.Date.Format(time.DateOnly) != test.last {
				t.Fatalf("Last = %v, %t, want %q", last.Date, ends, test.last)
			}
			if !ends {
				return
			}
			var seen time.Time
			for o := range s.Expand(time.Time{}, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
				seen = o.Date
			}
			if !seen.Equal(last.Date) {
				t.Errorf("expanded until %v, want %v", seen, last.Date)
			}
		})
	}
}

func TestNeighboursOfAnOccurrence(t *testing.T) {
	r := weekly("2026-11-23", "monday", "friday")
	r.Range = recur.Range{Type: recur.Numbered, StartDate: "2026-11-23", NumberOfOccurrences: 3}
	s := series(t, time.UTC, "2026-11-23 09:00", "2026-11-23 10:00", r)
	day := func(o *recur.Occurrence) string {
		if o == nil {
			return "none"
		}
		return o.Date.Format("01-02")
	}
	for _, test := range []struct{ date, before, after string }{
		{"2026-11-23", "none", "11-27"},
		{"2026-11-27", "11-23", "11-30"},
		{"2026-11-30", "11-27", "none"},
		{"2026-11-25", "11-23", "11-27"},
		{"2026-12-25", "none", "none"},
	} {
		date, _ := time.Parse(time.DateOnly, test.date)
		before, after := s.Neighbours(date)
		if day(before) != test.before || day(after) != test.after {
			t.Errorf("%s lies between %s and %s, want %s and %s", test.date, day(before), day(after), test.before, test.after)
		}
		_, on := s.On(date)
		if want := test.date[8:] != "25"; on != want {
			t.Errorf("On(%s) = %t, want %t", test.date, on, want)
		}
	}
}

func TestFarWindowIsReachedWithoutWalking(t *testing.T) {
	s := series(t, time.UTC, "1601-01-01 09:00", "1601-01-01 10:00", noEnd("1601-01-01", recur.Pattern{Type: recur.Daily, Interval: 1}))
	from := time.Date(4400, 1, 1, 0, 0, 0, 0, time.UTC)
	allocs := testing.AllocsPerRun(10, func() {
		if n := len(spans(s, from, from.AddDate(0, 0, 2))); n != 2 {
			t.Fatalf("%d occurrences, want 2", n)
		}
	})
	if allocs > 50 {
		t.Errorf("%.0f allocations for two occurrences", allocs)
	}
}

func BenchmarkAFarWindow(b *testing.B) {
	s := series(b, time.UTC, "1601-01-01 09:00", "1601-01-01 10:00", noEnd("1601-01-01", recur.Pattern{Type: recur.Daily, Interval: 1}))
	from := time.Date(4400, 1, 1, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		for range s.Expand(from, from.AddDate(0, 0, 2)) {
		}
	}
}
