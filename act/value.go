package act

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/graphwarden/graphwarden"
)

const (
	// largest is how many bytes an event may have; Graph takes 4 MB in one request.
	largest = 1 << 20
	deepest = 12
)

// readObject reads one JSON object without repeated members, whatever their case: of
// those a server may read the first or the last.
func readObject(field string, raw []byte) (map[string]any, *graphwarden.Refusal) {
	no := func(why string) *graphwarden.Refusal {
		return refuse(graphwarden.Invalid, "act.json", field, "The "+field+" is not one JSON object: "+why+".", "Send the properties as Graph documents them.")
	}
	switch {
	case len(raw) > largest:
		return nil, refuse(graphwarden.Invalid, "act.large", field, fmt.Sprintf("The %s has %d bytes, more than %d.", field, len(raw), largest), "Shorten its body.")
	case !utf8.Valid(raw):
		return nil, no("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err != nil {
		return nil, no(err.Error())
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, no("something follows it")
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, no("it is another kind of value")
	}
	return object, nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("it is cut off or misspelt")
	}
	if depth > deepest {
		return nil, fmt.Errorf("it is nested too deeply")
	}
	switch token {
	case json.Delim('{'):
		return readMembers(d, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	return token, nil
}

func readMembers(d *json.Decoder, depth int) (any, error) {
	object, seen := map[string]any{}, map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("it is cut off or misspelt")
		}
		name, _ := key.(string)
		if seen[strings.ToLower(name)] {
			return nil, fmt.Errorf("%.40q stands in it twice", name)
		}
		seen[strings.ToLower(name)] = true
		if object[name], err = readValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return object, err
}

// check refuses a value of a field.
type check func(field string, v any) *graphwarden.Refusal

func wrong(field, format string, args ...any) *graphwarden.Refusal {
	return refuse(graphwarden.Invalid, "act.value", field, fmt.Sprintf("%s: %s.", field, fmt.Sprintf(format, args...)), "Send it as Graph documents it.")
}

func isBool(field string, v any) *graphwarden.Refusal {
	if _, ok := v.(bool); !ok {
		return wrong(field, "true or false is expected")
	}
	return nil
}

// isText wants a string of up to some characters; lines says whether it may have
// several lines.
func isText(most int, lines bool) check {
	return func(field string, v any) *graphwarden.Refusal {
		s, ok := v.(string)
		switch {
		case !ok:
			return wrong(field, "a string is expected")
		case utf8.RuneCountInString(s) > most:
			return wrong(field, "it has more than %d characters", most)
		case !lines && strings.ContainsFunc(s, control), strings.ContainsFunc(s, notText):
			return wrong(field, "it has control characters")
		}
		return nil
	}
}

func filled(c check) check {
	return func(field string, v any) *graphwarden.Refusal {
		if s, ok := v.(string); ok && strings.TrimSpace(s) == "" {
			return wrong(field, "it is empty")
		}
		return c(field, v)
	}
}

func oneOf(members ...string) check {
	return func(field string, v any) *graphwarden.Refusal {
		s, _ := v.(string)
		for _, m := range members {
			if s == m {
				return nil
			}
		}
		return wrong(field, "it is none of %s", strings.Join(members, ", "))
	}
}

// isWhole wants a whole number within bounds.
func isWhole(least, most int64) check {
	return func(field string, v any) *graphwarden.Refusal {
		if n, ok := whole(v); !ok || n < least || n > most {
			return wrong(field, "a whole number from %d to %d is expected", least, most)
		}
		return nil
	}
}

func whole(v any) (int64, bool) {
	number, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := number.Int64()
	return n, err == nil
}

func isNumber(least, most float64) check {
	return func(field string, v any) *graphwarden.Refusal {
		number, ok := v.(json.Number)
		n, err := number.Float64()
		if !ok || err != nil || n < least || n > most {
			return wrong(field, "a number from %g to %g is expected", least, most)
		}
		return nil
	}
}

// isList wants a list of up to some elements.
func isList(most int, each check) check {
	return func(field string, v any) *graphwarden.Refusal {
		list, ok := v.([]any)
		switch {
		case !ok:
			return wrong(field, "a list is expected")
		case len(list) > most:
			return wrong(field, "it has more than %d elements", most)
		}
		for i, element := range list {
			if no := each(fmt.Sprintf("%s[%d]", field, i), element); no != nil {
				return no
			}
		}
		return nil
	}
}

// isObject wants an object with some of these properties and no others; needed names
// those that it must have.
func isObject(properties map[string]check, needed ...string) check {
	return func(field string, v any) *graphwarden.Refusal {
		object, ok := v.(map[string]any)
		if !ok {
			return wrong(field, "an object is expected")
		}
		return checkMembers(field, object, properties, needed)
	}
}

func checkMembers(field string, object map[string]any, properties map[string]check, needed []string) *graphwarden.Refusal {
	for _, name := range sorted(object) {
		c, known := properties[name]
		if !known {
			return refuse(graphwarden.Invalid, "act.property", field+"."+shown(name), fmt.Sprintf("%s has no property %.40q that can be written.", field, name),
				"Leave it out; docs/writing.md lists those that can be written.")
		}
		if no := c(field+"."+name, object[name]); no != nil {
			return no
		}
	}
	for _, name := range needed {
		if _, given := object[name]; !given {
			return refuse(graphwarden.Invalid, "act.missing", field+"."+name, fmt.Sprintf("%s.%s is missing.", field, name), "Send it, too.")
		}
	}
	return nil
}

// shown bounds a name that somebody made up.
func shown(name string) string {
	if len(name) > 40 || strings.ContainsFunc(name, control) {
		return "…"
	}
	return name
}

func control(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }

// notText says whether a character belongs into no text, also not between lines.
func notText(r rune) bool { return control(r) && r != '\n' && r != '\r' && r != '\t' }
