package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// ErrNotPage means that the answer is JSON but has no "value" array: a single
// resource or an error.
var ErrNotPage = errors.New("the answer is not a page: it has no value array")

// SyntaxError says where a page or an item is not what it has to be.
type SyntaxError struct {
	Offset int
	Reason string
}

// Error gives the reason and the offset in bytes.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Reason, e.Offset) }

// Page is one page of a collection. Its items are slices of the bytes that were
// cut, and live as long as those.
type Page struct {
	Items     [][]byte
	NextLink  string // empty on the last page
	DeltaLink string // on the last page of a delta round
	Count     int64  // -1 when the page has none
}

// Cut reads data, the body of a 200 answer, into p, reusing the room in
// p.Items. The error is ErrNotPage or a *SyntaxError; then p holds nothing.
func (p *Page) Cut(data []byte) error {
	*p = Page{Items: p.Items[:0], Count: -1}
	s := &scanner{b: data}
	err := p.members(s)
	if err != nil {
		*p = Page{Items: p.Items[:0], Count: -1}
	}
	return err
}

func (p *Page) members(s *scanner) error {
	found := false
	err := s.members(func(name []byte) (bool, error) {
		switch string(name) {
		case Value:
			if found || !s.is('[') {
				return false, s.fault("second or wrong value")
			}
			found = true
			return true, p.items(s)
		case NextLink:
			return true, s.once(&p.NextLink)
		case DeltaLink:
			return true, s.once(&p.DeltaLink)
		case Count:
			return true, p.count(s)
		}
		return false, nil
	})
	if err == nil && !found {
		err = ErrNotPage
	}
	return err
}

// Members calls read for each member of the object that raw is, in order, with its
// name, decoded, and its value as it stands in raw. The error is a *SyntaxError: raw is
// not one JSON object; what was read until then means nothing.
func Members(raw []byte, read func(name, value []byte)) error {
	s := &scanner{b: raw}
	return s.members(func(name []byte) (bool, error) {
		start := s.at
		if !s.value(1) {
			return false, s.fault("malformed value")
		}
		read(name, s.b[start:s.at:s.at])
		return true, nil
	})
}

// members calls read for each member of the object that is all of the text,
// standing on its value. When read says that it has not moved past the value,
// members does.
func (s *scanner) members(read func(name []byte) (bool, error)) error {
	s.space()
	if !s.take('{') {
		return s.fault("no object")
	}
	s.space()
	for first := true; !s.take('}'); first = false {
		if !first {
			if !s.take(',') {
				return s.fault("no comma or brace")
			}
			s.space()
		}
		name, err := s.name()
		if err != nil {
			return err
		}
		done, err := read(name)
		if err != nil {
			return err
		}
		if !done && !s.value(1) {
			return s.fault("malformed value")
		}
		s.space()
	}
	s.space()
	if s.at < len(s.b) {
		return s.fault("text after the object")
	}
	return nil
}

// name moves past a member's name and colon and returns the name, decoded.
func (s *scanner) name() ([]byte, error) {
	start := s.at
	if !s.is('"') || !s.text() {
		return nil, s.fault("malformed name")
	}
	name := s.b[start+1 : s.at-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		name = []byte(decode(s.b[start:s.at]))
	}
	if !s.colon() {
		return nil, s.fault("no colon")
	}
	return name, nil
}

// once reads a string into into, which must still be empty. Null leaves it so.
func (s *scanner) once(into *string) error {
	start := s.at
	if s.word("null") {
		return nil
	}
	if !s.is('"') || !s.text() {
		return s.fault("no string")
	}
	if *into != "" {
		s.at = start
		return s.fault("second value for one name")
	}
	*into = decode(s.b[start:s.at])
	return nil
}

// items cuts the array that s stands on.
func (p *Page) items(s *scanner) error {
	s.at++
	s.space()
	for !s.take(']') {
		if len(p.Items) > 0 {
			if !s.take(',') {
				return s.fault("no comma or bracket")
			}
			s.space()
		}
		start := s.at
		if !s.value(2) {
			return s.fault("malformed item")
		}
		p.Items = append(p.Items, s.b[start:s.at:s.at])
		s.space()
	}
	return nil
}

func (p *Page) count(s *scanner) error {
	start := s.at
	if p.Count >= 0 || !s.digits() {
		return s.fault("second or wrong count")
	}
	n, err := strconv.ParseInt(string(s.b[start:s.at]), 10, 64)
	if err != nil {
		return s.fault("count out of range")
	}
	p.Count = n
	return nil
}

func (s *scanner) fault(reason string) error { return &SyntaxError{s.at, reason} }

// decode returns the text of a JSON string that has been scanned.
func decode(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var text string
	// The scanner accepts only what encoding/json does, so this cannot fail.
	_ = json.Unmarshal(quoted, &text)
	return text
}
