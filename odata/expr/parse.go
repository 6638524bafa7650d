package expr

import "strings"

// Limits on a filter. Microsoft's library stops at 100 nodes by default and
// Graph's directory at 15 clauses; these only keep a stranger from exhausting us.
const (
	maxFilterDepth = 64
	maxFilterNodes = 1000
)

// Parse reads the decoded value of a $filter. The error is a *SyntaxError.
func Parse(text string) (Expr, error) {
	const param = "$filter"
	l, err := newLexer(param, text)
	if err != nil {
		return nil, err
	}
	p := &parser{lexer: l}
	e, err := p.expr(precOr)
	if err != nil {
		return nil, err
	}
	if l.tok.kind != tokEnd {
		return nil, l.syntax(l.tok.pos)
	}
	return e, nil
}

type parser struct {
	*lexer
	depth, nodes int
}

// grow counts one more node.
func (p *parser) grow() error {
	if p.nodes++; p.nodes > maxFilterNodes {
		return p.errorf(p.tok.pos, "The node count limit of '%d' has been exceeded.", maxFilterNodes)
	}
	return nil
}

// expr reads an expression whose operators bind at least as strongly as least.
func (p *parser) expr(least int) (Expr, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, p.errorf(p.tok.pos, "Recursion depth exceeded allowed limit.")
	}
	defer func() { p.depth-- }()
	left, err := p.prefix()
	for err == nil {
		if err = p.grow(); err != nil {
			break
		}
		op := Op(strings.ToLower(p.tok.text))
		prec := opPrecedence(op)
		if p.tok.kind != tokName || prec == 0 || prec < least {
			return left, nil
		}
		if err = p.next(); err != nil {
			break
		}
		if op == "in" {
			left, err = p.list(left)
			continue
		}
		var right Expr
		right, err = p.expr(prec + 1)
		left = Binary{op, left, right}
	}
	return nil, err
}

// prefix reads what an operator can follow.
func (p *parser) prefix() (Expr, error) {
	switch t := p.tok; {
	case t.kind == tokLiteral:
		return t.lit, p.next()
	case p.mark("("):
		if err := p.next(); err != nil {
			return nil, err
		}
		e, err := p.expr(precOr)
		if err != nil {
			return nil, err
		}
		return e, p.expect(")", "')' or operator")
	case t.kind != tokName || opPrecedence(Op(strings.ToLower(t.text))) > 0:
		return nil, p.errorf(t.pos, "Expression expected at position %d in '%s'.", t.pos, p.text)
	case strings.EqualFold(t.text, "not"):
		if err := p.next(); err != nil {
			return nil, err
		}
		x, err := p.expr(precNot)
		return Not{x}, err
	}
	return p.named()
}

// list reads the literals after "in".
func (p *parser) list(x Expr) (Expr, error) {
	if err := p.expect("(", "'('"); err != nil {
		return nil, err
	}
	in := In{X: x}
	for {
		if p.tok.kind != tokLiteral {
			return nil, p.syntax(p.tok.pos)
		}
		if err := p.grow(); err != nil {
			return nil, err
		}
		in.List = append(in.List, p.tok.lit)
		if err := p.next(); err != nil {
			return nil, err
		}
		more, err := p.accept(",")
		if err != nil {
			return nil, err
		}
		if !more {
			return in, p.expect(")", "')' or ','")
		}
	}
}

// named reads a function call or a path, which may end in a lambda.
func (p *parser) named() (Expr, error) {
	first := p.tok
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.mark("(") {
		return p.call(first)
	}
	path := Property{first.text}
	for {
		more, err := p.accept("/")
		if err != nil || !more {
			return path, err
		}
		seg := p.tok
		if seg.kind != tokName {
			return nil, p.syntax(seg.pos)
		}
		if err := p.next(); err != nil {
			return nil, err
		}
		if p.mark("(") {
			return p.lambda(path, seg)
		}
		path = append(path, seg.text)
	}
}

// call reads the arguments of a function.
func (p *parser) call(name token) (Expr, error) {
	c := Call{Func: strings.ToLower(name.text)}
	f, ok := functionNamed(c.Func)
	if !ok {
		return nil, p.errorf(name.pos, "An unknown function with name '%s' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed.", name.text)
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	for !p.mark(")") {
		a, err := p.expr(precOr)
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, a)
		more, err := p.accept(",")
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if p.mark(")") {
			return nil, p.syntax(p.tok.pos)
		}
	}
	if err := p.expect(")", "')' or ','"); err != nil {
		return nil, err
	}
	if len(c.Args) < f.least || len(c.Args) > f.most {
		return nil, p.errorf(name.pos, "No function signature for the function with name '%s' matches the specified arguments.", name.text)
	}
	return c, nil
}

// lambda reads the condition of any or all over source.
func (p *parser) lambda(source Property, name token) (Expr, error) {
	all := strings.EqualFold(name.text, "all")
	if !all && !strings.EqualFold(name.text, "any") {
		return nil, p.syntax(name.pos)
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	l := Lambda{Source: source, All: all}
	if !all && p.mark(")") {
		return l, p.next()
	}
	v := p.tok
	if v.kind != tokName || strings.ContainsAny(v.text, ".$") {
		return nil, p.syntax(v.pos)
	}
	l.Var = v.text
	if err := p.next(); err != nil {
		return nil, err
	}
	if err := p.expect(":", "':'"); err != nil {
		return nil, err
	}
	var err error
	if l.Cond, err = p.expr(precOr); err != nil {
		return nil, err
	}
	return l, p.expect(")", "')' or operator")
}
