package recur

import (
	"fmt"
	"time"
)

// The codes of refusals, as Exchange spells them (EWS reference, ResponseCode;
// ErrorPropertyValidationFailure is Graph's own for a bad member).
const (
	CodeInvalid      = "ErrorPropertyValidationFailure"
	CodeNoOccurrence = "ErrorRecurrenceHasNoOccurrence"
	CodeEndTooBig    = "ErrorRecurrenceEndDateTooBig"
)

// Limits of Exchange (EWS reference: DailyRecurrence, WeeklyRecurrence,
// AbsoluteMonthlyRecurrence, NumberedRecurrence, ErrorRecurrenceEndDateTooBig).
// For years EWS names no interval; the limit of months is kept.
const (
	maxDays  = 999
	maxUnits = 99
	maxCount = 999
)

// lastDay is the last date on which Exchange lets a series end.
func lastDay() time.Time { return time.Date(4500, time.September, 1, 0, 0, 0, 0, time.UTC) }

// Invalid says why a recurrence is refused.
type Invalid struct {
	Code   string // one of the Code constants
	Member string // the member of the recurrence, e.g. "range.endDate"
	Say    string // for a person: what is wrong and what would be right
}

// Error says what is wrong, as Graph would.
func (i *Invalid) Error() string { return i.Member + ": " + i.Say }

// Validate tells whether Exchange would take r for an event that starts at
// start, whose location is the zone of the recurrence. The error is *Invalid.
func (r Recurrence) Validate(start time.Time) error {
	r = r.Complete()
	s, err := compile(r)
	if err != nil {
		return err
	}
	if day := start.Format(time.DateOnly); day != r.Range.StartDate {
		return invalid("range.startDate", "%s is not the date on which the event starts, %s", r.Range.StartDate, day)
	}
	if r.Range.Type == EndDate && s.date(0).After(s.last) {
		return &Invalid{CodeNoOccurrence, "range.endDate",
			"the pattern has no occurrence between " + r.Range.StartDate + " and " + r.Range.EndDate}
	}
	return nil
}

// wants names what a type of pattern requires.
type wants struct {
	limit                           int
	dayOfMonth, daysOfWeek, inMonth bool
}

func requirements(patternType string) (wants, bool) {
	switch patternType {
	case Daily:
		return wants{limit: maxDays}, true
	case Weekly:
		return wants{limit: maxUnits, daysOfWeek: true}, true
	case AbsoluteMonthly:
		return wants{limit: maxUnits, dayOfMonth: true}, true
	case RelativeMonthly:
		return wants{limit: maxUnits, daysOfWeek: true}, true
	case AbsoluteYearly:
		return wants{limit: maxUnits, dayOfMonth: true, inMonth: true}, true
	case RelativeYearly:
		return wants{limit: maxUnits, daysOfWeek: true, inMonth: true}, true
	}
	return wants{}, false
}

func (p Pattern) validate() error {
	want, known := requirements(p.Type)
	if !known {
		return invalid("pattern.type", "%q is none of daily, weekly, absoluteMonthly, relativeMonthly, absoluteYearly, relativeYearly", p.Type)
	}
	if p.Interval < 1 || p.Interval > want.limit {
		return invalid("pattern.interval", "%d is outside 1 to %d for a %s pattern", p.Interval, want.limit, p.Type)
	}
	if want.dayOfMonth && (p.DayOfMonth < 1 || p.DayOfMonth > 31) {
		return invalid("pattern.dayOfMonth", "%d is outside 1 to 31; a %s pattern requires it", p.DayOfMonth, p.Type)
	}
	if want.inMonth && (p.Month < 1 || p.Month > 12) {
		return invalid("pattern.month", "%d is outside 1 to 12; a %s pattern requires it", p.Month, p.Type)
	}
	return p.validateDays(want)
}

func (p Pattern) validateDays(want wants) error {
	if want.daysOfWeek && len(p.DaysOfWeek) == 0 {
		return invalid("pattern.daysOfWeek", "a %s pattern requires at least one day", p.Type)
	}
	if !want.daysOfWeek && len(p.DaysOfWeek) > 0 {
		return invalid("pattern.daysOfWeek", "a %s pattern has no days of the week", p.Type)
	}
	for _, day := range p.DaysOfWeek {
		if _, ok := weekday(day); !ok {
			return invalid("pattern.daysOfWeek", "%q is not a day of the week", day)
		}
	}
	if _, ok := weekday(p.FirstDayOfWeek); !ok {
		return invalid("pattern.firstDayOfWeek", "%q is not a day of the week", p.FirstDayOfWeek)
	}
	if _, ok := weekIndex(p.Index); !ok {
		return invalid("pattern.index", "%q is none of first, second, third, fourth, last", p.Index)
	}
	return nil
}

func (r Range) validate() error {
	first, err := time.Parse(time.DateOnly, r.StartDate)
	if err != nil {
		return invalid("range.startDate", "%q is not a date such as 2026-11-21", r.StartDate)
	}
	switch r.Type {
	case NoEnd:
	case Numbered:
		if r.NumberOfOccurrences < 1 || r.NumberOfOccurrences > maxCount {
			return invalid("range.numberOfOccurrences", "%d is outside 1 to %d", r.NumberOfOccurrences, maxCount)
		}
	case EndDate:
		last, err := time.Parse(time.DateOnly, r.EndDate)
		if err != nil {
			return invalid("range.endDate", "%q is not a date such as 2026-11-21", r.EndDate)
		}
		if last.Before(first) {
			return invalid("range.endDate", "%s lies before the start, %s", r.EndDate, r.StartDate)
		}
		if last.After(lastDay()) {
			return &Invalid{CodeEndTooBig, "range.endDate", r.EndDate + " lies after " + lastDay().Format(time.DateOnly)}
		}
	default:
		return invalid("range.type", "%q is none of endDate, noEnd, numbered", r.Type)
	}
	return nil
}

func invalid(member, format string, args ...any) error {
	return &Invalid{CodeInvalid, member, fmt.Sprintf(format, args...)}
}
