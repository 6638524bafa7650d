package kill

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
)

// cutElsewhere are the families of steps that no gateway of the trial comes to, because
// an administrator takes them who watches. A test of their own room cuts each of them
// before and after; names says where it finds all their names.
func cutElsewhere() map[string]struct{ file, test, names string } {
	return map[string]struct{ file, test, names string }{
		"grants:":   {"grants/grants_test.go", "TestSettingGrantsGoesOnAfterACut", "grants/contract.go"},
		"restrict:": {"restrict/restrict_test.go", "TestARunThatIsCutOffIsGoneOnWith", "restrict/contract.go"},
		"rotate:":   {"connect/rotate_test.go", "TestARotationCutAnywhereLeavesACredentialThatWorks", "connect/rotate_test.go"},
	}
}

// TestEveryNamedStepIsCut reads the names of steps out of the product's source. Each is
// either in the list of those that the trial kills at, or of a family whose own test
// cuts it.
func TestEveryNamedStepIsCut(t *testing.T) {
	listed := assemble.Steps()
	for name, where := range namedSteps(t, "../..") {
		if slices.Contains(listed, name) {
			continue
		}
		family, short, _ := strings.Cut(name, ":")
		own, known := cutElsewhere()[family+":"]
		if !known {
			t.Errorf("%s names the step %q, at which nobody kills: put it into assemble.Steps, with a provocation, or cut it in a test of its room", where, name)
			continue
		}
		if !strings.Contains(read(t, own.file), "func "+own.test+"(") {
			t.Errorf("%s lacks the test %s", own.file, own.test)
		}
		if names := read(t, own.names); !strings.Contains(names, `"`+name+`"`) && !strings.Contains(names, `"`+short+`"`) {
			t.Errorf("%s names the step %q, which %s does not know", where, name, own.names)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// namedSteps gives the names of steps in the product's source, and where they stand: each
// text of their form, and what is passed to something called step behind the name of a
// family.
func namedSteps(t *testing.T, root string) map[string]string {
	t.Helper()
	whole, family := regexp.MustCompile(`^[a-z]+:[a-z]+$`), regexp.MustCompile(`^[a-z]+:$`)
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"sim", "interop", "tools", "bench", "internal", "testdata", "catalog", ".git"}, d.Name()) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		families, short := []string{}, []string{}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if s := literal(n); whole.MatchString(s) {
					out[s] = path
				}
			case *ast.CallExpr:
				if f, is := n.Fun.(*ast.SelectorExpr); is && strings.EqualFold(f.Sel.Name, "step") && len(n.Args) > 0 {
					if sum, is := n.Args[0].(*ast.BinaryExpr); is && family.MatchString(literal(sum.X)) {
						families = append(families, literal(sum.X))
					} else if s := literal(n.Args[0]); s != "" && !strings.Contains(s, ":") {
						short = append(short, s)
					}
				}
			}
			return true
		})
		for _, f := range families {
			for _, s := range short {
				out[f+s] = path
			}
		}
		return nil
	})
	if err != nil || len(out) < 60 {
		t.Fatalf("%d steps are named in the source: %v", len(out), err)
	}
	return out
}

// literal gives the text of a literal; "" of anything else.
func literal(e ast.Expr) string {
	lit, is := e.(*ast.BasicLit)
	if !is || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}
