package read

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/speech"
)

// brackets are the lines of code whose brackets are still open, the innermost last.
type brackets struct {
	open   []opened
	scopes map[string]bool // variables that a command is given as scopes
}

type opened struct {
	scheme      plan.Scheme
	conditional bool
}

// maxBrackets bounds how deep code may be nested.
const maxBrackets = 64

// over is what a line of code, and those whose brackets hold it, say of the names in
// it; then the line's own brackets are counted.
func (o *brackets) over(line string, hits []hit, above scope) scope {
	before := strings.ToLower(line)
	if len(hits) > 0 && hits[0].from <= len(before) {
		before = before[:hits[0].from]
	}
	own := codeScheme(before)
	if own == plan.Unstated && o.scopes[assigned(before)] {
		own = plan.Delegated
	}
	conditional := false
	scheme := own
	for i := len(o.open) - 1; i >= 0; i-- {
		conditional = conditional || o.open[i].conditional
		if scheme == plan.Unstated {
			scheme = o.open[i].scheme
		}
	}
	start := strings.TrimSpace(before)
	ifs := strings.HasPrefix(start, "if ") || strings.HasPrefix(start, "if(")
	if scheme != plan.Unstated {
		above.scheme, above.from = scheme, "code"
	}
	if above.status == plan.Negated {
		above.status = plan.Asked // what is run is not what a heading refuses
	}
	if (conditional || ifs) && above.status == plan.Asked {
		above.status = plan.Alternative
	}
	o.count(line, opened{own, ifs && strings.HasSuffix(strings.TrimSpace(line), "{")})
	return above
}

// count opens and closes the brackets of a line.
func (o *brackets) count(line string, as opened) {
	depth := 0
	for _, c := range line {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
	}
	for ; depth < 0 && len(o.open) > 0; depth++ {
		o.open = o.open[:len(o.open)-1]
	}
	for ; depth > 0 && len(o.open) < maxBrackets; depth-- {
		o.open = append(o.open, as)
	}
}

// commentedOut says whether a line of code is a comment that speaks of no asking: what is run
// does not have it.
func commentedOut(line string) bool {
	line = strings.TrimSpace(line)
	return (strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//")) && !speech.Asks(strings.ToLower(line))
}

// codeScheme is the scheme of which the names of variables, commands and properties
// speak; the last of them goes before the others.
func codeScheme(line string) plan.Scheme {
	best, at := plan.Unstated, -1
	for _, c := range []struct {
		word   string
		scheme plan.Scheme
	}{
		{"scope", plan.Delegated}, {"oauth2permission", plan.Delegated}, {"delegated", plan.Delegated}, {"connect-mggraph", plan.Delegated},
		{"approle", plan.Application}, {"app_role", plan.Application}, {"roles", plan.Application}, {"rolename", plan.Application}, {"application permission", plan.Application},
	} {
		if i := strings.LastIndex(line, c.word); i > at {
			best, at = c.scheme, i
		}
	}
	return best
}

// codeLines is how many lines are looked at to tell code from text.
const codeLines = 400

// program says whether lines are code: a script names its interpreter or begins with a
// command, else a good part of them begin or end as only code does.
func program(lines []string) bool {
	if i := slices.IndexFunc(lines, func(l string) bool { return strings.TrimSpace(l) != "" }); i >= 0 && (strings.HasPrefix(lines[i], "#!/") || strings.HasPrefix(lines[i], "az ")) {
		return true
	}
	if commands(lines) {
		return true
	}
	all, signs := 0, 0
	for _, l := range lines[:min(len(lines), codeLines-1)] {
		l = strings.TrimSpace(l)
		if l == "" {
			continue
		}
		all++
		if strings.ContainsRune("{[(;", rune(l[len(l)-1])) && !strings.HasPrefix(l, "-") && !strings.HasPrefix(l, "[") || strings.ContainsRune("}])$", rune(l[0])) {
			signs++
		}
	}
	return signs >= 4 && signs*4 >= all
}

// commands says whether lines are nothing but commands and variables of PowerShell, with
// comments between them.
func commands(lines []string) bool {
	n := 0
	for _, l := range lines {
		switch l = strings.ToLower(strings.TrimSpace(l)); {
		case l == "", strings.ContainsRune("#\"')", rune(l[0])):
		case strings.HasPrefix(l, "$") && strings.Contains(l, "="), strings.HasPrefix(l, "connect-mg"), strings.HasPrefix(l, "import-module"):
			n++
		default:
			return false
		}
	}
	return n > 0
}

// scopesOf are the variables that a command is given as scopes: $wanted in
// "Connect-MgGraph -Scopes $wanted".
func scopesOf(blocks []block) map[string]bool {
	out := map[string]bool{}
	for i := range blocks {
		if blocks[i].kind != code {
			continue
		}
		for _, name := range givenScopes().FindAllStringSubmatch(blocks[i].words(), -1) {
			out[strings.ToLower(name[1])] = true
		}
	}
	return out
}

var givenScopes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)-scopes?[ :=]+@?\(?(\$\w+)`) })

// assigned is the variable that a line gives a value.
func assigned(line string) string {
	name, _, ok := strings.Cut(line, "=")
	if name = strings.TrimSuffix(strings.TrimSpace(name), "+"); !ok || !strings.HasPrefix(name, "$") {
		return ""
	}
	return strings.TrimSpace(name)
}

// readCode takes every line for one of code.
func readCode(lines []string) []block {
	var out []block
	for i, l := range lines {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		b := block{kind: code, line: i + 1, cells: []*text{{}}}
		b.cells[0].add(l, i+1, inCode)
		out = append(out, b)
	}
	return out
}
