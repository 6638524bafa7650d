package expr

import "strings"

// LiteralKind tells the kinds of literals apart.
type LiteralKind uint8

// The literals that Microsoft Graph documents (OData 4.01 ABNF, primitiveLiteral).
const (
	Null LiteralKind = iota
	Bool
	Number
	String
	GUID
	Date
	DateTime
	TimeOfDay
	Duration
	Enum
)

// Literal is a constant in a filter or in the arguments of a path segment.
type Literal struct {
	Kind LiteralKind
	// Text is the value without quotes and escapes; for kinds that are written
	// without quotes it is the text as written.
	Text string
	// Type is the qualified name of an Enum, empty otherwise.
	Type string
}

// String gives the canonical spelling.
func (l Literal) String() string {
	switch l.Kind {
	case String:
		return Quote(l.Text)
	case Duration:
		return "duration" + Quote(l.Text)
	case Enum:
		return l.Type + Quote(l.Text)
	}
	return l.Text
}

// Quote writes s as a string literal.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// bareLiteral classifies a literal that is written without quotes and does not
// begin with a letter, other than a GUID.
func bareLiteral(s string) (Literal, bool) {
	switch {
	case isGUID(s):
		return Literal{Kind: GUID, Text: s}, true
	case isNumber(s):
		return Literal{Kind: Number, Text: s}, true
	case isDate(s):
		_, ok := parseInstant(s)
		return Literal{Kind: Date, Text: s}, ok
	case len(s) > 11 && isDate(s[:10]) && s[10] == 'T' && isZoned(s[11:]):
		_, ok := parseInstant(s)
		return Literal{Kind: DateTime, Text: s}, ok
	case isTimeOfDay(s):
		_, ok := parseClock(s)
		return Literal{Kind: TimeOfDay, Text: s}, ok
	}
	return Literal{}, false
}

// fits reports whether s has the shape of pattern, in which '0' stands for a
// digit, 'x' for a hexadecimal one, and anything else for itself.
func fits(s, pattern string) bool {
	if len(s) != len(pattern) {
		return false
	}
	for i := range len(s) {
		switch pattern[i] {
		case '0':
			if !isDigit(s[i]) {
				return false
			}
		case 'x':
			if !isHex(s[i]) {
				return false
			}
		default:
			if s[i] != pattern[i] {
				return false
			}
		}
	}
	return true
}

const guidShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

func isGUID(s string) bool { return fits(s, guidShape) }

func startsGUID(s string) bool { return len(s) >= len(guidShape) && isGUID(s[:len(guidShape)]) }

func isDate(s string) bool { return fits(s, "0000-00-00") }

// isTimeOfDay accepts hh:mm, with seconds and up to twelve decimals.
func isTimeOfDay(s string) bool {
	if len(s) < 5 || !fits(s[:5], "00:00") {
		return false
	}
	s = s[5:]
	if s == "" {
		return true
	}
	if len(s) < 3 || !fits(s[:3], ":00") {
		return false
	}
	fraction, dot := strings.CutPrefix(s[3:], ".")
	if !dot {
		return fraction == ""
	}
	return fraction != "" && len(fraction) <= 12 && allDigits(fraction)
}

// isZoned accepts a time of day followed by Z or an offset.
func isZoned(s string) bool {
	if clock, ok := strings.CutSuffix(s, "Z"); ok {
		return isTimeOfDay(clock)
	}
	n := len(s) - len("+00:00")
	return n > 0 && (s[n] == '+' || s[n] == '-') && fits(s[n+1:], "00:00") && isTimeOfDay(s[:n])
}

// isNumber accepts integers and decimals, with a sign and an exponent.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	n := digits(s)
	if n == 0 {
		return false
	}
	s = s[n:]
	if fraction, ok := strings.CutPrefix(s, "."); ok {
		if n = digits(fraction); n == 0 {
			return false
		}
		s = fraction[n:]
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	s = s[1:]
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && allDigits(s)
}

// digits counts the digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func allDigits(s string) bool { return digits(s) == len(s) }
