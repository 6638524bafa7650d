package catalog

import "sync"

// shapes remembers where the rules led for paths that differ in their keys only. The
// rules are many and are tried in every order; what is asked for is of few shapes.
type shapes struct {
	words map[string]bool // the segments of the table that look like keys
	mu    sync.RWMutex
	seen  map[string]Operation
}

// mostShapes bounds what is remembered, for paths come from strangers as well. Beyond
// that the rules are tried anew.
const mostShapes = 1 << 12

func newShapes(words map[string]bool) *shapes {
	return &shapes{words: words, seen: map[string]Operation{}}
}

// recall gives where the rules led before; a nil node if nowhere.
func (s *shapes) recall(m method, segs []string) (Operation, bool) {
	var room [256]byte
	shape := s.append(room[:0], m, segs)
	s.mu.RLock()
	defer s.mu.RUnlock()
	op, known := s.seen[string(shape)]
	return op, known
}

func (s *shapes) keep(m method, segs []string, op Operation) {
	shape := s.append(nil, m, segs)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seen) < mostShapes {
		s.seen[string(shape)] = op
	}
}

// append writes a path with its keys left out: two paths of one shape lead to the same
// operation. A segment counts as a key only if it could be nothing else.
func (s *shapes) append(to []byte, m method, segs []string) []byte {
	to = append(to, byte(m))
	for _, segment := range segs {
		to = append(to, '/')
		if worded(segment) || !isKey(segment) || s.words[segment] {
			to = append(to, segment...)
		} else {
			to = append(to, anyID...)
		}
	}
	return to
}

// worded says whether a segment is made of what rules name: small letters, dots,
// dollars and brackets.
func worded(segment string) bool {
	for i := range len(segment) {
		switch c := segment[i]; {
		case 'a' <= c && c <= 'z', c == '.', c == '$', c == '(', c == ')':
		default:
			return false
		}
	}
	return true
}
