package odata

import (
	"strings"

	"github.com/graphwarden/graphwarden/odata/expr"
)

// Path is a resource path below the API version, in canonical form. Without a
// schema a name cannot always be told from a key: in users/delta the second
// segment is a function, in mailFolders/inbox it is a key. So a Segment says
// only what is certain. Both spellings of a key, users('x') and users/x, parse
// to the same path wherever that is safe.
type Path []Segment

// SegmentKind says what is certain about a Segment.
type SegmentKind uint8

const (
	// Name is spelt like a name (users, $count, microsoft.graph.sendMail); it
	// may also be a key that happens to look like one (inbox).
	Name SegmentKind = iota
	// Key can only be a key: it is not spelt like a name, or stood in
	// parentheses and quotes.
	Key
	// File belongs to the path of a file, between "root:" or "{id}:" and the
	// next colon; the last of them ends in that colon if it was there.
	File
)

// Segment is one step of a Path.
type Segment struct {
	Kind SegmentKind
	// Text is the decoded name or key. Names compare with Is, keys exactly.
	Text string
	// Call is set when a name was followed by parentheses that hold anything
	// but a single key: arguments of a function, or an alternate key.
	Call bool
	Args expr.Arguments
}

// Is reports whether the segment may be the name, which is compared without
// regard to case (graph-facts.md, R4) and to the qualification that Graph
// allows for casts, actions and functions: microsoft.graph.user, graph.user.
func (s Segment) Is(name string) bool {
	return s.Kind == Name && (strings.EqualFold(s.Text, name) || strings.EqualFold(expr.Unqualified(s.Text), expr.Unqualified(name)))
}

// String gives the canonical, escaped form, beginning with a slash.
func (p Path) String() string {
	if len(p) == 0 {
		return "/"
	}
	var b strings.Builder
	for i, s := range p {
		file := i+1 < len(p) && p[i+1].Kind == File // then a colon ends s
		if s.Kind == Key && !file && !plainKey(s.Text) {
			escape(&b, "("+expr.Quote(s.Text)+")", plainInPath)
			continue
		}
		b.WriteByte('/')
		escape(&b, s.Text, plainInPath)
		if s.Call {
			escape(&b, s.Args.String(), plainInPath)
		}
	}
	return b.String()
}

// plainKey reports whether text, as a segment of its own, can only be a key.
func plainKey(text string) bool {
	if text[0] == '$' || text[len(text)-1] == ':' || strings.Contains(text, "('") {
		return false
	}
	n := expr.NameLen(text)
	return n == 0 || n < len(text) && text[n] != '('
}
