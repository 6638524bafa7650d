// Package recur expands Microsoft Graph's recurrence patterns into occurrences.
//
// It promises that an occurrence keeps its wall-clock time whatever the clocks
// of its zone do, that the n-th occurrence is found by arithmetic and not by
// walking, and that what Exchange would refuse is refused with a reason. It
// knows no events, no exceptions and no mailboxes: those belong to the tenant.
//
// Sources: Microsoft Graph, recurrencePattern and recurrenceRange resources;
// EWS reference for what Graph leaves open (day 31 in short months, limits of
// interval and count); RFC 5545 §3.3.5 for times that a clock change removes
// or repeats.
package recur

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Recurrence is Graph's patternedRecurrence.
type Recurrence struct {
	Pattern Pattern `json:"pattern"`
	Range   Range   `json:"range"`
}

// Pattern is Graph's recurrencePattern. Members that a type does not use are
// ignored, as clients send back what they were answered.
type Pattern struct {
	Type           string   `json:"type"`
	Interval       int      `json:"interval"`
	Month          int      `json:"month"`
	DayOfMonth     int      `json:"dayOfMonth"`
	DaysOfWeek     []string `json:"daysOfWeek,omitempty"`
	FirstDayOfWeek string   `json:"firstDayOfWeek"`
	Index          string   `json:"index"`
}

// Range is Graph's recurrenceRange. Dates are written 2006-01-02.
type Range struct {
	Type                string `json:"type"`
	StartDate           string `json:"startDate"`
	EndDate             string `json:"endDate"`
	RecurrenceTimeZone  string `json:"recurrenceTimeZone,omitempty"`
	NumberOfOccurrences int    `json:"numberOfOccurrences"`
}

// The values of Pattern.Type.
const (
	Daily           = "daily"
	Weekly          = "weekly"
	AbsoluteMonthly = "absoluteMonthly"
	RelativeMonthly = "relativeMonthly"
	AbsoluteYearly  = "absoluteYearly"
	RelativeYearly  = "relativeYearly"
)

// The values of Range.Type.
const (
	EndDate  = "endDate"
	NoEnd    = "noEnd"
	Numbered = "numbered"
)

// noDate is how Graph writes a date that a range does not use.
const noDate = "0001-01-01"

// Decode reads a recurrence from the value that a JSON body holds. Names of
// types, days and indexes are accepted in any case, as Graph accepts them, and
// come out as Graph answers them. Decode does not judge: see Validate.
func Decode(body any) (Recurrence, error) {
	var r Recurrence
	raw, err := json.Marshal(body)
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		return Recurrence{}, fmt.Errorf("reading a recurrence: %w", err)
	}
	return r.Complete(), nil
}

// Complete returns r as Graph answers it: names spelt Graph's way and unused
// members at Graph's defaults (graph-facts §7).
func (r Recurrence) Complete() Recurrence {
	p := &r.Pattern
	p.Type = spelling(p.Type, Daily, Weekly, AbsoluteMonthly, RelativeMonthly, AbsoluteYearly, RelativeYearly)
	p.FirstDayOfWeek = strings.ToLower(p.FirstDayOfWeek)
	if p.FirstDayOfWeek == "" {
		p.FirstDayOfWeek = "sunday"
	}
	p.Index = strings.ToLower(p.Index)
	if p.Index == "" {
		p.Index = "first"
	}
	days := make([]string, len(p.DaysOfWeek))
	for i, day := range p.DaysOfWeek {
		days[i] = strings.ToLower(day)
	}
	p.DaysOfWeek = days
	r.Range.Type = spelling(r.Range.Type, EndDate, NoEnd, Numbered)
	if r.Range.Type != EndDate || r.Range.EndDate == "" {
		r.Range.EndDate = noDate
	}
	if r.Range.Type != Numbered {
		r.Range.NumberOfOccurrences = 0
	}
	return r
}

// JSON returns the complete recurrence as a JSON body holds it.
func (r Recurrence) JSON() map[string]any {
	r = r.Complete()
	pattern := map[string]any{
		"type":           r.Pattern.Type,
		"interval":       float64(r.Pattern.Interval),
		"month":          float64(r.Pattern.Month),
		"dayOfMonth":     float64(r.Pattern.DayOfMonth),
		"firstDayOfWeek": r.Pattern.FirstDayOfWeek,
		"index":          r.Pattern.Index,
	}
	if len(r.Pattern.DaysOfWeek) > 0 {
		days := make([]any, len(r.Pattern.DaysOfWeek))
		for i, day := range r.Pattern.DaysOfWeek {
			days[i] = day
		}
		pattern["daysOfWeek"] = days
	}
	return map[string]any{
		"pattern": pattern,
		"range": map[string]any{
			"type":                r.Range.Type,
			"startDate":           r.Range.StartDate,
			"endDate":             r.Range.EndDate,
			"recurrenceTimeZone":  r.Range.RecurrenceTimeZone,
			"numberOfOccurrences": float64(r.Range.NumberOfOccurrences),
		},
	}
}

// spelling returns the one of names that equals name in any case, or name.
func spelling(name string, names ...string) string {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return n
		}
	}
	return name
}
