package expr

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
)

// compare orders two values other than null; ok is false when they are of
// kinds that do not compare. In $orderby null is less than everything.
func (r Rules) compare(a, b any) (c int, ok bool) {
	if a == nil || b == nil {
		return cmp.Compare(btoi(a != nil), btoi(b != nil)), true
	}
	if x, isNumber := number(a); isNumber {
		y, ok := number(b)
		return cmp.Compare(x, y), ok
	}
	switch x := a.(type) {
	case bool:
		y, ok := b.(bool)
		return cmp.Compare(btoi(x), btoi(y)), ok
	case string:
		if y, ok := b.(string); ok {
			return r.compareText(x, y), true
		}
		c, ok = r.compareTyped(b, x)
		return -c, ok
	}
	return r.compareTyped(a, b)
}

// compareTyped compares a value that only a literal or a function can be with
// another, or with a string in the same notation.
func (r Rules) compareTyped(a, b any) (int, bool) {
	text, isText := b.(string)
	switch x := a.(type) {
	case time.Time:
		y, ok := b.(time.Time)
		if isText {
			y, ok = parseInstant(text)
		}
		return x.Compare(y), ok
	case time.Duration:
		y, ok := b.(time.Duration)
		if isText {
			y, ok = parseDuration(text)
		}
		return cmp.Compare(x, y), ok
	case clock:
		y, ok := b.(clock)
		if isText {
			y, ok = parseClock(text)
		}
		return cmp.Compare(x, y), ok
	case symbol:
		y, ok := b.(symbol)
		if isText {
			y, ok = symbol(text), true
		}
		return strings.Compare(strings.ToLower(string(x)), strings.ToLower(string(y))), ok
	}
	return 0, false
}

// compareText compares strings. Two that are both timestamps compare as such:
// Outlook keeps start/dateTime as text, and documents filters such as
// start/dateTime ge '2017-07-01T08:00'.
func (r Rules) compareText(x, y string) int {
	if a, ok := parseInstant(x); ok && len(x) > len("2006-01-02") {
		if b, ok := parseInstant(y); ok {
			return a.Compare(b)
		}
	}
	if r.FoldCase {
		return strings.Compare(strings.ToLower(x), strings.ToLower(y))
	}
	return strings.Compare(x, y)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// number reads the numbers that JSON documents and literals hold.
func number(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case int:
		return float64(x), true
	case int64:
		return float64(x), true
	case int32:
		return float64(x), true
	case json.Number:
		f, err := x.Float64()
		return f, err == nil
	}
	return 0, false
}
