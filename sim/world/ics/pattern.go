package ics

import (
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// part is one Graph pattern of those that together say what a rule says.
type part struct {
	pattern recur.Pattern
	clock   time.Duration // after midnight
	// strays tells that the pattern may hold dates which the rule does not:
	// Exchange puts day 31 on a shorter month's last day.
	strays bool
}

// maxParts bounds how many series one rule may become.
const maxParts = 12

// Limits of a Graph pattern's interval (see recur).
const (
	maxDaily = 999
	maxOther = 99
)

// patterns returns the Graph patterns that together hold every date of r, or
// nil when Graph has no patterns for it. Whether they hold more is found by
// comparing their dates with the rule's.
func (r *rule) patterns(start time.Time) []part {
	if r.freq < daily || len(r.byYearDay) > 0 || len(r.byWeekNo) > 0 {
		return nil
	}
	clocks := r.clocks(start)
	if len(clocks) > 1 && len(r.bySetPos) > 0 {
		return nil
	}
	days := r.dayPatterns(start)
	if len(days)*len(clocks) > maxParts {
		return nil
	}
	var parts []part
	for _, clock := range clocks {
		for _, p := range days {
			if p.pattern.Type == recur.Weekly {
				p.pattern.FirstDayOfWeek = name(r.wkst)
			}
			p.clock = clock
			parts = append(parts, p)
		}
	}
	return parts
}

// clocks returns the times of day of r.
func (r *rule) clocks(start time.Time) []time.Duration {
	var clocks []time.Duration
	midnight := dateOf(start)
	for _, t := range r.withDefaults(start).times(midnight) {
		clocks = append(clocks, t.Sub(midnight))
	}
	return clocks
}

func (r *rule) dayPatterns(start time.Time) []part {
	if len(r.bySetPos) > 0 {
		return r.positionPatterns()
	}
	switch r.freq {
	case daily:
		return r.dailyPatterns(start)
	case weekly:
		if len(r.byMonth) > 0 || len(r.byMonthDay) > 0 || r.interval > maxOther {
			return nil
		}
		days := r.byDay
		if len(days) == 0 {
			days = []nthDay{{0, start.Weekday()}}
		}
		return []part{{pattern: recur.Pattern{Type: recur.Weekly, Interval: r.interval, DaysOfWeek: names(days)}}}
	case monthly:
		return r.monthlyPatterns(start)
	}
	return r.yearlyPatterns(start)
}

func (r *rule) dailyPatterns(start time.Time) []part {
	switch {
	case len(r.byMonth) > 0:
		return nil
	case len(r.byMonthDay) > 0:
		if r.interval > 1 || len(r.byDay) > 0 {
			return nil
		}
		return r.inMonths(nil, start)
	case len(r.byDay) == 0:
		if r.interval > maxDaily {
			return nil
		}
		return []part{{pattern: recur.Pattern{Type: recur.Daily, Interval: r.interval}}}
	case r.interval == 1:
		return []part{{pattern: recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: names(r.byDay)}}}
	}
	return nil
}

func (r *rule) monthlyPatterns(start time.Time) []part {
	if len(r.byMonth) > 0 {
		// Months that a yearly pattern names, where every year has the same.
		if 12%r.interval != 0 {
			return nil
		}
		inStep := func(m int) bool { return (m-int(start.Month())+12)%r.interval == 0 }
		months := slices.Collect(func(yield func(int) bool) {
			for _, m := range r.byMonth {
				if inStep(m) && !yield(m) {
					return
				}
			}
		})
		if len(months) == 0 {
			return nil
		}
		return r.inMonths(months, start)
	}
	if r.everyWeek() {
		return []part{{pattern: recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: names(r.byDay)}}}
	}
	return r.inMonths(nil, start)
}

func (r *rule) yearlyPatterns(start time.Time) []part {
	if len(r.byMonth) > 0 {
		return r.inMonths(r.byMonth, start)
	}
	switch {
	case len(r.byDay) == 0 && len(r.byMonthDay) == 0:
		return r.inMonths([]int{int(start.Month())}, start)
	case len(r.byDay) == 0:
		return r.inMonths([]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, start)
	case r.everyWeek():
		return []part{{pattern: recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: names(r.byDay)}}}
	}
	return nil
}

// everyWeek tells whether a monthly or yearly rule names days of every week.
func (r *rule) everyWeek() bool {
	return r.interval == 1 && len(r.byMonthDay) == 0 && len(r.byDay) > 0 &&
		!slices.ContainsFunc(r.byDay, func(d nthDay) bool { return d.n != 0 })
}

// inMonths returns the patterns of the rule's days within each month, or, with
// months named, within those of a year.
func (r *rule) inMonths(months []int, start time.Time) []part {
	if r.interval > maxOther || len(r.byDay) > 0 && len(r.byMonthDay) > 0 {
		return nil
	}
	interval := r.interval
	if r.freq != yearly && months != nil {
		interval = 1
	}
	var parts []part
	add := func(p part, monthlyType, yearlyType string) {
		p.pattern.Interval = interval
		if months == nil {
			p.pattern.Type = monthlyType
			parts = append(parts, p)
		}
		for _, m := range months {
			p.pattern.Type, p.pattern.Month = yearlyType, m
			parts = append(parts, p)
		}
	}
	for _, d := range r.byDay {
		index, ok := indexName(d.n)
		if !ok {
			return nil
		}
		add(part{pattern: recur.Pattern{DaysOfWeek: []string{name(d.day)}, Index: index}}, recur.RelativeMonthly, recur.RelativeYearly)
	}
	monthDays := r.byMonthDay
	if len(r.byDay) == 0 && len(monthDays) == 0 {
		monthDays = []int{start.Day()}
	}
	for _, d := range monthDays {
		switch {
		case d == -1: // just what Exchange makes of day 31
			add(part{pattern: recur.Pattern{DayOfMonth: 31}}, recur.AbsoluteMonthly, recur.AbsoluteYearly)
		case d < 0:
			return nil
		default:
			add(part{pattern: recur.Pattern{DayOfMonth: d}, strays: d > 28}, recur.AbsoluteMonthly, recur.AbsoluteYearly)
		}
	}
	return parts
}

// positionPatterns returns the relative patterns of a BYSETPOS that picks one
// day a month among days of the week.
func (r *rule) positionPatterns() []part {
	index, ok := indexName(r.bySetPos[0])
	plain := !slices.ContainsFunc(r.byDay, func(d nthDay) bool { return d.n != 0 })
	if !ok || len(r.bySetPos) > 1 || len(r.byDay) == 0 || !plain || len(r.byMonthDay) > 0 || r.interval > maxOther {
		return nil
	}
	p := recur.Pattern{Interval: r.interval, DaysOfWeek: names(r.byDay), Index: index}
	switch {
	case r.freq == monthly && len(r.byMonth) == 0:
		p.Type = recur.RelativeMonthly
	case r.freq == yearly && len(r.byMonth) == 1:
		p.Type, p.Month = recur.RelativeYearly, r.byMonth[0]
	default:
		return nil
	}
	return []part{{pattern: p}}
}

// moved returns the parts with their clock moved, or nil where a part then
// falls on other days and has no pattern for them.
func moved(parts []part, by time.Duration) []part {
	for i := range parts {
		p := &parts[i]
		days := 0
		for p.clock += by; p.clock < 0; p.clock += 24 * time.Hour {
			days--
		}
		for ; p.clock >= 24*time.Hour; p.clock -= 24 * time.Hour {
			days++
		}
		switch {
		case days == 0 || p.pattern.Type == recur.Daily:
		case p.pattern.Type == recur.Weekly:
			p.pattern.FirstDayOfWeek = later(p.pattern.FirstDayOfWeek, days)
			for j, day := range p.pattern.DaysOfWeek {
				p.pattern.DaysOfWeek[j] = later(day, days)
			}
		default:
			return nil
		}
	}
	return parts
}

// later returns the day of the week that comes a number of days after another.
func later(day string, days int) string {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name(d) == day {
			return name(time.Weekday(((int(d)+days)%7 + 7) % 7))
		}
	}
	return day
}

func indexName(n int) (string, bool) {
	names := map[int]string{1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
	index, ok := names[n]
	return index, ok
}

func name(day time.Weekday) string { return strings.ToLower(day.String()) }

// names returns the days in the order of the week, each once.
func names(days []nthDay) []string {
	var list []string
	for day := time.Sunday; day <= time.Saturday; day++ {
		if slices.ContainsFunc(days, func(d nthDay) bool { return d.day == day }) {
			list = append(list, name(day))
		}
	}
	return list
}
