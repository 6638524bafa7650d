package expr

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// function is a built-in function of filters. A null argument makes the result
// null; apply sees none.
type function struct {
	least, most int // arguments
	apply       func(e evaluation, args []any) (any, bool)
}

// functionNamed finds a function by its name in lower case (OData 4.01 Part 2,
// 5.1.1.5 and following, those that Graph documents).
func functionNamed(name string) (function, bool) {
	for _, family := range []func(string) (function, bool){textFunction, numberFunction, timeFunction} {
		if f, ok := family(name); ok {
			return f, true
		}
	}
	return function{}, false
}

func textFunction(name string) (function, bool) {
	switch name {
	case "startswith":
		return textTest(strings.HasPrefix), true
	case "endswith":
		return textTest(strings.HasSuffix), true
	case "contains":
		return textTest(strings.Contains), true
	case "indexof":
		return function{2, 2, indexOf}, true
	case "concat":
		return function{2, 2, concat}, true
	case "substring":
		return function{2, 3, substring}, true
	case "tolower":
		return textMap(strings.ToLower), true
	case "toupper":
		return textMap(strings.ToUpper), true
	case "trim":
		return textMap(strings.TrimSpace), true
	case "length":
		return function{1, 1, length}, true
	}
	return function{}, false
}

func numberFunction(name string) (function, bool) {
	switch name {
	case "floor":
		return numberMap(math.Floor), true
	case "ceiling":
		return numberMap(math.Ceil), true
	case "round":
		return numberMap(math.Round), true
	}
	return function{}, false
}

func timeFunction(name string) (function, bool) {
	switch name {
	case "now":
		return function{0, 0, func(e evaluation, _ []any) (any, bool) { return e.rules.Now, true }}, true
	case "year":
		return timePart(func(t time.Time) any { return t.Year() }), true
	case "month":
		return timePart(func(t time.Time) any { return int(t.Month()) }), true
	case "day":
		return timePart(func(t time.Time) any { return t.Day() }), true
	case "hour":
		return timePart(func(t time.Time) any { return t.Hour() }), true
	case "minute":
		return timePart(func(t time.Time) any { return t.Minute() }), true
	case "second":
		return timePart(func(t time.Time) any { return t.Second() }), true
	case "date":
		return timePart(func(t time.Time) any {
			return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		}), true
	case "time":
		return timePart(func(t time.Time) any { return clockOf(t) }), true
	}
	return function{}, false
}

// call evaluates a function.
func (e evaluation) call(c Call) (any, error) {
	f, ok := functionNamed(c.Func)
	if !ok || len(c.Args) < f.least || len(c.Args) > f.most {
		return nil, &TypeError{"An unknown function with name '" + c.Func + "' was found."}
	}
	args := make([]any, len(c.Args))
	for i, a := range c.Args {
		v, err := e.value(a)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	for _, v := range args {
		if v == nil {
			return nil, nil
		}
	}
	v, ok := f.apply(e, args)
	if !ok {
		return nil, &TypeError{"No function signature for the function with name '" + c.Func + "' matches the specified arguments."}
	}
	return v, nil
}

// texts returns the arguments as strings, folded when the rules fold case.
func (e evaluation) texts(args []any) (x, y string, ok bool) {
	x, ok = args[0].(string)
	y, ok2 := args[1].(string)
	if e.rules.FoldCase {
		x, y = strings.ToLower(x), strings.ToLower(y)
	}
	return x, y, ok && ok2
}

func textTest(test func(s, part string) bool) function {
	return function{2, 2, func(e evaluation, args []any) (any, bool) {
		x, y, ok := e.texts(args)
		return test(x, y), ok
	}}
}

func textMap(f func(string) string) function {
	return function{1, 1, func(_ evaluation, args []any) (any, bool) {
		x, ok := args[0].(string)
		return f(x), ok
	}}
}

func numberMap(f func(float64) float64) function {
	return function{1, 1, func(_ evaluation, args []any) (any, bool) {
		x, ok := number(args[0])
		return f(x), ok
	}}
}

// timePart takes a part of a timestamp in the zone that it is written in.
func timePart(part func(time.Time) any) function {
	return function{1, 1, func(_ evaluation, args []any) (any, bool) {
		t, ok := args[0].(time.Time)
		if s, isText := args[0].(string); isText {
			t, ok = parseInstant(s)
		}
		return part(t), ok
	}}
}

func concat(_ evaluation, args []any) (any, bool) {
	x, ok := args[0].(string)
	y, ok2 := args[1].(string)
	return x + y, ok && ok2
}

func indexOf(e evaluation, args []any) (any, bool) {
	x, y, ok := e.texts(args)
	i := strings.Index(x, y)
	if i > 0 {
		i = utf8.RuneCountInString(x[:i])
	}
	return i, ok
}

func length(_ evaluation, args []any) (any, bool) {
	switch x := args[0].(type) {
	case string:
		return utf8.RuneCountInString(x), true
	case []any:
		return len(x), true
	}
	return nil, false
}

// substring takes a start and perhaps a length, in characters, cut to what is there.
func substring(_ evaluation, args []any) (any, bool) {
	s, ok := args[0].(string)
	runes := []rune(s)
	start, ok2 := number(args[1])
	from := int(min(max(start, 0), float64(len(runes))))
	to := len(runes)
	if len(args) == 3 {
		n, ok3 := number(args[2])
		ok2 = ok2 && ok3
		to = from + int(min(max(n, 0), float64(to-from)))
	}
	return string(runes[from:to]), ok && ok2
}

// arithmetic computes with numbers; null stays null.
func arithmetic(op Op, left, right any) (any, error) {
	if left == nil || right == nil {
		return nil, nil
	}
	x, ok := number(left)
	y, ok2 := number(right)
	if !ok || !ok2 {
		return nil, incompatible(op, left, right)
	}
	switch {
	case op == Add:
		return x + y, nil
	case op == Sub:
		return x - y, nil
	case op == Mul:
		return x * y, nil
	case y == 0:
		return nil, &TypeError{"Division by zero in a filter expression."}
	case op == Div:
		return x / y, nil
	}
	return math.Mod(x, y), nil
}

// hasFlag tells whether a set of flags, which travels as comma-separated
// names, contains all those of right.
func hasFlag(left, right any) (any, error) {
	if left == nil || right == nil {
		return nil, nil
	}
	set, ok := left.(string)
	want, ok2 := right.(symbol)
	if !ok || !ok2 {
		return nil, incompatible(Has, left, right)
	}
	for flag := range strings.SplitSeq(string(want), ",") {
		if !containsFlag(set, strings.TrimSpace(flag)) {
			return false, nil
		}
	}
	return true, nil
}

func containsFlag(set, flag string) bool {
	for name := range strings.SplitSeq(set, ",") {
		if strings.EqualFold(strings.TrimSpace(name), flag) {
			return true
		}
	}
	return false
}
