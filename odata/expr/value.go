package expr

import (
	"strconv"
	"strings"
	"time"
)

// Values that a literal or a function can be and a JSON document cannot.
type (
	clock  time.Duration // a time of day, since midnight
	symbol string        // a GUID or an enum member: compared without regard to case
)

// value turns a literal into what it is compared as.
func (l Literal) value() any {
	switch l.Kind {
	case Null:
		return nil
	case Bool:
		return l.Text == "true"
	case Number:
		f, _ := strconv.ParseFloat(l.Text, 64)
		return f
	case GUID, Enum:
		return symbol(l.Text)
	case Date, DateTime:
		if t, ok := parseInstant(l.Text); ok {
			return t
		}
	case TimeOfDay:
		if c, ok := parseClock(l.Text); ok {
			return c
		}
	case Duration:
		if d, ok := parseDuration(l.Text); ok {
			return d
		}
	}
	return l.Text
}

// typeName names the type of a value as OData does, for messages.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "<null>"
	case bool:
		return "Edm.Boolean"
	case string:
		return "Edm.String"
	case symbol:
		return "Edm.Guid"
	case time.Time:
		return "Edm.DateTimeOffset"
	case time.Duration:
		return "Edm.Duration"
	case clock:
		return "Edm.TimeOfDay"
	case []any:
		return "Collection"
	case map[string]any:
		return "Edm.ComplexType"
	}
	return "Edm.Double"
}

// parseInstant reads a date or a timestamp; without a zone it is UTC, which is
// how Graph stores and compares them.
func parseInstant(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// parseClock reads a time of day.
func parseClock(s string) (clock, bool) {
	if !isTimeOfDay(s) {
		return 0, false
	}
	layout := "15:04:05.999999999"
	if len(s) == len("15:04") {
		layout = "15:04"
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return 0, false
	}
	return clockOf(t), true
}

func clockOf(t time.Time) clock {
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	return clock(t.Sub(midnight))
}

// parseDuration reads a duration in days, hours, minutes and seconds (OData
// 4.01 ABNF, durationValue), within the range of time.Duration: 292 years.
func parseDuration(s string) (time.Duration, bool) {
	s, negative := strings.CutPrefix(s, "-")
	s, ok := strings.CutPrefix(s, "P")
	if !ok || s == "" {
		return 0, false
	}
	days, clock, timed := strings.Cut(s, "T")
	total, rest := 0.0, days
	if rest, ok = addUnit(rest, 'D', 86400, &total); !ok || rest != "" || timed && clock == "" {
		return 0, false
	}
	rest = clock
	for _, unit := range []struct {
		letter  byte
		seconds float64
	}{{'H', 3600}, {'M', 60}, {'S', 1}} {
		if rest, ok = addUnit(rest, unit.letter, unit.seconds, &total); !ok {
			return 0, false
		}
	}
	if rest != "" || total > 9e9 {
		return 0, false
	}
	if negative {
		total = -total
	}
	return time.Duration(total * float64(time.Second)), true
}

// addUnit adds the number before letter, if s begins with one, times seconds.
func addUnit(s string, letter byte, seconds float64, total *float64) (rest string, ok bool) {
	i := strings.IndexByte(s, letter)
	if i < 0 {
		return s, true
	}
	digits := s[:i]
	if strings.HasPrefix(digits, "-") || !isNumber(digits) || letter != 'S' && !allDigits(digits) {
		return s, false
	}
	n, err := strconv.ParseFloat(digits, 64)
	*total += n * seconds
	return s[i+1:], err == nil
}
