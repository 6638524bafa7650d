package ics

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

// rule is an RRULE (RFC 5545 §3.3.10).
type rule struct {
	freq     frequency
	interval int
	count    int       // 0 when the rule has no COUNT
	until    time.Time // wall clock of the series; zero when the rule has no UNTIL
	untilDay bool      // UNTIL is a DATE: that day counts as a whole
	wkst     time.Weekday

	byMonth, byWeekNo, byYearDay, byMonthDay []int
	byDay                                    []nthDay
	byHour, byMinute, bySecond, bySetPos     []int
}

// ends tells whether the rule has an end.
func (r *rule) ends() bool { return r.count > 0 || !r.until.IsZero() }

// parseRule reads an RRULE of a series at p. An unknown part makes the whole
// rule unreadable, as what it would leave out cannot be told.
func parseRule(value string, p *place) (*rule, error) {
	r := &rule{freq: -1, interval: 1, wkst: time.Monday}
	for part := range strings.SplitSeq(strings.Trim(value, "; "), ";") {
		name, text, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return nil, fmt.Errorf("%q is no part of a rule", part)
		}
		if err := r.set(strings.ToUpper(name), strings.ToUpper(strings.TrimSpace(text)), p); err != nil {
			return nil, fmt.Errorf("%s: %w", shorten(part), err)
		}
	}
	if r.freq < 0 {
		return nil, fmt.Errorf("a rule without FREQ")
	}
	return r, nil
}

func (r *rule) set(name, text string, p *place) (err error) {
	switch name {
	case "FREQ":
		names := []string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
		if r.freq = frequency(slices.Index(names, text)); r.freq < 0 {
			err = fmt.Errorf("not a frequency")
		}
	case "INTERVAL":
		r.interval, err = number(text, 1, 100_000)
	case "COUNT":
		r.count, err = number(text, 1, 1_000_000_000)
	case "UNTIL":
		err = r.setUntil(text, p)
	case "WKST":
		r.wkst, err = dayOfWeek(text)
	case "BYDAY":
		r.byDay, err = parseDays(text)
	default:
		return r.setList(name, text)
	}
	return err
}

func (r *rule) setList(name, text string) error {
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
func (r *rule) setUntil(text string, p *place) error {
	wall, date, utc, err := parseStamp(text)
	if err != nil {
		return err
	}
	if utc {
		wall = p.wall(wall)
	}
	r.until, r.untilDay = wall, date
	return nil
}

// past tells whether a wall time lies after UNTIL.
func (r *rule) past(wall time.Time) bool {
	if r.until.IsZero() {
		return false
	}
	if r.untilDay {
		return dateOf(wall).After(r.until)
	}
	return wall.After(r.until)
}

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
