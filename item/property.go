package item

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// property is one member of a JSON object.
type property struct {
	name  string
	value json.RawMessage
}

// errNoObject says that something is not one JSON object.
var errNoObject = errors.New("it is not one JSON object")

// properties takes an object apart, in order. Values stay as they stand in it.
func properties(raw json.RawMessage) ([]property, error) {
	raw = after(raw)
	if !json.Valid(raw) || raw[0] != '{' {
		return nil, errNoObject
	}
	var list []property
	for rest := after(raw[1:]); rest[0] != '}'; { // what is valid is cut by its brackets and quotes
		n := length(rest)
		name, _ := text(rest[:n])
		rest = after(after(rest[n:])[1:]) // past the colon
		n = length(rest)
		list = append(list, property{name, rest[:n:n]})
		if rest = after(rest[n:]); rest[0] == ',' {
			rest = after(rest[1:])
		}
	}
	return list, nil
}

// after gives what follows JSON's blanks.
func after(raw []byte) []byte { return bytes.TrimLeft(raw, " \t\r\n") }

// length is how long the value is that valid JSON begins with.
func length(raw []byte) int {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			if i += closing(raw[i:]); depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		if depth < 0 || depth == 0 && bytes.IndexByte([]byte(", \t\r\n"), raw[i]) >= 0 { // after a number, or a word
			return i
		}
	}
	return len(raw)
}

// closing is where the string ends that raw begins with.
func closing(raw []byte) int {
	for i := 1; ; i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
}

// object puts properties together; of two with one name the first stays.
func object(list []property) json.RawMessage {
	var out bytes.Buffer
	seen := make(map[string]bool, len(list))
	out.WriteByte('{')
	for _, p := range list {
		if seen[p.name] {
			continue
		}
		if len(seen) > 0 {
			out.WriteByte(',')
		}
		seen[p.name] = true
		out.Write(quoted(p.name))
		out.WriteByte(':')
		out.Write(p.value)
	}
	out.WriteByte('}')
	return out.Bytes()
}

func quoted(name string) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(name) // a string is always written
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// text is a value that is a string.
func text(value json.RawMessage) (string, bool) {
	var s string
	switch {
	case value[0] != '"':
		return "", false
	case bytes.IndexByte(value, '\\') < 0 && utf8.Valid(value):
		return string(value[1 : len(value)-1]), true
	}
	return s, json.Unmarshal(value, &s) == nil
}
