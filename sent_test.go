package graphwarden_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// operationsOf reads package flow: its functions that make an operation, and for each
// function that makes a kind or a list of operations those that it names.
func operationsOf(t *testing.T) (made map[string]bool, named map[string][]string) {
	made, named = map[string]bool{}, map[string][]string{}
	for _, f := range sources(t, false) {
		if f.dir != "flow" {
			continue
		}
		for _, d := range parsed(t, f.path).Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Type.Results == nil || len(fn.Type.Results.List) == 0 {
				continue
			}
			if isIdent(fn.Type.Results.List[0].Type, "Operation") {
				made[fn.Name.Name] = true
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if id, ok := call.Fun.(*ast.Ident); ok {
						named[fn.Name.Name] = append(named[fn.Name.Name], id.Name)
					}
				}
				return true
			})
		}
	}
	return made, named
}

func parsed(t *testing.T, path string) *ast.File {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestNoOperationIsDeclaredAndNeverSent holds the operations that the kinds of flows
// declare, from which permissions follow, against those that the program can send: a
// request can only be built from an operation, so one that no package but those that
// declare and judge names is never sent, and asks for a permission that nobody uses.
// It reads the source, and does not say that a test has sent each one.
func TestNoOperationIsDeclaredAndNeverSent(t *testing.T) {
	made, named := operationsOf(t)
	declared := map[string]bool{}
	for from, all := range named {
		for _, op := range all {
			if made[op] && !made[from] {
				declared[op] = true
			}
		}
	}
	sent := map[string]string{}
	for _, f := range sources(t, false) {
		if f.dir == "flow" || f.dir == "policy" || f.dir == "assemble" || f.dir == "cli" || strings.HasPrefix(f.dir, "internal/") {
			continue // they name operations and send none
		}
		ast.Inspect(parsed(t, f.path), func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && isIdent(s.X, "flow") && made[s.Sel.Name] {
				sent[s.Sel.Name] = f.path
			}
			return true
		})
	}
	var idle, undeclared []string
	for op := range declared {
		if sent[op] == "" && ast.IsExported(op) {
			idle = append(idle, op)
		}
	}
	for op, file := range sent {
		if !declared[op] && op != "Asked" && op != "Continued" { // what an app asks for through the proxy, by the kind Through, and what is behind it
			undeclared = append(undeclared, op+" ("+file+")")
		}
	}
	slices.Sort(idle)
	slices.Sort(undeclared)
	if len(idle) > 0 {
		t.Errorf("kinds of flows declare what nothing sends, and permissions follow from it: %v", idle)
	}
	if len(undeclared) > 0 {
		t.Errorf("sent, and no kind of flow declares it: %v", undeclared)
	}
	if len(declared) < 40 || len(sent) < 40 {
		t.Errorf("%d operations declared, %d sent: the reading of the source went blind", len(declared), len(sent))
	}
}
