// Package find looks for patterns in many lines. It promises what the pattern alone
// would answer, and asks it only where one of the words is there that every match
// must hold.
package find

import (
	"cmp"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Pattern is a regular expression in parts, its alternatives, each with the words of
// which every match of it holds one; a part without words is tried everywhere.
type Pattern struct {
	parts []part
}

type part struct {
	*regexp.Regexp
	words []string
}

// New compiles a pattern; case is ignored.
func New(s string) *Pattern { return parted(`(?i)` + s) }

// Lower compiles a pattern for texts in lower case.
func Lower(s string) *Pattern { return parted(s) }

func parted(s string) *Pattern {
	tree, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		return &Pattern{[]part{{regexp.MustCompile(s), nil}}}
	}
	p := &Pattern{}
	alternatives := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpAlternate {
		alternatives = tree.Sub
	}
	for _, a := range alternatives {
		p.parts = append(p.parts, part{regexp.MustCompile(a.String()), required(a.Simplify())})
	}
	return p
}

// MatchString says whether the pattern is found in a text.
func (p *Pattern) MatchString(s string) bool { return p.In(s, strings.ToLower(s)) }

// In says the same where the text is at hand in lower case as well.
func (p *Pattern) In(s, lower string) bool {
	for i := range p.parts {
		if p.parts[i].may(lower) && p.parts[i].MatchString(s) {
			return true
		}
	}
	return false
}

// All gives where the pattern is found in a text in lower case, in the order of the
// text; where alternatives meet, each is given.
func (p *Pattern) All(lower string) [][]int {
	var out [][]int
	for i := range p.parts {
		if p.parts[i].may(lower) {
			out = append(out, p.parts[i].FindAllStringIndex(lower, -1)...)
		}
	}
	slices.SortFunc(out, func(a, b []int) int { return cmp.Or(a[0]-b[0], b[1]-a[1]) })
	return out
}

// Words gives what the first alternative that is found captures; nil without a match.
func (p *Pattern) Words(s string) []string {
	for i := range p.parts {
		if m := p.parts[i].FindStringSubmatch(s); m != nil {
			return m
		}
	}
	return nil
}

// may says whether a text in lower case can match at all.
func (p *part) may(lower string) bool {
	if p.words == nil {
		return true
	}
	for _, w := range p.words {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// required gives words of which every match of a tree holds one; nil where there are
// none to be had.
func required(t *syntax.Regexp) []string {
	switch t.Op {
	case syntax.OpLiteral:
		if len(t.Rune) < 2 {
			return nil
		}
		return []string{strings.ToLower(string(t.Rune))}
	case syntax.OpCapture, syntax.OpPlus:
		return required(t.Sub[0])
	case syntax.OpRepeat:
		if t.Min > 0 {
			return required(t.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range t.Sub {
			if words := required(sub); words != nil && (best == nil || shortest(words) > shortest(best)) {
				best = words
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range t.Sub {
			words := required(sub)
			if words == nil {
				return nil
			}
			all = append(all, words...)
		}
		return all
	}
	return nil
}

func shortest(words []string) int {
	n := len(words[0])
	for _, w := range words {
		n = min(n, len(w))
	}
	return n
}
