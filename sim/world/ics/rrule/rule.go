// Package rrule reads the recurrence rules of iCalendar (RFC 5545 §3.3.10),
// expands them to the letter, and finds the Graph patterns that say the same.
//
// It promises that Expand is exact and that Patterns loses no date; whether the
// patterns hold dates too many is for the caller to see by comparing the two.
// A rule of which it does not know a part is refused, as what that part would
// leave out cannot be told.
package rrule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// frequency orders FREQ from the shortest to the longest.
type frequency int

const (
	secondly frequency = iota
	minutely
	hourly
	daily
	weekly
	monthly
	yearly
)

// nthDay is a member of BYDAY: a day of the week, and which of them in the
// month or year; 0 is every one.
type nthDay struct {
	n   int
	day time.Weekday
}

// Clock is the wall clock that a rule is written for. Wall times are told as
// times in UTC.
type Clock interface {
	// Wall returns what the clock shows at an instant.
	Wall(instant time.Time) time.Time
	// Shows tells whether the clock ever shows a wall time.
	Shows(wall time.Time) bool
}

// Rule is an RRULE.
type Rule struct {
	// Count is how many dates it has; 0 when it has no COUNT.
	Count int
	// Until is the last wall time that it may have, zero when it has no UNTIL.
	// An UNTIL that is a DATE lasts to the end of that day.
	Until time.Time

	freq     frequency
	interval int
	wkst     time.Weekday

	byMonth, byWeekNo, byYearDay, byMonthDay []int
	byDay                                    []nthDay
	byHour, byMinute, bySecond, bySetPos     []int
}

// Weekly tells whether the rule counts in weeks.
func (r *Rule) Weekly() bool { return r.freq == weekly }

// Parse reads an RRULE of a series with this clock.
func Parse(value string, clock Clock) (*Rule, error) {
	r := &Rule{freq: -1, interval: 1, wkst: time.Monday}
	for part := range strings.SplitSeq(strings.Trim(value, "; "), ";") {
		name, text, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return nil, fmt.Errorf("%q is no part of a rule", part)
		}
		if err := r.set(strings.ToUpper(name), strings.ToUpper(strings.TrimSpace(text)), clock); err != nil {
			return nil, fmt.Errorf("%.40s: %w", part, err)
		}
	}
	if r.freq < 0 {
		return nil, fmt.Errorf("a rule without FREQ")
	}
	return r, nil
}

func (r *Rule) set(name, text string, clock Clock) (err error) {
	switch name {
	case "FREQ":
		names := []string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
		if r.freq = frequency(slices.Index(names, text)); r.freq < 0 {
			err = fmt.Errorf("not a frequency")
		}
	case "INTERVAL":
		r.interval, err = number(text, 1, 100_000)
	case "COUNT":
		r.Count, err = number(text, 1, 1_000_000_000)
	case "UNTIL":
		err = r.setUntil(text, clock)
	case "WKST":
		r.wkst, err = dayOfWeek(text)
	case "BYDAY":
		r.byDay, err = parseDays(text)
	default:
		return r.setList(name, text)
	}
	return err
}

func (r *Rule) setList(name, text string) error {
	lists := map[string]struct {
		list      *[]int
		low, high int
	}{
		"BYMONTH":    {&r.byMonth, 1, 12},
		"BYWEEKNO":   {&r.byWeekNo, -53, 53},
		"BYYEARDAY":  {&r.byYearDay, -366, 366},
		"BYMONTHDAY": {&r.byMonthDay, -31, 31},
		"BYHOUR":     {&r.byHour, 0, 23},
		"BYMINUTE":   {&r.byMinute, 0, 59},
		"BYSECOND":   {&r.bySecond, 0, 60},
		"BYSETPOS":   {&r.bySetPos, -366, 366},
	}
	l, ok := lists[name]
	if !ok {
		return fmt.Errorf("unknown")
	}
	for item := range strings.SplitSeq(text, ",") {
		n, err := number(item, l.low, l.high)
		if err != nil || n == 0 && l.low < 0 {
			return fmt.Errorf("%q is outside %d to %d", item, l.low, l.high)
		}
		if !slices.Contains(*l.list, n) {
			*l.list = append(*l.list, n)
		}
	}
	slices.Sort(*l.list)
	return nil
}

// setUntil keeps UNTIL as the wall clock of the series shows it, with which
// the occurrences are compared.
func (r *Rule) setUntil(text string, clock Clock) error {
	wall, date, utc, err := ParseStamp(text)
	switch {
	case err != nil:
		return err
	case date:
		wall = wall.Add(24*time.Hour - time.Second)
	case utc:
		wall = clock.Wall(wall)
	}
	r.Until = wall
	return nil
}

// Past tells whether a wall time lies after UNTIL.
func (r *Rule) Past(wall time.Time) bool { return !r.Until.IsZero() && wall.After(r.Until) }

func number(text string, low, high int) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(text, "+"))
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%q is outside %d to %d", text, low, high)
	}
	return n, nil
}

func parseDays(text string) ([]nthDay, error) {
	var days []nthDay
	for item := range strings.SplitSeq(text, ",") {
		if len(item) < 2 {
			return nil, fmt.Errorf("%q is not a day", item)
		}
		day, err := dayOfWeek(item[len(item)-2:])
		if err != nil {
			return nil, err
		}
		n := 0
		if prefix := item[:len(item)-2]; prefix != "" {
			if n, err = number(prefix, -53, 53); err != nil || n == 0 {
				return nil, fmt.Errorf("%q is not a day", item)
			}
		}
		if d := (nthDay{n, day}); !slices.Contains(days, d) {
			days = append(days, d)
		}
	}
	return days, nil
}

func dayOfWeek(text string) (time.Weekday, error) {
	i := slices.Index([]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}, text)
	if i < 0 {
		return 0, fmt.Errorf("%q is not a day of the week", text)
	}
	return time.Weekday(i), nil
}
