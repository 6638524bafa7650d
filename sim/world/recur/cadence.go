package recur

import (
	"slices"
	"strings"
	"time"
)

// cadence is a compiled recurrence: the dates on which it falls, numbered from
// zero. A period (a day, a week, a month, a year, times the interval) always
// holds the same number of dates, so that the n-th date is found directly.
// Dates are midnights in UTC.
type cadence struct {
	pattern Pattern
	start   time.Time    // range.startDate
	last    time.Time    // the last date on which an occurrence may fall
	count   int          // how many occurrences there are; 0 is no limit
	days    []int        // days of the week, counted from firstDayOfWeek
	mask    [7]bool      // the same by time.Weekday
	index   int          // 0 to 3, or -1 for last
	month   time.Month   // of yearly patterns
	week    time.Weekday // firstDayOfWeek
	skipped int          // dates of the first period before the start
	per     int          // dates in a period
}

// compile makes the cadence of a recurrence, or returns why Exchange would
// refuse it.
func compile(r Recurrence) (*cadence, error) {
	if err := r.Pattern.validate(); err != nil {
		return nil, err
	}
	if err := r.Range.validate(); err != nil {
		return nil, err
	}
	c := &cadence{pattern: r.Pattern, per: 1, last: lastDay(), month: time.Month(r.Pattern.Month)}
	c.start, _ = time.Parse(time.DateOnly, r.Range.StartDate)
	switch r.Range.Type {
	case Numbered:
		c.count = r.Range.NumberOfOccurrences
	case EndDate:
		c.last, _ = time.Parse(time.DateOnly, r.Range.EndDate)
	}
	c.setDays()
	if c.pattern.Type == Weekly {
		c.per = len(c.days)
	}
	for c.skipped < c.per && c.inPeriod(0, c.skipped).Before(c.start) {
		c.skipped++
	}
	return c, nil
}

func (c *cadence) setDays() {
	c.week, _ = weekday(c.pattern.FirstDayOfWeek)
	c.index, _ = weekIndex(c.pattern.Index)
	for _, name := range c.pattern.DaysOfWeek {
		if day, ok := weekday(name); ok && !c.mask[day] {
			c.mask[day] = true
			c.days = append(c.days, since(c.week, day))
		}
	}
	slices.Sort(c.days)
}

// date returns the date of occurrence n, counted from zero, whether or not the
// range still holds it.
func (c *cadence) date(n int) time.Time {
	n += c.skipped
	return c.inPeriod(n/c.per, n%c.per)
}

// within tells whether the range holds occurrence n.
func (c *cadence) within(n int) bool {
	return n >= 0 && (c.count == 0 || n < c.count) && !c.date(n).After(c.last)
}

// onOrAfter returns the number of the first occurrence on day or later.
func (c *cadence) onOrAfter(day time.Time) int {
	n := max(0, c.period(day)*c.per-c.skipped)
	for c.date(n).Before(day) {
		n++
	}
	return n
}

// period returns the period that holds day, or an earlier one.
func (c *cadence) period(day time.Time) int {
	if day.Before(c.start) {
		return 0
	}
	var units int
	switch c.pattern.Type {
	case Daily:
		units = daysBetween(c.start, day)
	case Weekly:
		units = daysBetween(c.firstWeek(), day) / 7
	case AbsoluteMonthly, RelativeMonthly:
		units = (day.Year()-c.start.Year())*12 + int(day.Month()) - int(c.start.Month())
	default:
		units = day.Year() - c.start.Year()
	}
	return units / c.pattern.Interval
}

// inPeriod returns date i of a period, both counted from zero.
func (c *cadence) inPeriod(period, i int) time.Time {
	step := period * c.pattern.Interval
	switch c.pattern.Type {
	case Daily:
		return c.start.AddDate(0, 0, step)
	case Weekly:
		return c.firstWeek().AddDate(0, 0, 7*step+c.days[i])
	case AbsoluteMonthly:
		return clamped(c.start.Year(), c.start.Month()+time.Month(step), c.pattern.DayOfMonth)
	case RelativeMonthly:
		return c.relative(c.start.Year(), c.start.Month()+time.Month(step))
	case AbsoluteYearly:
		return clamped(c.start.Year()+step, c.month, c.pattern.DayOfMonth)
	default:
		return c.relative(c.start.Year()+step, c.month)
	}
}

// firstWeek returns the first day of the week that holds the start. Weeks
// begin on firstDayOfWeek: it decides which weeks an interval skips.
func (c *cadence) firstWeek() time.Time {
	return c.start.AddDate(0, 0, -since(c.week, c.start.Weekday()))
}

// relative returns the day that comes at the pattern's index among the month's
// days that the pattern names: with several days named, "second Thursday or
// Friday" is the second day that is either.
func (c *cadence) relative(year int, month time.Month) time.Time {
	day, step, left := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC), 1, c.index
	if c.index < 0 {
		day, step, left = day.AddDate(0, 1, -1), -1, 0
	}
	for ; ; day = day.AddDate(0, 0, step) {
		if !c.mask[day.Weekday()] {
			continue
		}
		if left == 0 {
			return day
		}
		left--
	}
}

// clamped returns a day of a month, or the month's last day when the month is
// shorter (EWS reference, AbsoluteMonthlyRecurrence and DayOfMonth). RFC 5545
// leaves such months out.
func clamped(year int, month time.Month, day int) time.Time {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day, last)-1)
}

// since counts the days from one day of the week forward to another.
func since(from, to time.Weekday) int { return (int(to) - int(from) + 7) % 7 }

// daysBetween counts the days from one date to another. A time.Duration would
// overflow after 292 years.
func daysBetween(a, b time.Time) int { return int((b.Unix() - a.Unix()) / (24 * 60 * 60)) }

func weekday(name string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(day.String(), name) {
			return day, true
		}
	}
	return 0, false
}

func weekIndex(name string) (int, bool) {
	i := slices.Index([]string{"last", "first", "second", "third", "fourth"}, strings.ToLower(name))
	return i - 1, i >= 0
}
