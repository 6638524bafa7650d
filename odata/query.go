package odata

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden/odata/expr"
)

// Query is the query part of a request, parsed. Zero fields were absent. The
// paging tokens are opaque; Graph also sends an empty one.
type Query struct {
	Select     []expr.Property
	Expand     []ExpandItem
	Filter     expr.Expr
	OrderBy    []expr.OrderItem
	Top        *int
	Skip       *int
	Count      *bool
	Search     Search
	SkipToken  *string
	DeltaToken *string
	Format     string
	// Custom holds the parameters that OData does not define, in order.
	Custom []Param
}

// Param is a parameter that is not a system query option, such as startDateTime.
type Param struct {
	Name, Value string
}

// ExpandItem is one navigation property of an $expand, with its own options.
type ExpandItem struct {
	Path expr.Property
	// Options are the nested ones; paging tokens, Format and Custom stay empty.
	Options Query
	// Levels is the value of $levels, -1 for max, 0 when absent.
	Levels int
}

// Limits on a query.
const (
	maxQueryBytes  = 16384
	maxParams      = 64
	maxExpandDepth = 8
	maxListItems   = 500
)

// Param returns the custom parameter of that name, compared without regard to
// case as Graph does (documentation spells startdatetime both ways).
func (q *Query) Param(name string) (string, bool) {
	for _, p := range q.Custom {
		if strings.EqualFold(p.Name, name) {
			return p.Value, true
		}
	}
	return "", false
}

// ParseQuery reads a raw query, without the question mark. Names of system
// query options compare without regard to case, and the dollar sign may be
// missing, as in Graph v1.0 (Microsoft Graph documentation, "Customize
// responses", query parameters). It refuses, with a *SyntaxError: unknown
// options that begin with a dollar sign, any parameter given twice, more than
// 64 parameters, and values that do not parse.
func ParseQuery(raw string) (*Query, error) {
	if len(raw) > maxQueryBytes {
		return nil, expr.Errorf("query", maxQueryBytes, "The query is longer than %d bytes.", maxQueryBytes)
	}
	q := &Query{}
	seen := map[string]bool{}
	pos := 0
	for piece := range strings.SplitSeq(raw, "&") {
		start := pos
		pos += len(piece) + 1
		if piece == "" {
			continue
		}
		if err := q.parameter(piece, start, seen); err != nil {
			return nil, err
		}
		if len(seen) > maxParams {
			return nil, expr.Errorf("query", start, "The query has more than %d parameters.", maxParams)
		}
	}
	return q, nil
}

// parameter reads one name=value of the raw query.
func (q *Query) parameter(piece string, start int, seen map[string]bool) error {
	rawName, rawValue, _ := strings.Cut(piece, "=")
	name, bad := unescape(rawName, true)
	if bad >= 0 || !isParamName(name) {
		return expr.Errorf("query", start+max(bad, 0), "The name of a query parameter is not valid.")
	}
	value, bad := unescape(rawValue, true)
	if bad >= 0 {
		return expr.Errorf(name, start+len(rawName)+1+bad, "The value of query parameter '%s' is not valid UTF-8 text, or holds a broken escape or a control character.", name)
	}
	key := strings.ToLower(name)
	option, known := optionNamed(strings.TrimPrefix(key, "$"))
	switch {
	case known:
		key = option.name
	case key[0] == '$':
		return expr.Errorf(name, start, "The query parameter '%s' is not supported.", name)
	}
	if seen[key] {
		return expr.Errorf(name, start, "Query option '%s' was specified more than once, but it must be specified at most once.", name)
	}
	seen[key] = true
	if !known {
		q.Custom = append(q.Custom, Param{name, value})
		return nil
	}
	return option.read(&optionReader{query: q, param: key}, value)
}

// isParamName accepts names, system query options and annotations such as
// @microsoft.graph.conflictBehavior, but not aliases (@p), which Graph's
// documentation does not use.
func isParamName(name string) bool {
	if annotation, ok := strings.CutPrefix(name, "@"); ok {
		return expr.IsName(annotation) && strings.Contains(annotation, ".")
	}
	return expr.IsName(strings.TrimPrefix(name, "$"))
}

// String gives the canonical, escaped form: the system query options with
// their dollar sign in a fixed order, then the others as they came.
func (q *Query) String() string {
	var b strings.Builder
	add := func(name, value string) {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		escape(&b, name, "$@._")
		b.WriteByte('=')
		escape(&b, value, plainInQuery)
	}
	q.each(add)
	for _, p := range q.Custom {
		add(p.Name, p.Value)
	}
	return b.String()
}

// nested gives the options of an ExpandItem as they stand in parentheses.
func (e ExpandItem) nested() string {
	var parts []string
	add := func(name, value string) { parts = append(parts, name+"="+value) }
	switch {
	case e.Levels < 0:
		add("$levels", "max")
	case e.Levels > 0:
		add("$levels", fmt.Sprint(e.Levels))
	}
	e.Options.each(add)
	return strings.Join(parts, ";")
}

// String gives the canonical spelling, not escaped.
func (e ExpandItem) String() string {
	if options := e.nested(); options != "" {
		return e.Path.String() + "(" + options + ")"
	}
	return e.Path.String()
}
