package graphwarden_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/graphwarden/graphwarden"

// floors is the drawing of the house (ARCHITECTURE.md): the height of each
// package. An import points to a strictly lower height, so neighbours on a floor
// never meet. Tens are floors; what stands between them is a landing, where a
// room that outgrew one package keeps its inner rooms.
var floors = map[string]int{
	".": 0, "docs": 5, // WORDS

	"catalog": 10, "catalog/published": 5, "flow": 10, "odata": 10, "odata/expr": 5, "odata/page": 5, "seal": 10, "faulty": 10, "zone": 9, "duty": 10, "item": 10, "share": 10, "logbook": 10, "redact": 10, "meant": 5, "schema": 10, "strict": 10, "edm": 10, "docs/blueprints": 10, // TOOLS
	"sim/world/state": 10, "sim/world/opath": 10, "sim/world/people": 12,
	"sim/world/recur": 10, "sim/world/ics/rrule": 11, "sim/world/ics": 12,

	"assess/find": 10, "assess/cover": 10, "assess/tongue": 10, "assess/plan": 12, "assess/speech": 12, "assess/read": 14, "assess/judge": 14, "assess/report": 16, "proxy/canon": 14, // ROOMS, inside

	"store": 20, "ledger": 20, "ledger/audit": 10, "outbound": 20, "policy": 20, // WALLS
	"sim/world": 20, "sim/world/outlook": 11, "sim/world/mailbox": 21, "sim/world/mail": 22, "sim/world/upload": 22, "sim/world/calendar": 22,
	"sim/graph/wire": 24, "sim/graph/directory": 26, "sim/graph/calendar": 26, "sim/graph/mail": 26, "sim/graph/notice": 26, "sim/graph/presence": 26,

	"gate":          30, // GATE
	"sim/entra/jwt": 28, "sim/entra/page": 28, "sim/graph": 30, "sim/entra": 30, "sim/exchange": 30, "sim/truth": 30, "sim/weather": 30,

	"graph": 40, "entra": 40, "exchange": 40, "sim": 40, // ROADS

	"connect": 50, "mirror": 50, "notify": 50, "deliver": 50, "watch": 50, "restrict": 50, "grants": 50, "act": 50, "assess": 50, "appkey": 50, "apptoken": 50, "staff": 50, "lookup": 50, "presence": 50, "proxy": 50, // ROOMS

	"api": 60, // DOORMAN

	"assemble": 70, // FRAME
	"demo":     80, // STAGE
	"cli":      90, // DESK

	"cmd/graphwarden": 100, // DOOR
}

// apart are the packages outside the house: generators of facts, run by go
// generate, and what only tests build.
func apart(dir string) bool {
	return strings.Contains(dir, "/internal/") || strings.HasPrefix(dir, "internal/") ||
		strings.HasPrefix(dir, "interop/") || strings.HasPrefix(dir, "tools/")
}

// sourceFile is one Go file of the product.
type sourceFile struct {
	dir, path string
}

// sources lists the product's Go files; tests are listed only when asked for.
func sources(t *testing.T, tests bool) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules" || nested(p)):
			return filepath.SkipDir
		case d.IsDir(), !strings.HasSuffix(p, ".go"), strings.HasSuffix(p, "_test.go") && !tests:
			return nil
		}
		dir := path.Dir(filepath.ToSlash(p))
		if !apart(dir) {
			files = append(files, sourceFile{dir, p})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d source files found: this test looks in the wrong place", len(files))
	}
	return files
}

// nested says whether the folder is a module of its own.
func nested(dir string) bool {
	found, _ := filepath.Glob(filepath.Join(dir, "go.mod"))
	return len(found) > 0
}

func TestFloors(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range sources(t, false) {
		seen[f.dir] = true
		height, ok := floors[f.dir]
		if !ok {
			t.Errorf("%s stands on no floor: draw it in ARCHITECTURE.md and in floors", f.dir)
			continue
		}
		for _, below := range imports(t, f.path) {
			if h, ok := floors[below]; ok && h >= height {
				t.Errorf("%s (height %d) imports %s (height %d): an import points down", f.path, height, below, h)
			}
			if below == "faulty" {
				t.Errorf("%s imports faulty, which is for tests", f.path)
			}
		}
	}
	for dir := range floors {
		if !seen[dir] {
			t.Errorf("the drawing has a room %s that is not there", dir)
		}
	}
}

// TestSimulatorSharesNothingWithItsClients keeps the simulator honest: it would
// inherit a client's misunderstandings.
func TestSimulatorSharesNothingWithItsClients(t *testing.T) {
	shared := map[string]bool{".": true, "catalog": true, "odata": true, "odata/expr": true, "odata/page": true, "zone": true, "edm": true}
	for _, f := range sources(t, false) {
		if f.dir != "sim" && !strings.HasPrefix(f.dir, "sim/") {
			continue
		}
		for _, below := range imports(t, f.path) {
			if _, ours := floors[below]; ours && !shared[below] && below != "sim" && !strings.HasPrefix(below, "sim/") {
				t.Errorf("%s imports %s, which belongs to the gateway", f.path, below)
			}
		}
	}
	for _, f := range sources(t, false) {
		if h := floors[f.dir]; h >= 70 || f.dir == "sim" || strings.HasPrefix(f.dir, "sim/") {
			continue
		}
		for _, below := range imports(t, f.path) {
			if below == "sim" || strings.HasPrefix(below, "sim/") {
				t.Errorf("%s imports %s: the gateway does not know that there is a simulator", f.path, below)
			}
		}
	}
}

// imports gives the house's own packages that a file imports.
func imports(t *testing.T, file string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range tree.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if p == module {
			out = append(out, ".")
		} else if below, ours := strings.CutPrefix(p, module+"/"); ours {
			out = append(out, below)
		}
	}
	return out
}
