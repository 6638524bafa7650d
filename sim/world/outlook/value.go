package outlook

import (
	"math"
	"strings"
)

// Text gives the string under name in d, or "".
func Text(d Doc, name string) string {
	s, _ := d[name].(string)
	return s
}

// String reads a string; null is the empty one.
func String(name string, v any) (string, error) {
	if v == nil {
		return "", nil
	}
	s, ok := v.(string)
	if !ok {
		return "", BadProperty(name, "a string is expected.")
	}
	return s, nil
}

// Enum reads a member of an enumeration in any case; null is the first.
func Enum(name string, v any, members ...string) (string, error) {
	if v == nil {
		return members[0], nil
	}
	s, _ := v.(string)
	for _, m := range members {
		if strings.EqualFold(m, s) {
			return m, nil
		}
	}
	return "", BadProperty(name, "'%v' is none of %s.", v, strings.Join(members, ", "))
}

// Flag reads a Boolean; null is false.
func Flag(name string, v any) (bool, error) {
	b, ok := v.(bool)
	if !ok && v != nil {
		return false, BadProperty(name, "true or false is expected.")
	}
	return b, nil
}

// Whole reads a number without a fraction that is not negative; null is 0.
func Whole(name string, v any) (int, error) {
	f, ok := v.(float64)
	if !ok && v != nil || f != math.Trunc(f) || f < 0 || f > math.MaxInt32 {
		return 0, BadProperty(name, "a whole number is expected, and not a negative one.")
	}
	return int(f), nil
}

// Texts reads a collection of strings.
func Texts(name string, v any) ([]string, error) {
	values, ok := v.([]any)
	if !ok && v != nil {
		return nil, BadProperty(name, "a collection is expected.")
	}
	var out []string
	for _, value := range values {
		s, err := String(name, value)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Into makes of a reader one that stores what it reads.
func Into[T any](to *T, read func(name string, v any) (T, error)) func(string, any) error {
	return func(name string, v any) error {
		value, err := read(name, v)
		if err == nil {
			*to = value
		}
		return err
	}
}

// List makes a JSON array of strings.
func List(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// OrNull gives s as JSON, null where it is empty.
func OrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
