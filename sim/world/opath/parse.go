package opath

import (
	"errors"
	"fmt"
	"strings"
)

// kind is what a piece of a filter is.
type kind int

const (
	end kind = iota
	word
	operator
	value
	null
	open
	closing
)

// deepest bounds parentheses and -not.
const deepest = 100

type parser struct {
	rest  string
	kind  kind
	text  string
	depth int
}

// next takes the next piece.
func (p *parser) next() error {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	switch {
	case p.rest == "":
		p.kind, p.text = end, ""
		return nil
	case p.rest[0] == '(':
		p.take(open, 1)
		return nil
	case p.rest[0] == ')':
		p.take(closing, 1)
		return nil
	case p.rest[0] == '\'' || p.rest[0] == '"':
		return p.quoted(p.rest[0])
	}
	n := strings.IndexAny(p.rest, " \t\r\n()'\"")
	if n < 0 {
		n = len(p.rest)
	}
	switch piece := p.rest[:n]; {
	case strings.EqualFold(piece, "$null"):
		p.take(null, n)
	case piece[0] == '$':
		p.take(value, n)
		p.text = strings.TrimPrefix(p.text, "$")
	case piece[0] == '-' && len(piece) > 1:
		p.take(operator, n)
		p.text = strings.ToLower(p.text)
	default:
		p.take(word, n)
	}
	return nil
}

func (p *parser) take(k kind, n int) { p.kind, p.text, p.rest = k, p.rest[:n], p.rest[n:] }

// quoted takes a text in quotes, which are doubled inside.
func (p *parser) quoted(quote byte) error {
	var b strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch {
		case p.rest[i] != quote:
			b.WriteByte(p.rest[i])
		case i+1 < len(p.rest) && p.rest[i+1] == quote:
			b.WriteByte(quote)
			i++
		default:
			p.kind, p.text, p.rest = value, b.String(), p.rest[i+1:]
			return nil
		}
	}
	return errors.New("a quote is not closed")
}

func (p *parser) either() (node, error) {
	left, err := p.both()
	for err == nil && p.kind == operator && p.text == "-or" {
		if err = p.next(); err != nil {
			break
		}
		var right node
		right, err = p.both()
		left = either{left, right}
	}
	return left, err
}

func (p *parser) both() (node, error) {
	left, err := p.one()
	for err == nil && p.kind == operator && p.text == "-and" {
		if err = p.next(); err != nil {
			break
		}
		var right node
		right, err = p.one()
		left = both{left, right}
	}
	return left, err
}

func (p *parser) one() (node, error) {
	if p.depth++; p.depth > deepest {
		return nil, errors.New("it is nested too deep")
	}
	defer func() { p.depth-- }()
	switch {
	case p.kind == operator && p.text == "-not":
		if err := p.next(); err != nil {
			return nil, err
		}
		of, err := p.one()
		return not{of}, err
	case p.kind == open:
		if err := p.next(); err != nil {
			return nil, err
		}
		inner, err := p.either()
		if err == nil && p.kind != closing {
			err = errors.New("a parenthesis is not closed")
		}
		if err != nil {
			return nil, err
		}
		return inner, p.next()
	case p.kind == word:
		return p.test()
	}
	return nil, fmt.Errorf("%q stands where a property is expected", p.text)
}

func (p *parser) test() (node, error) {
	t := test{property: p.text}
	if err := p.next(); err != nil {
		return nil, err
	}
	switch t.operator = p.text; {
	case p.kind != operator:
		return nil, fmt.Errorf("%q is no operator", p.text)
	case t.operator != "-eq" && t.operator != "-ne" && t.operator != "-like" && t.operator != "-notlike":
		return nil, fmt.Errorf("the operator %q is not supported", p.text)
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	switch t.value, t.null = p.text, p.kind == null; {
	case p.kind != value && p.kind != word && p.kind != null:
		return nil, fmt.Errorf("%s has no value to compare with", t.property)
	case strings.HasPrefix(t.operator, "-like") && strings.HasPrefix(t.value, "*"):
		return nil, errors.New("a wildcard cannot stand in front")
	}
	return t, p.next()
}
