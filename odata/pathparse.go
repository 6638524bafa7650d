package odata

import (
	"strings"

	"github.com/graphwarden/graphwarden/odata/expr"
)

// Limits on a path. Graph itself stops at about 16 kB for a whole URL.
const (
	maxPathBytes    = 8192
	maxPathSegments = 64
)

// ParsePath reads a raw, still escaped path below the API version
// ("/users/x%23EXT%23@t/events"; the leading slash may be missing, as in the
// entries of a $batch). It refuses, with a *SyntaxError, every spelling that
// two programs could read differently: empty and dot segments, escaped dots and
// backslashes, double escapes, control characters, text that is not UTF-8, and
// an escaped slash or number sign anywhere but in a key or a quoted argument.
func ParsePath(raw string) (Path, error) {
	p := pathParser{raw: raw}
	if err := p.screen(); err != nil {
		return nil, err
	}
	p.at = len(raw) - len(strings.TrimPrefix(raw, "/"))
	for p.at < len(raw) {
		if err := p.segment(); err != nil {
			return nil, err
		}
		if p.at == len(raw)-1 {
			return nil, p.errorf(p.at, "The path ends in a slash.")
		}
		p.at++
	}
	return p.path, nil
}

type pathParser struct {
	raw    string
	at     int // offset of the segment being read
	path   Path
	inFile bool // between the colons of a file's path
}

func (p *pathParser) errorf(pos int, format string, args ...any) error {
	return expr.Errorf("path", pos, format, args...)
}

// screen refuses what is refused wherever it stands, quotes included, because
// a server on the way may rewrite it.
func (p *pathParser) screen() error {
	if len(p.raw) > maxPathBytes {
		return p.errorf(maxPathBytes, "The path is longer than %d bytes.", maxPathBytes)
	}
	low := strings.ToLower(p.raw)
	for _, bad := range []string{"//", "/./", "/../", "%2e", "%5c", "\\", "?", "#"} {
		if i := strings.Index(low, bad); i >= 0 {
			return p.errorf(i, "The sequence '%s' is not allowed in a path.", bad)
		}
	}
	return nil
}

// segment reads one segment and moves to the slash after it or to the end.
func (p *pathParser) segment() error {
	if len(p.path) >= maxPathSegments {
		return p.errorf(p.at, "Too many segments in URI.")
	}
	start := p.at
	raw, err := p.cut()
	if err != nil {
		return err
	}
	p.at += len(raw)
	text, bad := unescape(raw, false)
	if bad >= 0 {
		return p.errorf(start+bad, "The path is not valid UTF-8 text, or holds a broken escape or a control character.")
	}
	if isDoubleEscaped(text) {
		return p.errorf(start, "The path is escaped twice.")
	}
	if hasVoid(text) {
		return p.void(start)
	}
	if p.inFile {
		p.path = append(p.path, Segment{Kind: File, Text: text})
		p.inFile = text[len(text)-1] != ':'
		return nil
	}
	return p.classify(text, start)
}

// cut returns the raw segment that begins at p.at. A slash ends it, unless it
// stands in a quoted argument, where Graph's clients write it unescaped.
func (p *pathParser) cut() (string, error) {
	rest := p.raw[p.at:]
	n := expr.NameLen(rest)
	if p.inFile || n == 0 || !hasParen(rest[n:]) {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			return rest[:i], nil
		}
		return rest, nil
	}
	inQuote := false
	for i := n; i < len(rest); i++ {
		switch {
		case rest[i] == '\'', strings.HasPrefix(rest[i:], "%27"):
			inQuote = !inQuote
		case rest[i] == '/' && !inQuote:
			return rest[:i], nil
		}
	}
	if inQuote {
		return "", expr.UnterminatedAt("path", p.raw)
	}
	return rest, nil
}

func hasParen(s string) bool { return strings.HasPrefix(s, "(") || strings.HasPrefix(s, "%28") }

// isDoubleEscaped reports whether an escape is left after decoding once.
func isDoubleEscaped(text string) bool {
	for i := range len(text) {
		if text[i] == '%' {
			if _, ok := hexByte(text[i+1:]); ok {
				return true
			}
		}
	}
	return false
}

// hasVoid reports whether text would, with its slashes taken for separators,
// have an empty segment or one of dots.
func hasVoid(text string) bool {
	for part := range strings.SplitSeq(text, "/") {
		if part == "" || part == "." || part == ".." {
			return true
		}
	}
	return false
}

func (p *pathParser) void(pos int) error {
	return p.errorf(pos, "A segment of the path is empty or made of dots.")
}

// classify appends what the decoded segment means.
func (p *pathParser) classify(text string, pos int) error {
	n := expr.NameLen(text)
	switch {
	case text[0] == '$':
		if !isSystemSegment(text) {
			return p.errorf(pos, "Resource not found for the segment '%s'.", text)
		}
		p.path = append(p.path, Segment{Kind: Name, Text: strings.ToLower(text)})
		return nil
	case n > 0 && n < len(text) && text[n] == '(' && text[len(text)-1] == ')':
		return p.call(text, n, pos)
	case strings.Contains(text, "('"):
		return expr.SyntaxAt("path", pos, text)
	}
	p.inFile = text[len(text)-1] == ':'
	if n == len(text) || p.inFile && n == len(text)-1 {
		p.path = append(p.path, Segment{Kind: Name, Text: text})
		return nil
	}
	return p.key(text, pos)
}

// isSystemSegment names the segments that OData defines and Graph knows.
func isSystemSegment(text string) bool {
	switch strings.ToLower(text) {
	case "$count", "$ref", "$value", "$batch", "$metadata":
		return true
	}
	return false
}

// key appends a key, which must follow a name.
func (p *pathParser) key(text string, pos int) error {
	if len(p.path) == 0 || p.path[len(p.path)-1].Kind != Name {
		return p.errorf(pos, "Resource not found for the segment '%s'.", text)
	}
	if hasVoid(text) {
		return p.void(pos)
	}
	p.path = append(p.path, Segment{Kind: Key, Text: text})
	return nil
}

// call appends a name with what stands in parentheses behind it.
func (p *pathParser) call(text string, n, pos int) error {
	args, err := expr.ParseArguments("path", text[n:])
	if err != nil {
		return err
	}
	if len(args) != 1 || args[0].Name != "" {
		p.path = append(p.path, Segment{Kind: Name, Text: text[:n], Call: true, Args: args})
		return nil
	}
	p.path = append(p.path, Segment{Kind: Name, Text: text[:n]})
	switch key := args[0].Value; key.Kind {
	case expr.String, expr.Number, expr.GUID:
		if key.Text != "" {
			return p.key(key.Text, pos)
		}
	}
	return expr.SyntaxAt("path", pos, text)
}
