package expr

import "strings"

// Expr is a node of a parsed $filter: Literal, Property, Not, Binary, In, Call
// or Lambda. String gives its canonical spelling.
type Expr interface {
	String() string
	precedence() int
}

// Property is the path to a property, segment by segment: id, start/dateTime,
// microsoft.graph.itemAttachment/item, members/$count, or * in a $select.
// Inside a Lambda the first segment may be its variable. Names are kept as
// written; Graph compares them without regard to case.
type Property []string

// Op is a binary operator, spelt as in OData.
type Op string

// The operators that Graph documents, and OData's arithmetic.
const (
	Or  Op = "or"
	And Op = "and"
	Eq  Op = "eq"
	Ne  Op = "ne"
	Gt  Op = "gt"
	Ge  Op = "ge"
	Lt  Op = "lt"
	Le  Op = "le"
	Has Op = "has"
	Add Op = "add"
	Sub Op = "sub"
	Mul Op = "mul"
	Div Op = "div"
	Mod Op = "mod"
)

// Binding strength, weakest first (OData 4.01 Part 2, 5.1.1.17; comparisons
// bind alike, as in Microsoft's library).
const (
	precOr = iota + 1
	precAnd
	precCompare
	precAdd
	precMul
	precNot
	precPrimary
)

// opPrecedence returns 0 for a word that is not a binary operator.
func opPrecedence(op Op) int {
	switch op {
	case Or:
		return precOr
	case And:
		return precAnd
	case Eq, Ne, Gt, Ge, Lt, Le, Has, "in":
		return precCompare
	case Add, Sub:
		return precAdd
	case Mul, Div, Mod:
		return precMul
	}
	return 0
}

// Binary is Left Op Right.
type Binary struct {
	Op          Op
	Left, Right Expr
}

// Not is the negation of X.
type Not struct{ X Expr }

// In holds when X equals one of List.
type In struct {
	X    Expr
	List []Literal
}

// Call is a built-in function, its name in lower case.
type Call struct {
	Func string
	Args []Expr
}

// Lambda holds when any (or All) of the elements of Source meet Cond, in which
// Var stands for the element. A nil Cond asks whether there is any element.
type Lambda struct {
	Source Property
	All    bool
	Var    string
	Cond   Expr
}

func (Literal) precedence() int  { return precPrimary }
func (Property) precedence() int { return precPrimary }
func (Call) precedence() int     { return precPrimary }
func (Lambda) precedence() int   { return precPrimary }
func (Not) precedence() int      { return precNot }
func (In) precedence() int       { return precCompare }
func (b Binary) precedence() int { return opPrecedence(b.Op) }

// String joins the segments with slashes.
func (p Property) String() string { return strings.Join(p, "/") }

// String gives the canonical spelling, with no more parentheses than needed.
func (b Binary) String() string {
	p := b.precedence()
	return within(b.Left, p) + " " + string(b.Op) + " " + within(b.Right, p+1)
}

// String gives the canonical spelling.
func (n Not) String() string { return "not " + within(n.X, precNot) }

// String gives the canonical spelling.
func (in In) String() string {
	items := make([]string, len(in.List))
	for i, l := range in.List {
		items[i] = l.String()
	}
	return within(in.X, precCompare) + " in (" + strings.Join(items, ",") + ")"
}

// String gives the canonical spelling.
func (c Call) String() string {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = a.String()
	}
	return c.Func + "(" + strings.Join(args, ",") + ")"
}

// String gives the canonical spelling.
func (l Lambda) String() string {
	name := "/any("
	if l.All {
		name = "/all("
	}
	if l.Cond == nil {
		return l.Source.String() + name + ")"
	}
	return l.Source.String() + name + l.Var + ":" + l.Cond.String() + ")"
}

// within prints e, in parentheses if it binds less strongly than least.
func within(e Expr, least int) string {
	if e.precedence() < least {
		return "(" + e.String() + ")"
	}
	return e.String()
}

// Properties returns the paths that e reads, in order of appearance, with the
// variables of lambdas replaced by the collections that they range over:
// assignedLicenses/any(l:l/skuId eq …) reads assignedLicenses and
// assignedLicenses/skuId. A variable by itself reads its collection.
func Properties(e Expr) []Property {
	return appendProperties(nil, e, nil)
}

func appendProperties(out []Property, e Expr, vars map[string]Property) []Property {
	switch x := e.(type) {
	case Property:
		return append(out, substitute(x, vars))
	case Not:
		return appendProperties(out, x.X, vars)
	case In:
		return appendProperties(out, x.X, vars)
	case Binary:
		return appendProperties(appendProperties(out, x.Left, vars), x.Right, vars)
	case Call:
		for _, a := range x.Args {
			out = appendProperties(out, a, vars)
		}
	case Lambda:
		source := substitute(x.Source, vars)
		out = append(out, source)
		if x.Cond != nil {
			inner := map[string]Property{x.Var: source}
			for name, p := range vars {
				if name != x.Var {
					inner[name] = p
				}
			}
			return appendProperties(out, x.Cond, inner)
		}
	}
	return out
}

func substitute(p Property, vars map[string]Property) Property {
	source, ok := vars[p[0]]
	if !ok {
		return p
	}
	return append(append(Property(nil), source...), p[1:]...)
}
