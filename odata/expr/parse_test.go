package expr_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/odata/expr"
)

func TestFiltersHaveOneCanonicalForm(t *testing.T) {
	situations := []struct{ name, text, want string }{
		{"a comparison", "displayName  EQ 'x'", "displayName eq 'x'"},
		{"and binds more strongly than or", "a eq 1 or b eq 2 and c eq 3", "a eq 1 or b eq 2 and c eq 3"},
		{"parentheses that matter stay", "(a eq 1 or b eq 2) and c eq 3", "(a eq 1 or b eq 2) and c eq 3"},
		{"parentheses that do not matter go", "((a eq 1) and (b eq 2))", "a eq 1 and b eq 2"},
		{"not takes only what follows", "not startsWith(a,'b') and not(c eq null)", "not startswith(a,'b') and not (c eq null)"},
		{"not of a comparison without parentheses", "not a eq b", "not a eq b"},
		{"a chain to the right keeps its shape", "a eq (b eq c)", "a eq (b eq c)"},
		{"arithmetic", "(a add 1) mul -2.5 gt b sub (c sub 1)", "(a add 1) mul -2.5 gt b sub (c sub 1)"},
		{"a list", "id in ( 'a' ,'b''c', null)", "id in ('a','b''c',null)"},
		{"any", "assignedLicenses/any(u: u/skuId eq CBDC14AB-d96c-4c30-b9f4-6ada7cdc1d46)", "assignedLicenses/any(u:u/skuId eq CBDC14AB-d96c-4c30-b9f4-6ada7cdc1d46)"},
		{"all, in any", "a/any(x:x/b/all(y:y eq x/c))", "a/any(x:x/b/all(y:y eq x/c))"},
		{"any of anything", "members/any()", "members/any()"},
		{"a count", "members/$count gt 5", "members/$count gt 5"},
		{"a cast", "microsoft.graph.countryNamedLocation/countriesAndRegions/any(c: c eq 'CA')", "microsoft.graph.countryNamedLocation/countriesAndRegions/any(c:c eq 'CA')"},
		{"the document itself", "$it/a eq 1", "$it/a eq 1"},
		{"dates and times", "a ge 2026-11-21T08:00:00.1234567Z and b lt 2026-11-21T08:00+01:00 and c eq 2026-11-21 and d eq 08:00:01.5", "a ge 2026-11-21T08:00:00.1234567Z and b lt 2026-11-21T08:00+01:00 and c eq 2026-11-21 and d eq 08:00:01.5"},
		{"a duration", "a gt Duration'P1DT2H'", "a gt duration'P1DT2H'"},
		{"an enum member", "a has microsoft.graph.x'y,z'", "a has microsoft.graph.x'y,z'"},
		{"constants", "a eq TRUE and b eq False and c eq Null", "a eq true and b eq false and c eq null"},
		{"numbers", "a eq 1e+10 or a eq -0.5 or a eq 9223372036854775807", "a eq 1e+10 or a eq -0.5 or a eq 9223372036854775807"},
		{"functions of functions", "contains(toLower(concat(a,'x')),substring(b,1,2)) and indexof(a,'b') eq 2", "contains(tolower(concat(a,'x')),substring(b,1,2)) and indexof(a,'b') eq 2"},
		{"now", "a lt now()", "a lt now()"},
		{"a truth by itself", "isRead", "isRead"},
		{"an empty string", "a eq ''", "a eq ''"},
		{"everything in a string", `a eq 'x) or (1 eq 1;,&"%20'`, `a eq 'x) or (1 eq 1;,&"%20'`},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			e, err := expr.Parse(s.text)
			if err != nil {
				t.Fatal(err)
			}
			if e.String() != s.want {
				t.Errorf("prints as %s, want %s", e, s.want)
			}
			again, err := expr.Parse(e.String())
			if err != nil || !reflect.DeepEqual(e, again) {
				t.Errorf("%s parses to %#v, %v, want %#v", e, again, err, e)
			}
		})
	}
}

func TestPrecedenceShapesTheTree(t *testing.T) {
	e, err := expr.Parse("not a eq b or c and d")
	if err != nil {
		t.Fatal(err)
	}
	p := func(name string) expr.Property { return expr.Property{name} }
	want := expr.Binary{Op: expr.Or,
		Left:  expr.Binary{Op: expr.Eq, Left: expr.Not{X: p("a")}, Right: p("b")},
		Right: expr.Binary{Op: expr.And, Left: p("c"), Right: p("d")},
	}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("%#v", e)
	}
}

func TestFiltersThatAreRefused(t *testing.T) {
	situations := []struct {
		name, text string
		pos        int
		message    string
	}{
		{"nothing", "", 0, "Expression expected at position 0 in ''."},
		{"a word too many", "a eq 1 b", 7, "Syntax error at position 7 in 'a eq 1 b'."},
		{"an unknown operator", "a eqq 1", 2, "Syntax error at position 2 in 'a eqq 1'."},
		{"no right side", "a eq", 4, "Expression expected at position 4 in 'a eq'."},
		{"an operator first", "eq 1", 0, "Expression expected"},
		{"a string that does not end", "a eq 'b", 7, "There is an unterminated string literal at position 7 in 'a eq 'b'."},
		{"a double-quoted string", `a eq "b"`, 5, `Syntax error: character '"' is not valid at position 5 in 'a eq "b"'.`},
		{"a parenthesis that does not end", "(a eq 1", 7, "')' or operator expected at position 7 in '(a eq 1'."},
		{"a parenthesis that does not open", "a eq 1)", 6, "Syntax error at position 6"},
		{"an unknown function", "frobnicate(a)", 0, "An unknown function with name 'frobnicate' was found."},
		{"too few arguments", "contains(a)", 0, "No function signature for the function with name 'contains' matches the specified arguments."},
		{"too many arguments", "now(1)", 0, "No function signature"},
		{"a comma too many", "contains(a,)", 11, "Syntax error"},
		{"no comma", "contains(a b)", 11, "')' or ',' expected at position 11"},
		{"an empty list", "a in ()", 6, "Syntax error"},
		{"a list of properties", "a in (b)", 6, "Syntax error"},
		{"a list without parentheses", "a in 'b'", 5, "'(' expected at position 5"},
		{"an unknown lambda", "a/some(x:x)", 2, "Syntax error"},
		{"all without a condition", "a/all()", 6, "Syntax error"},
		{"a lambda without a colon", "a/any(x x eq 1)", 8, "':' expected"},
		{"a qualified variable", "a/any(x.y:x.y eq 1)", 6, "Syntax error"},
		{"a path that breaks off", "a/ eq 1", 6, "Syntax error at position 6"},
		{"a path of a number", "a/1 eq 1", 2, "Syntax error"},
		{"a month that is not", "a eq 2026-13-01", 5, "Syntax error at position 5"},
		{"a time without a zone", "a eq 2026-11-21T08:00:00", 5, "Syntax error at position 5"},
		{"an hour that is not", "a eq 25:00", 5, "Syntax error at position 5"},
		{"a literal of an unknown type", "a eq guid'x'", 5, "Syntax error at position 5"},
		{"a duration that is not", "a eq duration'1h'", 5, "Syntax error at position 5"},
		{"a system segment", "a/$ref eq 1", 2, "Syntax error at position 2"},
		{"a parameter", "a eq @p", 5, "character '@' is not valid"},
		{"a name beyond ASCII", "ä eq 1", 0, "character 'ä' is not valid"},
		{"nesting without end", strings.Repeat("(", 100) + "a", 64, "Recursion depth exceeded allowed limit."},
		{"negations without end", strings.Repeat("not ", 100) + "a", 256, "Recursion depth"},
		{"clauses without end", strings.Repeat("a eq 1 or ", 1000) + "a", -1, "The node count limit of '1000' has been exceeded."},
		{"a list without end", "a in (" + strings.Repeat("1,", 2000) + "1)", -1, "The node count limit"},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			e, err := expr.Parse(s.text)
			var syntax *expr.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("Parse = %v, %v, want a *SyntaxError", e, err)
			}
			if !strings.Contains(syntax.Message, s.message) || s.pos >= 0 && syntax.Pos != s.pos || syntax.Param != "$filter" {
				t.Errorf("%s at %d: %s; want at %d: %s", syntax.Param, syntax.Pos, syntax.Message, s.pos, s.message)
			}
		})
	}
}

func TestPropertiesOfAFilter(t *testing.T) {
	e, err := expr.Parse("a eq 1 and x/any(v:v/b eq c and v/d/any(w:w eq v/e) and v/f/any(v:v/g)) or not (h in (1)) or year(i) eq 2026")
	if err != nil {
		t.Fatal(err)
	}
	want := "[a x x/b c x/d x/d x/e x/f x/f/g h i]"
	if got := fmt.Sprint(expr.Properties(e)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestArguments(t *testing.T) {
	args, err := expr.ParseArguments("path", "(a='x''y', b = 5)")
	if err != nil || args.String() != "(a='x''y',b=5)" {
		t.Errorf("%v, %v", args, err)
	}
	if key, err := expr.ParseArguments("path", "('x')"); err != nil || len(key) != 1 || key[0].Name != "" || key[0].Value.Text != "x" {
		t.Errorf("%v, %v", key, err)
	}
	for _, bad := range []string{"", "(", ")", "(a)", "('x',b=1)", "(a=1)x", "a=1", "(a='x)"} {
		if args, err := expr.ParseArguments("path", bad); err == nil {
			t.Errorf("%q is accepted as %v", bad, args)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a eq 'b''c' and not (c/d in (1,null)) or e/any(x:x/f has microsoft.graph.g'h')",
		"contains(tolower(a),'b') and c ge 2026-11-21T08:00:00Z and d eq duration'PT1H' add 5",
		"assignedLicenses/any(u:u/skuId eq cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46)", "members/$count gt -1.5e3", "not not a",
	} {
		f.Add(seed)
	}
	doc := map[string]any{"a": "b", "c": map[string]any{"d": 1.0}, "e": []any{map[string]any{"f": "h"}}}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := expr.Parse(text)
		if err != nil {
			return
		}
		again, err := expr.Parse(e.String())
		if err != nil || !reflect.DeepEqual(e, again) {
			t.Fatalf("%q prints as %s, which parses to %#v, %v", text, e, again, err)
		}
		expr.Properties(e)
		one, errOne := expr.Rules{}.Match(e, doc)
		two, errTwo := expr.Rules{}.Match(again, doc)
		if one != two || (errOne == nil) != (errTwo == nil) {
			t.Fatalf("%s is %v, %v and then %v, %v", e, one, errOne, two, errTwo)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := expr.Parse("startswith(displayName,'A') and accountEnabled eq true or assignedLicenses/any(u:u/skuId eq cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46)"); err != nil {
			b.Fatal(err)
		}
	}
}
