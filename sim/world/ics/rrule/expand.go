package rrule

import (
	"iter"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// maxPeriods bounds the days, weeks, months … that one rule makes us look at.
const maxPeriods = 400_000

// Expand yields in order the wall times of a rule from start on and before a
// limit, which a rule that names no real date needs (RFC 5545 §3.3.10). Start itself is among them only
// where the rule names it, but always counts as the first of a COUNT. A time
// that the clock skips is left out, as §3.3.10 demands of rules.
//
// It is the exact reading of the rule. What Graph can say of it is taken from
// patterns and measured against this.
func (r *Rule) Expand(start, limit time.Time, clock Clock) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		n := 0
		for t := range r.named(start, limit) {
			if !clock.Shows(t) {
				continue
			}
			if n++; n == 1 && t.After(start) {
				n++
			}
			if r.Count > 0 && n > r.Count || !yield(t) {
				return
			}
		}
	}
}

// named yields the wall times that a rule names from start on, before a limit
// and not after UNTIL.
func (r *Rule) named(start, limit time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		r := r.withDefaults(start)
		for k := range maxPeriods {
			first := r.advance(start, k)
			if !first.Before(limit) || r.Past(first) {
				return
			}
			for _, t := range r.positions(r.period(first)) {
				if t.Before(start) {
					continue
				}
				if r.Past(t) || !t.Before(limit) || !yield(t) {
					return
				}
			}
		}
	}
}

// withDefaults fills in from start what the rule leaves open.
func (r *Rule) withDefaults(start time.Time) *Rule {
	d := *r
	if len(d.byHour) == 0 && d.freq >= daily {
		d.byHour = []int{start.Hour()}
	}
	if len(d.byMinute) == 0 && d.freq >= hourly {
		d.byMinute = []int{start.Minute()}
	}
	if len(d.bySecond) == 0 && d.freq >= minutely {
		d.bySecond = []int{start.Second()}
	}
	if len(d.byDay)+len(d.byMonthDay)+len(d.byYearDay) == 0 {
		d.takeDay(start)
	}
	return &d
}

// takeDay takes the day of a rule that names none from start.
func (r *Rule) takeDay(start time.Time) {
	switch {
	case r.freq == weekly, r.freq == yearly && len(r.byWeekNo) > 0:
		r.byDay = []nthDay{{0, start.Weekday()}}
	case r.freq == monthly:
		r.byMonthDay = []int{start.Day()}
	case r.freq == yearly:
		r.byMonthDay = []int{start.Day()}
		if len(r.byMonth) == 0 {
			r.byMonth = []int{int(start.Month())}
		}
	}
}

// advance returns the first wall time of period k.
func (r *Rule) advance(start time.Time, k int) time.Time {
	step := k * r.interval
	day := recur.DateOf(start)
	switch r.freq {
	case yearly:
		return time.Date(day.Year()+step, 1, 1, 0, 0, 0, 0, time.UTC)
	case monthly:
		return time.Date(day.Year(), day.Month()+time.Month(step), 1, 0, 0, 0, 0, time.UTC)
	case weekly:
		back := (int(day.Weekday()) - int(r.wkst) + 7) % 7
		return day.AddDate(0, 0, 7*step-back)
	case daily:
		return day.AddDate(0, 0, step)
	case hourly:
		return start.Truncate(time.Hour).Add(time.Duration(step) * time.Hour)
	case minutely:
		return start.Truncate(time.Minute).Add(time.Duration(step) * time.Minute)
	}
	return start.Add(time.Duration(step) * time.Second)
}

// period returns the wall times of the period that begins at first, before
// BYSETPOS.
func (r *Rule) period(first time.Time) []time.Time {
	var next time.Time
	switch r.freq {
	case yearly:
		next = first.AddDate(1, 0, 0)
	case monthly:
		next = first.AddDate(0, 1, 0)
	case weekly:
		next = first.AddDate(0, 0, 7)
	default:
		next = first.Add(1)
	}
	var times []time.Time
	for day := first; day.Before(next); day = day.AddDate(0, 0, 1) {
		if r.onDay(day) {
			times = append(times, r.times(day)...)
		}
	}
	return times
}

// times returns the wall times of a day, or of the hour, minute or second that
// a shorter frequency looks at.
func (r *Rule) times(at time.Time) []time.Time {
	hours := narrowed(r.byHour, at.Hour(), r.freq <= hourly)
	minutes := narrowed(r.byMinute, at.Minute(), r.freq <= minutely)
	seconds := narrowed(r.bySecond, at.Second(), r.freq == secondly)
	year, month, day := at.Date()
	var times []time.Time
	for _, h := range hours {
		for _, m := range minutes {
			for _, s := range seconds {
				times = append(times, time.Date(year, month, day, h, m, min(s, 59), 0, time.UTC))
			}
		}
	}
	return times
}

// narrowed returns the values of a list, or, where the frequency looks at one
// value only, that one if the list has it or is empty.
func narrowed(list []int, value int, only bool) []int {
	switch {
	case !only:
		return list
	case len(list) == 0 || slices.Contains(list, value):
		return []int{value}
	}
	return nil
}

// positions applies BYSETPOS.
func (r *Rule) positions(times []time.Time) []time.Time {
	if len(r.bySetPos) == 0 {
		return times
	}
	var picked []time.Time
	for i, t := range times {
		if slices.Contains(r.bySetPos, i+1) || slices.Contains(r.bySetPos, i-len(times)) {
			picked = append(picked, t)
		}
	}
	return picked
}

// onDay tells whether the rule's day-wise parts hold a day.
func (r *Rule) onDay(day time.Time) bool {
	if len(r.byMonth) > 0 && !slices.Contains(r.byMonth, int(day.Month())) {
		return false
	}
	if len(r.byMonthDay) > 0 && !fromEitherEnd(r.byMonthDay, day.Day(), daysIn(day)) {
		return false
	}
	if len(r.byYearDay) > 0 && !fromEitherEnd(r.byYearDay, day.YearDay(), daysInYear(day.Year())) {
		return false
	}
	if len(r.byWeekNo) > 0 {
		week, weeks := r.weekNo(day)
		if !fromEitherEnd(r.byWeekNo, week, weeks) {
			return false
		}
	}
	return len(r.byDay) == 0 || slices.ContainsFunc(r.byDay, func(d nthDay) bool { return r.isNth(d, day) })
}

// isNth tells whether day is the one that a member of BYDAY means. The number
// counts within the month, or within the year for a yearly rule without months.
func (r *Rule) isNth(d nthDay, day time.Time) bool {
	if d.day != day.Weekday() {
		return false
	}
	if d.n == 0 || r.freq < monthly {
		return true
	}
	into, length := day.Day(), daysIn(day)
	if r.freq == yearly && len(r.byMonth) == 0 {
		into, length = day.YearDay(), daysInYear(day.Year())
	}
	return d.n == (into-1)/7+1 || d.n == -((length-into)/7+1)
}

// weekNo returns the number of the week that holds a day, and how many weeks
// the year of that week has. Week one is the first with four days in its year.
func (r *Rule) weekNo(day time.Time) (week, weeks int) {
	into := (int(day.Weekday()) - int(r.wkst) + 7) % 7
	middle := day.AddDate(0, 0, 3-into) // the week belongs to this day's year
	week = (middle.YearDay()-1)/7 + 1
	lastMiddle := time.Date(middle.Year(), 12, 31, 0, 0, 0, 0, time.UTC)
	for (int(lastMiddle.Weekday())-int(r.wkst)+7)%7 != 3 {
		lastMiddle = lastMiddle.AddDate(0, 0, -1)
	}
	return week, (lastMiddle.YearDay()-1)/7 + 1
}

// fromEitherEnd tells whether list names position n of length, counted from
// the front, or from the back as negative numbers.
func fromEitherEnd(list []int, n, length int) bool {
	return slices.Contains(list, n) || slices.Contains(list, n-length-1)
}

func daysIn(day time.Time) int {
	return time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func daysInYear(year int) int {
	return time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
}
