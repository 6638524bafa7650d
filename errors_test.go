package graphwarden_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// codeForm is what a refusal's code looks like: who refuses, and what is wrong.
var codeForm = regexp.MustCompile(`^(act|api|appkey|assess|catalog|cli|config|connect|deliver|demo|entra|exchange|gate|grant|graph|ledger|mirror|notify|outbound|policy|presence|proxy|restrict|seal|staff|storage|store)\.[a-z][a-z0-9_]*$`)

// noticeForm is what the code of a notice or of a doctor's check looks like;
// docs/operations.md explains those.
var noticeForm = regexp.MustCompile(`^(notice|doctor)\.[a-z][a-z0-9_]*$`)

// TestEveryCodeIsExplained holds the codes in the source against docs/errors.md:
// each has one line there, and each line has a code.
func TestEveryCodeIsExplained(t *testing.T) {
	used := codesInSource(t)
	explained := map[string]int{}
	doc, err := os.ReadFile("docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z0-9_.]+)` \\| ([^|]+) \\| ([^|]+) \\|$")
	for _, m := range row.FindAllStringSubmatch(string(doc), -1) {
		explained[m[1]]++
	}
	if rows := strings.Count(string(doc), "\n| `"); rows != len(explained) {
		t.Errorf("docs/errors.md has %d lines that begin with a code, and %d that read as code, meaning and remedy, each once", rows, len(explained))
	}
	for _, code := range slices.Sorted(maps.Keys(used)) {
		if explained[code] == 0 {
			t.Errorf("%s: %s is not explained in docs/errors.md", used[code], code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(explained)) {
		if _, there := used[code]; !there {
			t.Errorf("docs/errors.md explains %s, which nothing refuses with", code)
		}
	}
}

// codesInSource finds the codes outside of the simulator, whose errors are
// Microsoft's, and where each stands.
func codesInSource(t *testing.T) map[string]token.Position {
	t.Helper()
	codes := map[string]token.Position{}
	for _, f := range sources(t, false) {
		if f.dir == "sim" || strings.HasPrefix(f.dir, "sim/") {
			continue
		}
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, f.path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if text, ok := literal(n); ok && codeForm.MatchString(text) {
				codes[text] = files.Position(n.Pos())
			}
			if field, ok := n.(*ast.KeyValueExpr); ok && isIdent(field.Key, "Code") {
				if text, ok := literal(field.Value); ok && !codeForm.MatchString(text) && !noticeForm.MatchString(text) {
					t.Errorf("%s: the code %q has no known form", files.Position(n.Pos()), text)
				}
			}
			return true
		})
	}
	return codes
}

func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}
