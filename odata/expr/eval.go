package expr

import (
	"fmt"
	"strings"
	"time"
)

// Rules say how filters, searches and sort keys are applied to documents: JSON
// objects as encoding/json decodes them, with numbers as float64, json.Number
// or any Go integer. A property that is missing is null. Names are looked up
// exactly first, then without regard to case.
type Rules struct {
	// FoldCase compares strings without regard to case, as Graph's directory does.
	FoldCase bool
	// Now is what the function now() returns.
	Now time.Time
	// IsType tells whether doc is of the qualified type or one derived from it,
	// for casts in paths. Nil compares with the @odata.type of doc.
	IsType func(doc map[string]any, typeName string) bool
}

// Match reports whether doc meets the filter. Null counts as false (OData 4.01
// Part 2, 5.1.1.1). The error is a *TypeError.
func (r Rules) Match(filter Expr, doc map[string]any) (bool, error) {
	v, err := evaluation{rules: r, doc: doc}.value(filter)
	if err != nil {
		return false, err
	}
	return truth(v)
}

// evaluation is one filter meeting one document, or one element of a lambda.
type evaluation struct {
	rules Rules
	doc   map[string]any
	vars  *variable
}

// variable is what a lambda's variable stands for, innermost first.
type variable struct {
	name  string
	value any
	outer *variable
}

// truth turns a value into the outcome of a condition.
func truth(v any) (bool, error) {
	switch x := v.(type) {
	case bool:
		return x, nil
	case nil:
		return false, nil
	}
	return false, &TypeError{"The $filter expression must evaluate to a single boolean value."}
}

func (e evaluation) value(x Expr) (any, error) {
	switch x := x.(type) {
	case Literal:
		return x.value(), nil
	case Property:
		return e.property(x), nil
	case Not:
		v, err := e.value(x.X)
		if b, ok := v.(bool); ok && err == nil {
			return !b, nil
		}
		if v != nil && err == nil {
			err = &TypeError{"A unary operator with an incompatible type was detected. Found operand type '" + typeName(v) + "' for operator kind 'Not'."}
		}
		return nil, err
	case In:
		return e.in(x)
	case Call:
		return e.call(x)
	case Lambda:
		return e.lambda(x)
	case Binary:
		return e.binary(x)
	}
	return nil, &TypeError{fmt.Sprintf("An expression of kind %T cannot be evaluated.", x)}
}

func (e evaluation) binary(x Binary) (any, error) {
	left, err := e.value(x.Left)
	if err != nil {
		return nil, err
	}
	if x.Op == And || x.Op == Or {
		return e.logic(x, left)
	}
	right, err := e.value(x.Right)
	if err != nil {
		return nil, err
	}
	switch x.Op {
	case Add, Sub, Mul, Div, Mod:
		return arithmetic(x.Op, left, right)
	case Has:
		return hasFlag(left, right)
	}
	return e.rules.relate(x.Op, left, right)
}

// logic applies and/or with OData's third value: null and false is false, null
// or true is true, otherwise null stays null (Part 2, 5.1.1.1.7 and 8).
func (e evaluation) logic(x Binary, left any) (any, error) {
	decided := x.Op == Or
	if left == any(decided) {
		return decided, nil
	}
	right, err := e.value(x.Right)
	if err != nil {
		return nil, err
	}
	for _, v := range []any{left, right} {
		if _, ok := v.(bool); !ok && v != nil {
			return nil, incompatible(x.Op, left, right)
		}
	}
	switch {
	case right == any(decided):
		return decided, nil
	case left == nil || right == nil:
		return nil, nil
	}
	return !decided, nil
}

// relate applies a comparison. Null equals null; any other comparison with
// null is false, except ne (Part 2, 5.1.1.1.1 to 6).
func (r Rules) relate(op Op, left, right any) (any, error) {
	if left == nil || right == nil {
		same := left == nil && right == nil
		return op == Eq && same || op == Ne && !same, nil
	}
	c, ok := r.compare(left, right)
	_, isBool := left.(bool)
	if !ok || isBool && op != Eq && op != Ne {
		return nil, incompatible(op, left, right)
	}
	return holds(op, c), nil
}

// holds applies a comparison to the outcome of comparing.
func holds(op Op, c int) bool {
	switch op {
	case Eq:
		return c == 0
	case Ne:
		return c != 0
	case Gt:
		return c > 0
	case Ge:
		return c >= 0
	case Lt:
		return c < 0
	}
	return c <= 0
}

func (e evaluation) in(x In) (any, error) {
	v, err := e.value(x.X)
	if err != nil {
		return nil, err
	}
	for _, l := range x.List {
		same, err := e.rules.relate(Eq, v, l.value())
		if err != nil || same == true {
			return same, err
		}
	}
	return false, nil
}

func (e evaluation) lambda(x Lambda) (any, error) {
	elements, _ := e.property(x.Source).([]any)
	if x.Cond == nil {
		return len(elements) > 0, nil
	}
	for _, element := range elements {
		inner := e
		inner.vars = &variable{x.Var, element, e.vars}
		v, err := inner.value(x.Cond)
		if err != nil {
			return nil, err
		}
		held, err := truth(v)
		if err != nil || held != x.All {
			return held, err
		}
	}
	return x.All, nil
}

// property follows a path; what is not there is nil.
func (e evaluation) property(p Property) any {
	var at any = e.doc
	for v := e.vars; v != nil; v = v.outer {
		if v.name == p[0] {
			at, p = v.value, p[1:]
			break
		}
	}
	for i, name := range p {
		switch x := at.(type) {
		case map[string]any:
			switch {
			case i == 0 && name == "$it":
			case strings.Contains(name, "."):
				if !e.rules.isType(x, name) {
					return nil
				}
			default:
				at = Lookup(x, name)
			}
		case []any:
			if name != "$count" {
				return nil
			}
			at = float64(len(x))
		default:
			return nil
		}
	}
	return at
}

// Lookup finds a member by name: exactly if it can, else without regard to case.
func Lookup(doc map[string]any, name string) any {
	if v, ok := doc[name]; ok {
		return v
	}
	for key, v := range doc {
		if strings.EqualFold(key, name) {
			return v
		}
	}
	return nil
}

func (r Rules) isType(doc map[string]any, name string) bool {
	if r.IsType != nil {
		return r.IsType(doc, name)
	}
	actual, _ := doc["@odata.type"].(string)
	return strings.EqualFold(Unqualified(strings.TrimPrefix(actual, "#")), Unqualified(name))
}

// incompatible words a mismatch as Microsoft's OData library does.
func incompatible(op Op, left, right any) error {
	kinds := map[Op]string{
		Or: "Or", And: "And", Eq: "Equal", Ne: "NotEqual", Gt: "GreaterThan", Ge: "GreaterThanOrEqual",
		Lt: "LessThan", Le: "LessThanOrEqual", Has: "Has", Add: "Add", Sub: "Subtract", Mul: "Multiply", Div: "Divide", Mod: "Modulo",
	}
	return &TypeError{fmt.Sprintf("A binary operator with incompatible types was detected. Found operand types '%s' and '%s' for operator kind '%s'.",
		typeName(left), typeName(right), kinds[op])}
}
