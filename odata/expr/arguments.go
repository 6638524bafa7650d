package expr

import (
	"slices"
	"strings"
)

// Arguments is what stands in parentheses after the name of a path segment.
type Arguments []Argument

// Argument is one name=value pair. In a key such as ('x') it stands alone and
// has no name.
type Argument struct {
	Name  string
	Value Literal
}

// ParseArguments reads text from its opening to its closing parenthesis, which
// must be its last character: nothing, one literal, or named literals. The
// error is a *SyntaxError with the given Param.
func ParseArguments(param, text string) (Arguments, error) {
	l, err := newLexer(param, text)
	if err == nil {
		err = l.expect("(", "'('")
	}
	if err != nil {
		return nil, err
	}
	var args Arguments
	for !l.mark(")") {
		if len(args) > 0 {
			if err := l.expect(",", "')' or ','"); err != nil {
				return nil, err
			}
		}
		a, err := args.next(l)
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	if err := l.next(); err != nil {
		return nil, err
	}
	if l.tok.kind != tokEnd {
		return nil, l.syntax(l.tok.pos)
	}
	return args, nil
}

// next reads the argument that follows those in args.
func (args Arguments) next(l *lexer) (Argument, error) {
	t := l.tok
	named := t.kind == tokName && !strings.ContainsAny(t.text, "$.")
	alone := t.kind == tokLiteral && len(args) == 0
	if _, twice := args.Get(t.text); !named && !alone || named && twice {
		return Argument{}, l.syntax(t.pos)
	}
	if err := l.next(); err != nil {
		return Argument{}, err
	}
	if alone {
		if !l.mark(")") {
			return Argument{}, l.syntax(l.tok.pos)
		}
		return Argument{Value: t.lit}, nil
	}
	if err := l.expect("=", "'='"); err != nil {
		return Argument{}, err
	}
	value := l.tok
	if value.kind != tokLiteral {
		return Argument{}, l.syntax(value.pos)
	}
	return Argument{t.text, value.lit}, l.next()
}

// Get returns the argument of that name, compared without regard to case.
func (args Arguments) Get(name string) (Literal, bool) {
	i := slices.IndexFunc(args, func(a Argument) bool { return strings.EqualFold(a.Name, name) })
	if i < 0 {
		return Literal{}, false
	}
	return args[i].Value, true
}

// String gives the canonical spelling, parentheses included.
func (args Arguments) String() string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = a.Value.String()
		if a.Name != "" {
			parts[i] = a.Name + "=" + parts[i]
		}
	}
	return "(" + strings.Join(parts, ",") + ")"
}
