package item

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/graphwarden/graphwarden/odata/page"
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
	var list []property
	err := page.Members(raw, func(name, value []byte) {
		list = append(list, property{string(name), value})
	})
	if err != nil {
		return nil, errNoObject
	}
	return list, nil
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
