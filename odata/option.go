package odata

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/graphwarden/graphwarden/odata/expr"
)

// option is one system query option: how it is read and how it is written.
type option struct {
	name   string
	nested bool // allowed in an $expand
	read   func(r *optionReader, value string) error
	// text gives the canonical value, and whether the option is there at all.
	text func(q *Query) (string, bool)
}

// options lists what OData and Graph define, in canonical order. $levels is
// read in an $expand only, where it belongs to the item and not to its query. As an
// array it makes no garbage: it is gone through several times for each request.
func options() [11]option {
	return [...]option{
		{"$select", true, (*optionReader).properties, func(q *Query) (string, bool) { return joined(q.Select) }},
		{"$expand", true, (*optionReader).expand, func(q *Query) (string, bool) { return joined(q.Expand) }},
		{"$filter", true, (*optionReader).filter, func(q *Query) (string, bool) { return textOf(q.Filter) }},
		{"$search", true, (*optionReader).search, func(q *Query) (string, bool) { return textOf(q.Search) }},
		{"$orderby", true, (*optionReader).orderBy, func(q *Query) (string, bool) { return joined(q.OrderBy) }},
		{"$top", true, (*optionReader).top, func(q *Query) (string, bool) { return valueOf(q.Top) }},
		{"$skip", true, (*optionReader).skip, func(q *Query) (string, bool) { return valueOf(q.Skip) }},
		{"$count", true, (*optionReader).count, func(q *Query) (string, bool) { return valueOf(q.Count) }},
		{"$skiptoken", false, (*optionReader).skipToken, func(q *Query) (string, bool) { return valueOf(q.SkipToken) }},
		{"$deltatoken", false, (*optionReader).deltaToken, func(q *Query) (string, bool) { return valueOf(q.DeltaToken) }},
		{"$format", false, (*optionReader).format, func(q *Query) (string, bool) { return q.Format, q.Format != "" }},
	}
}

// optionNamed finds an option by its name in lower case, without the dollar sign.
func optionNamed(name string) (option, bool) {
	for _, o := range options() {
		if o.name[1:] == name {
			return o, true
		}
	}
	return option{}, false
}

// each calls add for every option that is there, in canonical order.
func (q *Query) each(add func(name, value string)) {
	for _, o := range options() {
		if value, ok := o.text(q); ok {
			add(o.name, value)
		}
	}
}

func joined[T fmt.Stringer](items []T) (string, bool) {
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = item.String()
	}
	return strings.Join(parts, ","), len(items) > 0
}

func textOf(s fmt.Stringer) (string, bool) {
	if s == nil {
		return "", false
	}
	return s.String(), true
}

func valueOf[T any](v *T) (string, bool) {
	if v == nil {
		return "", false
	}
	return fmt.Sprint(*v), true
}

// optionReader puts the values of options into a query.
type optionReader struct {
	query  *Query
	param  string
	depth  int  // of $expand within $expand
	levels *int // where $levels goes, in an $expand
}

func (r *optionReader) errorf(pos int, format string, args ...any) error {
	return expr.Errorf(r.param, pos, format, args...)
}

func (r *optionReader) badTerm(pos int, text string) error {
	return r.errorf(pos, "Term '%s' is not valid in a $select or $expand expression.", text)
}

func (r *optionReader) properties(value string) error {
	parts, err := r.split(value, ',')
	if err != nil {
		return err
	}
	for _, part := range parts {
		p, ok := property(part.text)
		if !ok {
			return r.badTerm(part.pos, value)
		}
		r.query.Select = append(r.query.Select, p)
	}
	return nil
}

// property reads the path of a $select, $expand or $orderby.
func property(text string) (expr.Property, bool) {
	if text == "*" {
		return expr.Property{"*"}, true
	}
	p := expr.Property(strings.Split(text, "/"))
	for i, seg := range p {
		system := i > 0 && (seg == "$count" || seg == "$ref")
		if !system && (!expr.IsName(seg)) {
			return nil, false
		}
	}
	return p, true
}

func (r *optionReader) orderBy(value string) error {
	parts, err := r.split(value, ',')
	if err != nil {
		return err
	}
	for _, part := range parts {
		by, direction, _ := strings.Cut(part.text, " ")
		p, ok := property(by)
		direction = strings.ToLower(strings.TrimSpace(direction))
		if !ok || by == "*" || direction != "" && direction != "asc" && direction != "desc" {
			return expr.SyntaxAt(r.param, part.pos, value)
		}
		r.query.OrderBy = append(r.query.OrderBy, expr.OrderItem{By: p, Desc: direction == "desc"})
	}
	return nil
}

func (r *optionReader) filter(value string) (err error) {
	r.query.Filter, err = expr.Parse(value)
	return err
}

func (r *optionReader) search(value string) (err error) {
	r.query.Search, err = parseSearch(r.param, value)
	return err
}

func (r *optionReader) top(value string) (err error) {
	r.query.Top, err = r.natural(value)
	return err
}

func (r *optionReader) skip(value string) (err error) {
	r.query.Skip, err = r.natural(value)
	return err
}

func (r *optionReader) natural(value string) (*int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > math.MaxInt32 || strings.Trim(value, "0123456789") != "" {
		return nil, r.errorf(0, "Invalid value '%s' for %s query option found. The %s query option requires a non-negative integer value.", value, r.param, r.param)
	}
	return &n, nil
}

func (r *optionReader) count(value string) error {
	yes := strings.EqualFold(value, "true")
	if !yes && !strings.EqualFold(value, "false") {
		return r.errorf(0, "Invalid value '%s' for $count query option found. Valid values are 'true, false'.", value)
	}
	r.query.Count = &yes
	return nil
}

func (r *optionReader) skipToken(value string) error {
	r.query.SkipToken = &value
	return nil
}

func (r *optionReader) deltaToken(value string) error {
	r.query.DeltaToken = &value
	return nil
}

func (r *optionReader) format(value string) error {
	if value == "" {
		return expr.SyntaxAt(r.param, 0, value)
	}
	r.query.Format = value
	return nil
}

func (r *optionReader) readLevels(value string) error {
	if strings.EqualFold(value, "max") {
		*r.levels = -1
		return nil
	}
	n, err := r.natural(value)
	if err != nil || *n == 0 {
		return r.errorf(0, "The $levels option must be a positive integer or 'max'; got '%s'.", value)
	}
	*r.levels = *n
	return nil
}
