package act

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
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
	return readUpTo(field, raw, largest)
}

// readUpTo is readObject with another limit; what is too large is refused at the text
// that makes the most of it.
func readUpTo(field string, raw []byte, most int) (map[string]any, *graphwarden.Refusal) {
	object, no := readWhole(field, raw)
	if no != nil || len(raw) <= most {
		return object, no
	}
	at, long := heaviest(field, object)
	return nil, refuse(graphwarden.Invalid, "act.large", at, fmt.Sprintf("The %s has %d bytes, more than %d; %s has %d of them.", field, len(raw), most, at, long), "Shorten its body, or attach less.")
}

// heaviest gives the longest text of a value, and its place.
func heaviest(field string, v any) (at string, long int) {
	at = field
	longer := func(inner string, v any) {
		if a, n := heaviest(inner, v); n > long {
			at, long = a, n
		}
	}
	switch v := v.(type) {
	case string:
		return field, len(v)
	case map[string]any:
		for _, name := range sorted(v) {
			longer(field+"."+shown(name), v[name])
		}
	case []any:
		for i, element := range v {
			longer(fmt.Sprintf("%s[%d]", field, i), element)
		}
	}
	return at, long
}

// readWhole is readObject without a limit.
func readWhole(field string, raw []byte) (map[string]any, *graphwarden.Refusal) {
	no := func(why string) *graphwarden.Refusal {
		return refuse(graphwarden.Invalid, "act.json", field, "The "+field+" is not one JSON object: "+why+".", "Send the properties as Graph documents them.")
	}
	if !utf8.Valid(raw) {
		return nil, no("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	v, err := readValue(d, raw, field, 0)
	var half *graphwarden.Refusal
	if errors.As(err, &half) {
		return nil, half
	}
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

// readValue reads the value of a field. A text with half of a character is refused: it
// would be written otherwise than it was sent.
func readValue(d *json.Decoder, raw []byte, field string, depth int) (any, error) {
	from := d.InputOffset()
	token, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("it is cut off or misspelt")
	}
	if _, text := token.(string); text && halved(raw[from:d.InputOffset()]) {
		return nil, wrong(field, "it has a surrogate without its other half, which is no character")
	}
	if depth > deepest {
		return nil, fmt.Errorf("it is nested too deeply")
	}
	switch token {
	case json.Delim('{'):
		return readMembers(d, raw, field, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readValue(d, raw, fmt.Sprintf("%s[%d]", field, len(list)), depth+1)
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

func readMembers(d *json.Decoder, raw []byte, field string, depth int) (any, error) {
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
		if object[name], err = readValue(d, raw, field+"."+name, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return object, err
}

// halved says whether a text as JSON writes it has an escaped surrogate alone.
func halved(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		u := unit(text, i)
		switch {
		case u < 0:
			i++ // another escape
		case !utf16.IsSurrogate(u):
			i += 5
		case utf16.DecodeRune(u, unit(text, i+6)) == utf8.RuneError:
			return true
		default:
			i += 11
		}
	}
	return false
}

// unit reads an escaped unit of UTF-16; -1 is none.
func unit(text []byte, i int) rune {
	if i+6 > len(text) || text[i] != '\\' || text[i+1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// check refuses a value of a field.
type check func(field string, v any) *graphwarden.Refusal

func wrong(field, format string, args ...any) *graphwarden.Refusal {
	return refuse(graphwarden.Invalid, "act.value", field, fmt.Sprintf("%s: %s.", field, fmt.Sprintf(format, args...)), "Send it as Graph documents it.")
}

// tooLong refuses what there is more of than there may be.
func tooLong(field string, most int, of, do string) *graphwarden.Refusal {
	return refuse(graphwarden.Invalid, "act.value", field, fmt.Sprintf("%s: it has more than %d %s.", field, most, of), fmt.Sprintf(do, most))
}

func isBool(field string, v any) *graphwarden.Refusal {
	if _, ok := v.(bool); !ok {
		return wrong(field, "true or false is expected")
	}
	return nil
}

// isString wants a string, whatever it says.
func isString(field string, v any) *graphwarden.Refusal {
	if _, ok := v.(string); !ok {
		return wrong(field, "a string is expected")
	}
	return nil
}

// said is a check of what a string says.
func said(c check) check {
	return func(field string, v any) *graphwarden.Refusal {
		if no := isString(field, v); no != nil {
			return no
		}
		return c(field, v)
	}
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
			return tooLong(field, most, "characters", "Shorten it to %d at most.")
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
	return said(func(field string, v any) *graphwarden.Refusal {
		if s, _ := v.(string); slices.Contains(members, s) {
			return nil
		}
		return wrong(field, "it is none of %s", strings.Join(members, ", "))
	})
}

// isWhole wants a whole number within bounds.
func isWhole(least, most int64) check {
	return func(field string, v any) *graphwarden.Refusal {
		if _, ok := v.(json.Number); !ok {
			return wrong(field, "a number is expected, without quotes")
		}
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
		if !ok {
			return wrong(field, "a number is expected, without quotes")
		}
		if n, err := number.Float64(); err != nil || n < least || n > most {
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
			return tooLong(field, most, "elements", "Send %d at most.")
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
				"Leave it out; "+guideOf(field)+" lists those that can be written.")
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

// guideOf is the document that lists what a field may have.
func guideOf(field string) string {
	if field == "message" || strings.HasPrefix(field, "message.") {
		return "docs/sending.md"
	}
	return "docs/writing.md"
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
