package recur_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

func weekDays() []string {
	return []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
}

func indexes() []string { return []string{"first", "second", "third", "fourth", "last"} }

func patterns() *rapid.Generator[recur.Pattern] {
	return rapid.Custom(func(t *rapid.T) recur.Pattern {
		p := recur.Pattern{
			Type: rapid.SampledFrom([]string{recur.Daily, recur.Weekly, recur.AbsoluteMonthly,
				recur.RelativeMonthly, recur.AbsoluteYearly, recur.RelativeYearly}).Draw(t, "type"),
			Interval:       rapid.IntRange(1, 7).Draw(t, "interval"),
			FirstDayOfWeek: rapid.SampledFrom(weekDays()).Draw(t, "firstDayOfWeek"),
			Index:          rapid.SampledFrom(indexes()).Draw(t, "index"),
			DayOfMonth:     rapid.IntRange(1, 31).Draw(t, "dayOfMonth"),
			Month:          rapid.IntRange(1, 12).Draw(t, "month"),
		}
		if p.Type == recur.Weekly || strings.HasPrefix(p.Type, "relative") {
			p.DaysOfWeek = rapid.SliceOfNDistinct(rapid.SampledFrom(weekDays()), 1, 7, rapid.ID).Draw(t, "daysOfWeek")
		}
		return p
	})
}

// falls tells whether a pattern falls on a day, by looking at that day alone.
func falls(p recur.Pattern, start, day time.Time) bool {
	days := int(day.Sub(start).Hours() / 24)
	months := (day.Year()-start.Year())*12 + int(day.Month()) - int(start.Month())
	named := slices.Contains(p.DaysOfWeek, strings.ToLower(day.Weekday().String()))
	lastOfMonth := day.AddDate(0, 0, 1).Day() == 1
	absolute := day.Day() == p.DayOfMonth || lastOfMonth && day.Day() < p.DayOfMonth
	switch p.Type {
	case recur.Daily:
		return days%p.Interval == 0
	case recur.Weekly:
		first := slices.Index(weekDays(), p.FirstDayOfWeek)
		into := (int(start.Weekday()) - first + 7) % 7
		return named && (days+into)/7%p.Interval == 0
	case recur.AbsoluteMonthly:
		return absolute && months%p.Interval == 0
	case recur.RelativeMonthly:
		return named && months%p.Interval == 0 && rank(p, day)
	case recur.AbsoluteYearly:
		return absolute && int(day.Month()) == p.Month && (day.Year()-start.Year())%p.Interval == 0
	default:
		return named && int(day.Month()) == p.Month && (day.Year()-start.Year())%p.Interval == 0 && rank(p, day)
	}
}

// rank tells whether a named day stands at the pattern's index in its month.
func rank(p recur.Pattern, day time.Time) bool {
	before, after := 0, 0
	for d := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC); d.Month() == day.Month(); d = d.AddDate(0, 0, 1) {
		if !slices.Contains(p.DaysOfWeek, strings.ToLower(d.Weekday().String())) {
			continue
		}
		if d.Before(day) {
			before++
		} else if d.After(day) {
			after++
		}
	}
	if p.Index == "last" {
		return after == 0
	}
	return before == slices.Index(indexes(), p.Index)
}

func startDates() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		return time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1500).Draw(t, "start"))
	})
}

func TestDatesAreThoseThatADayByDayWalkFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, start := patterns().Draw(t, "pattern"), startDates().Draw(t, "date")
		r := noEnd(start.Format(time.DateOnly), p)
		if err := r.Validate(start); err != nil {
			t.Fatal(err)
		}
		s, err := recur.NewSeries(start.Add(9*time.Hour), start.Add(10*time.Hour), r)
		if err != nil {
			t.Fatal(err)
		}
		from := start.AddDate(0, 0, rapid.IntRange(-400, 4000).Draw(t, "from"))
		to := from.AddDate(0, 0, rapid.IntRange(0, 3000).Draw(t, "days"))
		var got, want []string
		for o := range s.Expand(from, to) {
			got = append(got, o.Date.Format(time.DateOnly))
		}
		for day := start; day.Before(to); day = day.AddDate(0, 0, 1) {
			if !day.Before(from) && falls(p, start, day) {
				want = append(want, day.Format(time.DateOnly))
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v from %s in [%s, %s):\n got %v\nwant %v", p, start, from, to, got, want)
		}
	})
}

func TestAWindowIsACutOfTheWholeSeries(t *testing.T) {
	zones := []*time.Location{time.UTC, zone(t, "America/New_York"), zone(t, "Australia/Lord_Howe"), zone(t, "Europe/Dublin"), zone(t, "Pacific/Apia")}
	rapid.Check(t, func(t *rapid.T) {
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		p, date := patterns().Draw(t, "pattern"), startDates().Draw(t, "date")
		start := recur.WallTime(date.Add(time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "minute"))*time.Minute), loc)
		end := start.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "length")) * time.Minute)
		r := noEnd(start.Format(time.DateOnly), p)
		count := rapid.IntRange(0, 40).Draw(t, "count")
		if count > 0 {
			r.Range.Type, r.Range.NumberOfOccurrences = recur.Numbered, count
		}
		s, err := recur.NewSeries(start, end, r)
		if err != nil {
			t.Fatal(err)
		}
		far := start.AddDate(20, 0, 0)
		from := start.AddDate(0, 0, rapid.IntRange(-10, 3000).Draw(t, "from"))
		to := from.Add(time.Duration(rapid.IntRange(0, 10000).Draw(t, "hours")) * time.Hour)
		var whole, cut []string
		n := 0
		for o := range s.Expand(start.AddDate(-1, 0, 0), far) {
			n++
			if o.Start.Before(to) && (o.End.After(from) || !o.Start.Before(from)) {
				whole = append(whole, fmt.Sprint(o))
			}
		}
		for o := range s.Expand(from, to) {
			cut = append(cut, fmt.Sprint(o))
			if again, ok := s.On(o.Date); !ok || fmt.Sprint(again) != fmt.Sprint(o) {
				t.Fatalf("On(%s) = %v, %t, want %v", o.Date, again, ok, o)
			}
		}
		if n > count && count > 0 {
			t.Fatalf("%d occurrences of %d", n, count)
		}
		if !slices.Equal(whole, cut) {
			t.Fatalf("window [%s, %s):\n got %v\nwant %v", from, to, cut, whole)
		}
	})
}

func TestWallTimeIsShownByTheClockUnlessSkipped(t *testing.T) {
	loc := zone(t, "Australia/Lord_Howe") // changes by half an hour
	rapid.Check(t, func(t *rapid.T) {
		wall := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 2*365*24*60).Draw(t, "minute")) * time.Minute)
		got := recur.WallTime(wall, loc)
		_, offset := got.Zone()
		shown := got.Add(time.Duration(offset) * time.Second).UTC()
		if moved := shown.Sub(wall); moved != 0 && moved != 30*time.Minute {
			t.Fatalf("%s is shown as %s", wall, shown)
		}
		if earlier := got.Add(-30 * time.Minute); shown.Equal(wall) && earlier.Format(time.DateTime) == got.Format(time.DateTime) {
			t.Fatalf("%s comes twice and the second was taken", wall)
		}
	})
}
