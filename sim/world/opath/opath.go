// Package opath reads the filters by which Exchange picks recipients, such as
// "Department -eq 'Sales' -or MemberOfGroup -eq 'CN=…'". It promises that what it
// does not understand is an error and never matches by accident. It knows nothing
// of what the properties mean.
package opath

import (
	"fmt"
	"strings"
)

// Filter is a filter that was understood.
type Filter struct {
	text string
	root node
}

// String is the filter as it was written.
func (f Filter) String() string { return f.text }

// Matches says whether an object is picked. Values gives the values of a property,
// none when it is blank; they compare without case.
func (f Filter) Matches(values func(property string) []string) bool {
	return f.root != nil && f.root.matches(values)
}

// Properties lists the properties that the filter names, in its order.
func (f Filter) Properties() []string {
	var out []string
	walk(f.root, func(t test) { out = append(out, t.property) })
	return out
}

// node is a part of a filter.
type node interface {
	matches(values func(string) []string) bool
}

type (
	both   struct{ left, right node }
	either struct{ left, right node }
	not    struct{ of node }
	test   struct {
		property, operator, value string
		null                      bool // $null: value is blank
	}
)

func (n both) matches(v func(string) []string) bool { return n.left.matches(v) && n.right.matches(v) }

func (n either) matches(v func(string) []string) bool { return n.left.matches(v) || n.right.matches(v) }

func (n not) matches(v func(string) []string) bool { return !n.of.matches(v) }

func (t test) matches(values func(string) []string) bool {
	has := values(t.property)
	found := t.null && len(has) == 0
	for _, value := range has {
		if t.operator == "-like" || t.operator == "-notlike" {
			found = found || like(strings.ToLower(value), strings.ToLower(t.value))
		} else {
			found = found || !t.null && strings.EqualFold(value, t.value)
		}
	}
	return found == (t.operator == "-eq" || t.operator == "-like")
}

// like compares with a wildcard at the end; Exchange Online takes none in front
// ("Filterable properties for the RecipientFilter parameter").
func like(value, pattern string) bool {
	if start, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(value, start)
	}
	return value == pattern
}

func walk(n node, visit func(test)) {
	switch n := n.(type) {
	case both:
		walk(n.left, visit)
		walk(n.right, visit)
	case either:
		walk(n.left, visit)
		walk(n.right, visit)
	case not:
		walk(n.of, visit)
	case test:
		visit(n)
	}
}

// Parse reads a filter (Exchange PowerShell, "Recipient filters": -eq, -ne, -like,
// -notlike, -and, -or, -not, parentheses; text in single quotes, which are doubled
// inside).
func Parse(text string) (Filter, error) {
	p := &parser{rest: text}
	if err := p.next(); err != nil {
		return Filter{}, err
	}
	root, err := p.either()
	if err == nil && p.kind != end {
		err = fmt.Errorf("%q is not expected at this point", p.text)
	}
	if err != nil {
		return Filter{}, err
	}
	return Filter{text, root}, nil
}
