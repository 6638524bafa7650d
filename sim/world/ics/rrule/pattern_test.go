package rrule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// written says what is essential of a part.
func written(p rrule.Part) string {
	g := p.Pattern
	out := fmt.Sprint(g.Type, "/", g.Interval)
	if g.Month > 0 {
		out += fmt.Sprint(" month ", g.Month)
	}
	if g.DayOfMonth > 0 {
		out += fmt.Sprint(" day ", g.DayOfMonth)
	}
	if len(g.DaysOfWeek) > 0 {
		out += " " + strings.Join([]string{g.Index, strings.Join(g.DaysOfWeek, "+")}, " ")
	}
	if g.FirstDayOfWeek != "" && g.FirstDayOfWeek != "monday" {
		out += " from " + g.FirstDayOfWeek
	}
	if p.Clock != 9*time.Hour {
		out += " at " + p.Clock.String()
	}
	if p.Strays {
		out += " strays"
	}
	return out
}

func TestRulesFindTheirGraphPatterns(t *testing.T) {
	// The start is Saturday, 21 November 2026, 9:00.
	for _, test := range []struct {
		rule string
		want []string // empty: Graph has no pattern for it
	}{
		{"FREQ=DAILY;INTERVAL=3", []string{"daily/3"}},
		{"FREQ=DAILY;INTERVAL=1000", nil},
		{"FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", []string{"weekly/1  monday+tuesday+wednesday+thursday+friday"}},
		{"FREQ=DAILY;INTERVAL=2;BYDAY=MO", nil},
		{"FREQ=DAILY;BYMONTH=1", nil},
		{"FREQ=DAILY;BYMONTHDAY=1,15", []string{"absoluteMonthly/1 day 1", "absoluteMonthly/1 day 15"}},
		{"FREQ=DAILY;BYHOUR=8,20", []string{"daily/1 at 8h0m0s", "daily/1 at 20h0m0s"}},
		{"FREQ=HOURLY", nil},
		{"FREQ=MINUTELY;INTERVAL=90", nil},
		{"FREQ=SECONDLY", nil},
		{"FREQ=WEEKLY", []string{"weekly/1  saturday"}},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE;WKST=SU", []string{"weekly/2  sunday+wednesday from sunday"}},
		{"FREQ=WEEKLY;BYMONTH=6;BYDAY=MO", nil},
		{"FREQ=WEEKLY;INTERVAL=100", nil},
		{"FREQ=MONTHLY", []string{"absoluteMonthly/1 day 21"}},
		{"FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15", []string{"absoluteMonthly/2 day 15"}},
		{"FREQ=MONTHLY;BYMONTHDAY=31", []string{"absoluteMonthly/1 day 31 strays"}},
		{"FREQ=MONTHLY;BYMONTHDAY=-1", []string{"absoluteMonthly/1 day 31"}},
		{"FREQ=MONTHLY;BYMONTHDAY=-2", nil},
		{"FREQ=MONTHLY;BYDAY=2TU", []string{"relativeMonthly/1 second tuesday"}},
		{"FREQ=MONTHLY;BYDAY=1MO,-1FR", []string{"relativeMonthly/1 first monday", "relativeMonthly/1 last friday"}},
		{"FREQ=MONTHLY;BYDAY=5TU", nil},
		{"FREQ=MONTHLY;BYDAY=-2TU", nil},
		{"FREQ=MONTHLY;BYDAY=SU", []string{"weekly/1  sunday"}},
		{"FREQ=MONTHLY;INTERVAL=2;BYDAY=SU", nil},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", []string{"relativeMonthly/1 last monday+tuesday+wednesday+thursday+friday"}},
		{"FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1,3", nil},
		{"FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=5", nil},
		{"FREQ=MONTHLY;BYMONTHDAY=1,2;BYSETPOS=1", nil},
		{"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", nil},
		{"FREQ=MONTHLY;BYMONTH=3,9;BYMONTHDAY=1", []string{"absoluteYearly/1 month 3 day 1", "absoluteYearly/1 month 9 day 1"}},
		{"FREQ=MONTHLY;INTERVAL=6;BYMONTH=5,6;BYMONTHDAY=1", []string{"absoluteYearly/1 month 5 day 1"}},
		{"FREQ=MONTHLY;INTERVAL=6;BYMONTH=6", nil},
		{"FREQ=MONTHLY;INTERVAL=5;BYMONTH=6", nil},
		{"FREQ=MONTHLY;INTERVAL=100", nil},
		{"FREQ=YEARLY", []string{"absoluteYearly/1 month 11 day 21"}},
		{"FREQ=YEARLY;INTERVAL=3", []string{"absoluteYearly/3 month 11 day 21"}},
		{"FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", []string{"relativeYearly/1 month 10 last sunday"}},
		{"FREQ=YEARLY;BYMONTH=10;BYDAY=SU", nil},
		{"FREQ=YEARLY;BYMONTH=1;BYDAY=SA,SU;BYSETPOS=2", []string{"relativeYearly/1 month 1 second sunday+saturday"}},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", []string{"absoluteYearly/1 month 2 day 29 strays"}},
		{"FREQ=YEARLY;BYDAY=MO", []string{"weekly/1  monday"}},
		{"FREQ=YEARLY;BYDAY=20MO", nil},
		{"FREQ=YEARLY;BYYEARDAY=100", nil},
		{"FREQ=YEARLY;BYWEEKNO=20", nil},
		{"FREQ=YEARLY;BYMONTH=1,2,3;BYMONTHDAY=1,2,3,4,5", nil}, // more series than a mailbox should get
	} {
		t.Run(test.rule, func(t *testing.T) {
			r, err := rrule.Parse(test.rule, clock{time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range r.Patterns(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)) {
				got = append(got, written(p))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestPatternsMoveWithTheirClock(t *testing.T) {
	weekly := rrule.Part{Pattern: recur.Pattern{Type: recur.Weekly, Interval: 2, DaysOfWeek: []string{"sunday", "friday"}, FirstDayOfWeek: "monday"}, Clock: 2 * time.Hour}
	monthly := rrule.Part{Pattern: recur.Pattern{Type: recur.AbsoluteMonthly, Interval: 1, DayOfMonth: 1}, Clock: 2 * time.Hour}
	for _, test := range []struct {
		situation string
		part      rrule.Part
		by        time.Duration
		want      string
		days      int
	}{
		{"within the day", monthly, time.Hour, "absoluteMonthly/1 day 1 at 3h0m0s", 0},
		{"to the day before", weekly, -5 * time.Hour, "weekly/2  saturday+thursday from sunday at 21h0m0s", -1},
		{"two days on", weekly, 50 * time.Hour, "weekly/2  tuesday+sunday from wednesday at 4h0m0s", 2},
		{"a day of the month cannot be the day before", monthly, -5 * time.Hour, "", 0},
	} {
		t.Run(test.situation, func(t *testing.T) {
			moved, days := rrule.Moved([]rrule.Part{test.part}, test.by)
			got := ""
			if len(moved) == 1 {
				got = written(moved[0])
			}
			if got != test.want || days != test.days {
				t.Errorf("moved to %q by %d days, want %q by %d", got, days, test.want, test.days)
			}
		})
	}
	if written(weekly) != "weekly/2  sunday+friday at 2h0m0s" {
		t.Errorf("the part that was moved is now %q", written(weekly))
	}
}

// What a part holds besides the rule's dates is only what strays; what a rule
// has, one of its parts holds.
func TestPatternsLoseNoDate(t *testing.T) {
	days := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA", "1MO", "-1TU", "3WE", "4SU"}
	rapid.Check(t, func(t *rapid.T) {
		freq := rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")
		value := "FREQ=" + freq + ";INTERVAL=" + fmt.Sprint(rapid.IntRange(1, 4).Draw(t, "interval"))
		add := func(name string, chance bool, values []string) {
			if chance {
				value += ";" + name + "=" + strings.Join(values, ",")
			}
		}
		plain := days
		if freq != "MONTHLY" && freq != "YEARLY" {
			plain = days[:7]
		}
		add("BYDAY", rapid.Bool().Draw(t, "by day"), rapid.SliceOfNDistinct(rapid.SampledFrom(plain), 1, 3, rapid.ID).Draw(t, "days"))
		add("BYMONTHDAY", rapid.Bool().Draw(t, "by day of the month"), rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "15", "28", "29", "31", "-1"}), 1, 2, rapid.ID).Draw(t, "month days"))
		add("BYMONTH", rapid.Bool().Draw(t, "by month"), rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"2", "4", "11", "12"}), 1, 3, rapid.ID).Draw(t, "months"))
		add("WKST", rapid.Bool().Draw(t, "first day"), []string{rapid.SampledFrom(days[:7]).Draw(t, "wkst")})
		start := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "start"))
		limit := start.AddDate(4, 0, 0)

		r, err := rrule.Parse(value, clock{time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		parts := r.Patterns(start)
		if len(parts) == 0 {
			t.Skip("Graph has no pattern for it")
		}
		want := map[time.Time]bool{}
		for wall := range r.Expand(start, limit, clock{time.UTC}) {
			want[wall] = true
		}
		held := map[time.Time]bool{}
		for _, p := range parts {
			s, err := recur.NewSeries(start, start, recur.Recurrence{Pattern: p.Pattern, Range: recur.Range{Type: recur.NoEnd, StartDate: start.Format(time.DateOnly)}})
			if err != nil {
				t.Fatalf("%s became %s: %v", value, written(p), err)
			}
			for o := range s.Expand(start, limit) {
				held[o.Start] = true
				if !want[o.Start] && !p.Strays {
					t.Fatalf("%s became %s, which holds %v", value, written(p), o.Start)
				}
			}
		}
		for wall := range want {
			if !held[wall] {
				t.Fatalf("%s became %q, which lacks %v", value, fmt.Sprint(parts), wall)
			}
		}
	})
}
