package canon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// deepest is how many objects and lists may stand within each other.
const deepest = 64

// decode reads one JSON object in which no name stands twice, in whatever
// capitals: of two, a server may read the first or the last.
func decode(raw []byte) (map[string]any, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("the body is not UTF-8 text")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	value, err := read(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	object, is := value.(map[string]any)
	if !is {
		return nil, errors.New("the body is not a JSON object")
	}
	return object, nil
}

func read(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, errors.New("the body is not whole JSON")
	}
	opening, is := token.(json.Delim)
	switch {
	case !is:
		if s, text := token.(string); text && strings.ContainsRune(s, utf8.RuneError) {
			return nil, errors.New("a text holds half a character")
		}
		return token, nil
	case depth == deepest:
		return nil, fmt.Errorf("more than %d objects stand within each other", deepest)
	case opening == '[':
		list := []any{}
		for d.More() {
			one, err := read(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, one)
		}
		return list, closing(d)
	}
	return object(d, depth)
}

func object(d *json.Decoder, depth int) (any, error) {
	members, seen := map[string]any{}, map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, errors.New("the body is not whole JSON")
		}
		name, _ := token.(string)
		if folded := strings.ToLower(name); seen[folded] {
			return nil, fmt.Errorf("the member %q stands there twice", name)
		} else {
			seen[folded] = true
		}
		if members[name], err = read(d, depth+1); err != nil {
			return nil, err
		}
	}
	return members, closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return errors.New("the body is not whole JSON")
	}
	return nil
}

// encode writes an object: its members in the order of their names.
func encode(body map[string]any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, fmt.Errorf("writing a body: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
