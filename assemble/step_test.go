package assemble_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
)

// TestStepsNamesEveryStep reads the names out of the source: one that is not in
// the list would never be killed at.
func TestStepsNamesEveryStep(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^[a-z]+:[a-z]+$`)
	used := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if f, is := n.(*ast.FuncDecl); is && f.Name.Name == "Steps" {
				return false
			}
			if lit, is := n.(*ast.BasicLit); is && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && name.MatchString(s) {
					used[s] = true
				}
			}
			return true
		})
	}
	listed := slices.Sorted(slices.Values(assemble.Steps()))
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, listed) || len(got) < 30 {
		t.Errorf("the steps in the source are\n%v\nand listed are\n%v", got, listed)
	}
}
