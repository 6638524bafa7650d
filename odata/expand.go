package odata

import (
	"strings"

	"github.com/graphwarden/graphwarden/odata/expr"
)

// part is a piece of a list, without the spaces around it.
type part struct {
	text string
	pos  int
}

// split cuts value at sep, except inside parentheses and quotes. It wants at
// least one part, and none empty.
func (r *optionReader) split(value string, sep byte) ([]part, error) {
	var parts []part
	for start := 0; start <= len(value); {
		end, err := r.partEnd(value, start, sep)
		if err != nil {
			return nil, err
		}
		text := strings.Trim(value[start:end], " ")
		if text == "" || len(parts) == maxListItems {
			return nil, r.badTerm(start, value)
		}
		parts = append(parts, part{text, start})
		start = end + 1
	}
	return parts, nil
}

// partEnd finds where the part that begins at start ends.
func (r *optionReader) partEnd(value string, start int, sep byte) (int, error) {
	depth := 0
	for i := start; i < len(value); i++ {
		switch c := value[i]; {
		case c == sep && depth == 0:
			return i, nil
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return 0, expr.SyntaxAt(r.param, i, value)
			}
		case c == '\'' || c == '"':
			n := quotedLen(value[i:])
			if n == 0 {
				return 0, expr.UnterminatedAt(r.param, value)
			}
			i += n - 1
		}
	}
	if depth > 0 {
		return 0, r.errorf(len(value), "')' or operator expected at position %d in '%s'.", len(value), value)
	}
	return len(value), nil
}

// quotedLen returns the length of the quoted text that s begins with: single
// quotes are escaped by doubling, double quotes by a backslash. It returns 0
// when the text does not end.
func quotedLen(s string) int {
	if s[0] == '\'' {
		if n := expr.ClosingQuote(s[1:]); n >= 0 {
			return n + 2
		}
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// expand reads the items of an $expand.
func (r *optionReader) expand(value string) error {
	if r.depth++; r.depth > maxExpandDepth {
		return r.errorf(0, "Recursion depth exceeded allowed limit.")
	}
	defer func() { r.depth-- }()
	parts, err := r.split(value, ',')
	if err != nil {
		return err
	}
	items := make([]ExpandItem, len(parts))
	for i, part := range parts {
		if items[i], err = r.expandItem(part, value); err != nil {
			return err
		}
	}
	r.query.Expand = items
	return nil
}

func (r *optionReader) expandItem(item part, whole string) (ExpandItem, error) {
	name, rest, nested := strings.Cut(item.text, "(")
	p, ok := property(strings.TrimRight(name, " "))
	if !ok || nested && !strings.HasSuffix(rest, ")") {
		return ExpandItem{}, r.badTerm(item.pos, whole)
	}
	e := ExpandItem{Path: p}
	if !nested {
		return e, nil
	}
	inner := &optionReader{query: &e.Options, param: r.param, depth: r.depth, levels: &e.Levels}
	settings, err := inner.split(rest[:len(rest)-1], ';')
	if err != nil {
		return e, err
	}
	seen := map[string]bool{}
	for _, s := range settings {
		if err := inner.setting(s, seen); err != nil {
			return e, err
		}
	}
	return e, nil
}

// setting reads one name=value in the parentheses of an $expand.
func (r *optionReader) setting(s part, seen map[string]bool) error {
	rawName, value, _ := strings.Cut(s.text, "=")
	name := strings.ToLower(strings.TrimPrefix(strings.TrimRight(rawName, " "), "$"))
	value = strings.TrimLeft(value, " ")
	if seen[name] {
		return r.errorf(s.pos, "Query option '%s' was specified more than once, but it must be specified at most once.", rawName)
	}
	seen[name] = true
	if name == "levels" {
		return r.readLevels(value)
	}
	o, known := optionNamed(name)
	if !known || !o.nested {
		return r.errorf(s.pos, "The query parameter '%s' is not supported in an $expand.", rawName)
	}
	return o.read(&optionReader{query: r.query, param: o.name, depth: r.depth}, value)
}
