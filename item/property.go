package item

import (
	"bytes"
	"encoding/json"
	"errors"
)

// property is one member of a JSON object.
type property struct {
	name  string
	value json.RawMessage
}

// errNoObject says that something is not one JSON object.
var errNoObject = errors.New("it is not one JSON object")

// properties takes an object apart, in order.
func properties(raw json.RawMessage) ([]property, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	open, err := d.Token()
	if err != nil {
		return nil, err
	}
	if open != json.Delim('{') {
		return nil, errNoObject
	}
	var list []property
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		p := property{name: name.(string)} // the decoder lets nothing else be a name
		if err := d.Decode(&p.value); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if d.More() {
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
	var s *string
	err := json.Unmarshal(value, &s)
	if err != nil || s == nil {
		return "", false
	}
	return *s, true
}
