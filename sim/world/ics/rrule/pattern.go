package rrule

import (
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// Part is one Graph pattern of those that together say what a rule says.
type Part struct {
	Pattern recur.Pattern
	Clock   time.Duration // after midnight
	// Strays tells that the pattern may hold dates which the rule does not:
	// Exchange puts day 31 on a shorter month's last day.
	Strays bool
}

// maxParts bounds how many series one rule may become.
const maxParts = 12

// Limits of a Graph pattern's interval (see recur).
const (
	maxDaily = 999
	maxOther = 99
)

// Patterns returns the Graph patterns that together hold every date of r, or
// nil when Graph has no patterns for it. Whether they hold more is found by
// comparing their dates with the rule's.
func (r *Rule) Patterns(start time.Time) []Part {
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
	var parts []Part
	for _, clock := range clocks {
		for _, p := range days {
			if p.Pattern.Type == recur.Weekly {
				p.Pattern.FirstDayOfWeek = name(r.wkst)
			}
			p.Clock = clock
			parts = append(parts, p)
		}
	}
	return parts
}

// clocks returns the times of day of r.
func (r *Rule) clocks(start time.Time) []time.Duration {
	var clocks []time.Duration
	midnight := recur.DateOf(start)
	for _, t := range r.withDefaults(start).times(midnight) {
		clocks = append(clocks, t.Sub(midnight))
	}
	return clocks
}

func (r *Rule) dayPatterns(start time.Time) []Part {
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
		return []Part{{Pattern: recur.Pattern{Type: recur.Weekly, Interval: r.interval, DaysOfWeek: names(days)}}}
	case monthly:
		return r.monthlyPatterns(start)
	}
	return r.yearlyPatterns(start)
}

func (r *Rule) dailyPatterns(start time.Time) []Part {
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
		return []Part{{Pattern: recur.Pattern{Type: recur.Daily, Interval: r.interval}}}
	case r.interval == 1:
		return []Part{{Pattern: recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: names(r.byDay)}}}
	}
	return nil
}

func (r *Rule) monthlyPatterns(start time.Time) []Part {
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
		return []Part{{Pattern: recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: names(r.byDay)}}}
	}
	return r.inMonths(nil, start)
}

func (r *Rule) yearlyPatterns(start time.Time) []Part {
	if len(r.byMonth) > 0 {
		return r.inMonths(r.byMonth, start)
	}
	switch {
	case len(r.byDay) == 0 && len(r.byMonthDay) == 0:
		return r.inMonths([]int{int(start.Month())}, start)
	case len(r.byDay) == 0:
		return r.inMonths([]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, start)
	case r.everyWeek():
		return []Part{{Pattern: recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: names(r.byDay)}}}
	}
	return nil
}

// everyWeek tells whether a monthly or yearly rule names days of every week.
func (r *Rule) everyWeek() bool {
	return r.interval == 1 && len(r.byMonthDay) == 0 && len(r.byDay) > 0 &&
		!slices.ContainsFunc(r.byDay, func(d nthDay) bool { return d.n != 0 })
}

// inMonths returns the patterns of the rule's days within each month, or, with
// months named, within those of a year.
func (r *Rule) inMonths(months []int, start time.Time) []Part {
	if r.interval > maxOther || len(r.byDay) > 0 && len(r.byMonthDay) > 0 {
		return nil
	}
	interval := r.interval
	if r.freq != yearly && months != nil {
		interval = 1
	}
	var parts []Part
	for _, p := range r.daysOfMonth(start) {
		relative := len(p.Pattern.DaysOfWeek) > 0
		p.Pattern.Interval = interval
		if months == nil {
			p.Pattern.Type = either(relative, recur.RelativeMonthly, recur.AbsoluteMonthly)
			parts = append(parts, p)
		}
		for _, m := range months {
			p.Pattern.Type, p.Pattern.Month = either(relative, recur.RelativeYearly, recur.AbsoluteYearly), m
			parts = append(parts, p)
		}
	}
	return parts
}

func either(relative bool, yes, no string) string {
	if relative {
		return yes
	}
	return no
}

// daysOfMonth returns the days of a month that the rule names, as the members
// of a pattern that name a day. It returns none if one of them has no pattern.
func (r *Rule) daysOfMonth(start time.Time) []Part {
	var parts []Part
	for _, d := range r.byDay {
		index, ok := indexName(d.n)
		if !ok {
			return nil
		}
		parts = append(parts, Part{Pattern: recur.Pattern{DaysOfWeek: []string{name(d.day)}, Index: index}})
	}
	monthDays := r.byMonthDay
	if len(r.byDay) == 0 && len(monthDays) == 0 {
		monthDays = []int{start.Day()}
	}
	for _, d := range monthDays {
		switch {
		case d == -1: // just what Exchange makes of day 31
			parts = append(parts, Part{Pattern: recur.Pattern{DayOfMonth: 31}})
		case d < 0:
			return nil
		default:
			parts = append(parts, Part{Pattern: recur.Pattern{DayOfMonth: d}, Strays: d > 28})
		}
	}
	return parts
}

// positionPatterns returns the relative patterns of a BYSETPOS that picks one
// day a month among days of the week.
func (r *Rule) positionPatterns() []Part {
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
	return []Part{{Pattern: p}}
}

// Moved returns the parts with their clock moved, and by how many days each
// then falls on another date. It returns none where a part has no pattern for
// those dates.
func Moved(parts []Part, by time.Duration) (moved []Part, days int) {
	for _, p := range parts {
		days = 0
		for p.Clock += by; p.Clock < 0; p.Clock += 24 * time.Hour {
			days--
		}
		for ; p.Clock >= 24*time.Hour; p.Clock -= 24 * time.Hour {
			days++
		}
		switch {
		case days == 0 || p.Pattern.Type == recur.Daily:
		case p.Pattern.Type == recur.Weekly:
			p.Pattern.FirstDayOfWeek = later(p.Pattern.FirstDayOfWeek, days)
			p.Pattern.DaysOfWeek = slices.Clone(p.Pattern.DaysOfWeek)
			for j, day := range p.Pattern.DaysOfWeek {
				p.Pattern.DaysOfWeek[j] = later(day, days)
			}
		default:
			return nil, 0
		}
		moved = append(moved, p)
	}
	return moved, days
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
