package graphwarden_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rule says what may stand only in some rooms, and is looked for in the syntax
// tree of every file of the product.
type rule struct {
	name  string
	rooms []string // where it may stand; "sim/..." means the room and all below
	found func(f *ast.File) token.Pos
}

var rules = []rule{
	{"SQL text stands only in store, and in the verifier that shares nothing with it", []string{"store", "ledger/audit"}, text(`(?s)^\s*(SELECT .* FROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|CREATE (TABLE|INDEX|TRIGGER)|PRAGMA) ?`)},
	{"page templates stand only in sim (its sign-in page) and in assess (its report)", []string{"sim/...", "assess/report"}, imported("html/template")},
	{"dialling stands only in outbound, in the simulator and in the CLI's and the demo's own clients",
		[]string{"outbound", "sim/...", "cli", "demo"}, selected("net.Dial", "net.Dialer", "tls.Dial", "tls.Dialer", "http.Transport", "http.DefaultClient", "http.Get", "http.Post")},
	{"Entra's error codes stand only in entra, the simulator and their pages", []string{"entra", "sim/..."}, text(`AADSTS\d+`)},
	{"a secret is opened only where a request is written or a sealed value is made (store: to log in to its server; proxy: a link that it sealed; ledger: to sign)", []string{"seal", "entra", "gate", "deliver", "connect", "cli", "store", "proxy", "ledger"}, called("Reveal", "Attach")},
	{"os.Args, os.Getenv and os.Exit stand only in cmd", []string{"cmd/graphwarden"}, selected("os.Args", "os.Getenv", "os.LookupEnv", "os.Exit")},
	{"context.Background stands only in cmd", []string{"cmd/graphwarden"}, selected("context.Background", "context.TODO")},
	{"http.ResponseWriter stands only in faces and receivers", []string{"connect", "notify", "api", "proxy", "sim/...", "demo", "assemble"}, selected("http.ResponseWriter")},
	{"testing is imported only by tests and faulty", []string{"faulty"}, imported("testing")},
	{"there are no init functions", nil, declared("init")},
	{"the table of permissions is handed in, for a newer one may be in force; its own is taken only by who chooses it, by the simulator, and by who reads plans",
		[]string{"catalog", "assemble", "cli", "sim/...", "assess", "assess/read", "internal/..."}, selected("catalog.Load")},
}

func TestRooms(t *testing.T) {
	for _, f := range sources(t, false) {
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, f.path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			if allowed(r.rooms, f.dir) {
				continue
			}
			if at := r.found(tree); at.IsValid() {
				t.Errorf("%s: %s", files.Position(at), r.name)
			}
		}
	}
}

// TestRulesCanFail shows each rule a file that breaks it.
func TestRulesCanFail(t *testing.T) {
	broken := map[string]string{
		rules[0].name:  "package x\nvar q = `SELECT id FROM feeds`",
		rules[1].name:  "package x\nimport _ \"html/template\"",
		rules[2].name:  "package x\nimport \"net\"\nvar d net.Dialer",
		rules[3].name:  "package x\nvar e = \"AADSTS7000215: no\"",
		rules[4].name:  "package x\nfunc f(s S) { s.Reveal(nil) }",
		rules[5].name:  "package x\nimport \"os\"\nvar h = os.Getenv(\"HOME\")",
		rules[6].name:  "package x\nimport \"context\"\nvar c = context.Background()",
		rules[7].name:  "package x\nimport \"net/http\"\nfunc f(http.ResponseWriter) {}",
		rules[8].name:  "package x\nimport _ \"testing\"",
		rules[9].name:  "package x\nfunc init() {}",
		rules[10].name: "package x\nimport \"example.com/catalog\"\nvar t = catalog.Load()",
	}
	for _, r := range rules {
		tree, err := parser.ParseFile(token.NewFileSet(), "x.go", broken[r.name], parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if !r.found(tree).IsValid() {
			t.Errorf("%q finds nothing in a file that breaks it", r.name)
		}
	}
}

func TestFilesStayReadable(t *testing.T) {
	const lines, functionLines = 400, 60
	for _, f := range sources(t, false) {
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, f.path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if n := files.File(tree.Pos()).LineCount(); n > lines {
			t.Errorf("%s has %d lines, more than %d: does it still do one thing?", f.path, n, lines)
		}
		for _, d := range tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := files.Position(fn.End()).Line - files.Position(fn.Pos()).Line + 1; n > functionLines {
				t.Errorf("%s: %s has %d lines, more than %d", files.Position(fn.Pos()), fn.Name.Name, n, functionLines)
			}
		}
	}
}

func TestWhatIsExportedIsDocumented(t *testing.T) {
	for _, f := range sources(t, false) {
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, f.path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if at, name := undocumented(d); name != "" {
				t.Errorf("%s: %s is exported and not documented", files.Position(at), name)
			}
		}
	}
}

func undocumented(d ast.Decl) (token.Pos, string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || exportedReceiver(d.Recv)) {
			return d.Pos(), d.Name.Name
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					return s.Pos(), s.Name.Name
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					return s.Pos(), s.Names[0].Name
				}
			}
		}
	}
	return token.NoPos, ""
}

func exportedReceiver(r *ast.FieldList) bool {
	found := false
	ast.Inspect(r.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !found {
			found = id.IsExported()
			return false
		}
		return true
	})
	return found
}

func allowed(rooms []string, dir string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool {
		whole, below := strings.CutSuffix(room, "/...")
		return dir == whole || below && strings.HasPrefix(dir, whole+"/")
	})
}

// text finds a string literal that matches.
func text(pattern string) func(*ast.File) token.Pos {
	re := regexp.MustCompile(pattern)
	return finder(func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return false
		}
		s, err := strconv.Unquote(lit.Value)
		return err == nil && re.MatchString(s)
	})
}

// selected finds a use of one of the names, "package.Name".
func selected(names ...string) func(*ast.File) token.Pos {
	return finder(func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		x, ok := s.X.(*ast.Ident)
		return ok && slices.Contains(names, x.Name+"."+s.Sel.Name)
	})
}

// called finds a call of a method of one of the names.
func called(methods ...string) func(*ast.File) token.Pos {
	return finder(func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return false
		}
		s, ok := c.Fun.(*ast.SelectorExpr)
		return ok && slices.Contains(methods, s.Sel.Name)
	})
}

// imported finds the import of a package.
func imported(name string) func(*ast.File) token.Pos {
	return finder(func(n ast.Node) bool {
		i, ok := n.(*ast.ImportSpec)
		return ok && i.Path.Value == strconv.Quote(name)
	})
}

// declared finds a function of the name.
func declared(name string) func(*ast.File) token.Pos {
	return finder(func(n ast.Node) bool {
		f, ok := n.(*ast.FuncDecl)
		return ok && f.Recv == nil && f.Name.Name == name
	})
}

func finder(is func(ast.Node) bool) func(*ast.File) token.Pos {
	return func(f *ast.File) token.Pos {
		at := token.NoPos
		ast.Inspect(f, func(n ast.Node) bool {
			if n != nil && !at.IsValid() && is(n) {
				at = n.Pos()
			}
			return !at.IsValid()
		})
		return at
	}
}
