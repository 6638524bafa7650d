package act

import (
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/zone"
)

// patternNeeds says what each type of pattern needs (documentation of
// recurrencePattern), and the longest interval that Exchange takes (EWS reference).
type patternNeeds struct {
	interval                 int64
	dayOfMonth, days, months bool
}

func patterns() map[string]patternNeeds {
	return map[string]patternNeeds{
		"daily":           {interval: 999},
		"weekly":          {interval: 99, days: true},
		"absoluteMonthly": {interval: 99, dayOfMonth: true},
		"relativeMonthly": {interval: 99, days: true},
		"absoluteYearly":  {interval: 99, dayOfMonth: true, months: true},
		"relativeYearly":  {interval: 99, days: true, months: true},
	}
}

// lastDay is the last date on which Exchange lets a series end (EWS reference,
// ErrorRecurrenceEndDateTooBig).
const lastDay = "4500-09-01"

func badRecurrence(field, format string, args ...any) *graphwarden.Refusal {
	return refuse(graphwarden.Invalid, "act.recurrence", field, fmt.Sprintf("%s: %s.", field, fmt.Sprintf(format, args...)),
		"Send pattern and range as Graph documents patternedRecurrence.")
}

// isRecurrence checks a patternedRecurrence; null makes a single event of a series.
// What a type does not use may stand there as Graph writes it: 0 and 0001-01-01.
func isRecurrence(field string, v any) *graphwarden.Refusal {
	if v == nil {
		return nil
	}
	day := oneOf("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
	no := isObject(map[string]check{
		"pattern": isObject(map[string]check{
			"type": isText(40, false), "interval": isWhole(1, 999), "dayOfMonth": isWhole(0, 31), "month": isWhole(0, 12),
			"daysOfWeek": isList(7, day), "firstDayOfWeek": day, "index": oneOf("first", "second", "third", "fourth", "last"),
		}, "type", "interval"),
		"range": isObject(map[string]check{
			"type": oneOf("endDate", "noEnd", "numbered"), "startDate": isDate, "endDate": isDate, "numberOfOccurrences": isWhole(0, 999),
			"recurrenceTimeZone": isZone,
		}, "type", "startDate"),
	}, "pattern", "range")(field, v)
	if no != nil {
		return no
	}
	r := v.(map[string]any)
	if no := checkPattern(field+".pattern", r["pattern"].(map[string]any)); no != nil {
		return no
	}
	return checkRange(field+".range", r["range"].(map[string]any))
}

func isDate(field string, v any) *graphwarden.Refusal {
	text, _ := v.(string)
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return badRecurrence(field, "%.40q is not a date such as 2026-03-31", text)
	}
	return nil
}

func checkPattern(field string, p map[string]any) *graphwarden.Refusal {
	name, _ := p["type"].(string)
	needs, known := patterns()[name]
	if !known {
		return badRecurrence(field+".type", "it is none of daily, weekly, absoluteMonthly, relativeMonthly, absoluteYearly, relativeYearly")
	}
	interval, _ := whole(p["interval"])
	dayOfMonth, _ := whole(p["dayOfMonth"])
	month, _ := whole(p["month"])
	days, _ := p["daysOfWeek"].([]any)
	seen := map[any]bool{}
	for _, d := range days {
		if seen[d] {
			return badRecurrence(field+".daysOfWeek", "a day stands in it twice")
		}
		seen[d] = true
	}
	switch {
	case interval > needs.interval:
		return badRecurrence(field+".interval", "%d is more than the %d of a %s pattern", interval, needs.interval, name)
	case needs.dayOfMonth && dayOfMonth == 0:
		return badRecurrence(field+".dayOfMonth", "a %s pattern needs it", name)
	case needs.months && month == 0:
		return badRecurrence(field+".month", "a %s pattern needs it", name)
	case needs.days && len(days) == 0:
		return badRecurrence(field+".daysOfWeek", "a %s pattern needs at least one day", name)
	case !needs.days && len(days) > 0:
		return badRecurrence(field+".daysOfWeek", "a %s pattern has no days of the week", name)
	}
	return nil
}

func checkRange(field string, r map[string]any) *graphwarden.Refusal {
	first, _ := r["startDate"].(string)
	last, _ := r["endDate"].(string)
	count, _ := whole(r["numberOfOccurrences"])
	switch r["type"] {
	case "numbered":
		if count == 0 {
			return badRecurrence(field+".numberOfOccurrences", "a numbered range needs it, from 1 to 999")
		}
	case "endDate":
		if last == "" || last < first {
			return badRecurrence(field+".endDate", "a range with an end needs one that is not before its start")
		}
		if last > lastDay {
			return badRecurrence(field+".endDate", "it lies after %s", lastDay)
		}
	}
	return nil
}

// checkFirstDay wants a series to begin on the day of its first event, in the
// recurrence's zone (graph-facts §7).
func checkFirstDay(field string, event, recurrence map[string]any) *graphwarden.Refusal {
	r := recurrence["range"].(map[string]any)
	start, _ := moment(event["start"])
	if name, given := r["recurrenceTimeZone"].(string); given {
		if at, err := zone.Load(name); err == nil {
			start = start.In(at)
		}
	}
	if day := start.Format(time.DateOnly); day != r["startDate"] {
		return badRecurrence(field+".recurrence.range.startDate", "it is not the day on which the event starts, %s", day)
	}
	return nil
}
