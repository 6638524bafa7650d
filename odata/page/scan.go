package page

import (
	"encoding/binary"
	"math/bits"
)

// maxDepth bounds the nesting of a page, which recursion follows. Graph's own
// answers stay below 20.
const maxDepth = 256

// scanner walks over JSON text. Its methods return false at the first byte that
// is not well-formed, which is then at.
type scanner struct {
	b  []byte
	at int
}

// space skips white space.
func (s *scanner) space() {
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// is reports whether the next byte is c.
func (s *scanner) is(c byte) bool { return s.at < len(s.b) && s.b[s.at] == c }

// take moves past c.
func (s *scanner) take(c byte) bool {
	if !s.is(c) {
		return false
	}
	s.at++
	return true
}

// value moves past one value.
func (s *scanner) value(depth int) bool {
	if s.at >= len(s.b) || depth > maxDepth {
		return false
	}
	switch s.b[s.at] {
	case '"':
		return s.text()
	case '{':
		return s.object(depth)
	case '[':
		return s.array(depth)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

func (s *scanner) word(w string) bool {
	if len(s.b)-s.at < len(w) || string(s.b[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

func (s *scanner) object(depth int) bool {
	s.at++
	s.space()
	if s.take('}') {
		return true
	}
	for {
		if !s.is('"') || !s.text() || !s.colon() || !s.value(depth+1) {
			return false
		}
		s.space()
		if s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
		s.space()
	}
}

// colon moves past the colon of a member and the space around it.
func (s *scanner) colon() bool {
	s.space()
	if !s.take(':') {
		return false
	}
	s.space()
	return true
}

func (s *scanner) array(depth int) bool {
	s.at++
	s.space()
	if s.take(']') {
		return true
	}
	for {
		if !s.value(depth + 1) {
			return false
		}
		s.space()
		if s.take(']') {
			return true
		}
		if !s.take(',') {
			return false
		}
		s.space()
	}
}

// number moves past a number in JSON's grammar: no leading zeros, no sign but
// minus.
func (s *scanner) number() bool {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return false
	}
	if s.take('.') && !s.digits() {
		return false
	}
	if s.is('e') || s.is('E') {
		s.at++
		if s.is('+') || s.is('-') {
			s.at++
		}
		return s.digits()
	}
	return true
}

func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.b) && '0' <= s.b[s.at] && s.b[s.at] <= '9' {
		s.at++
	}
	return s.at > start
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// text moves past a string, eight bytes at a time where it can: a byte stops
// the stride when it is a quote, a backslash or a control character.
func (s *scanner) text() bool {
	b, i := s.b, s.at+1
	for {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			quote := w ^ ones*'"'
			slash := w ^ ones*'\\'
			stop := ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w) & highs
			if stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
			i++
		}
		s.at = i
		if i == len(b) || b[i] < 0x20 {
			return false
		}
		if b[i] == '"' {
			s.at++
			return true
		}
		if !s.escape() {
			return false
		}
		i = s.at
	}
}

// escape moves past a backslash and what it escapes.
func (s *scanner) escape() bool {
	s.at++
	if s.at >= len(s.b) {
		return false
	}
	c := s.b[s.at]
	s.at++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if s.at >= len(s.b) || !isHex(s.b[s.at]) {
				return false
			}
			s.at++
		}
		return true
	}
	s.at--
	return false
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
