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
	words int // of all parts
}

type part struct {
	*regexp.Regexp
	words []word
}

// word is a word that is looked for, and what a sieve must hold of it.
type word struct {
	text string
	bits []uint16
}

// Sieve tells which words a text cannot hold, from the triples of bytes that it holds: a
// word none of whose triples is missing is still to be looked for.
type Sieve [8]uint64

// Sift makes the sieve of a text in lower case.
func Sift(lower string) *Sieve {
	var s Sieve
	if len(lower) < 3 {
		return &s
	}
	h := uint32(lower[0])<<8 | uint32(lower[1])
	for i := 2; i < len(lower); i++ {
		h = h<<8 | uint32(lower[i])
		b := bit(h)
		s[b>>6] |= 1 << (b & 63)
	}
	return &s
}

// bit is the place in a sieve of the last three bytes of h.
func bit(h uint32) uint16 { return uint16(h & 0xFFFFFF * 2654435761 >> 23) }

// holds says whether a text can hold a word at all.
func (s *Sieve) holds(w *word) bool {
	for _, b := range w.bits {
		if s[b>>6]&(1<<(b&63)) == 0 {
			return false
		}
	}
	return true
}

// wordOf keeps the first few triples of a word: more tell little more.
func wordOf(text string) word {
	w := word{text: text}
	for i := 2; i < min(len(text), 7); i++ {
		w.bits = append(w.bits, bit(uint32(text[i-2])<<16|uint32(text[i-1])<<8|uint32(text[i])))
	}
	return w
}

// many is from how many words on a pattern is worth a sieve of its own.
const many = 6

// New compiles a pattern; case is ignored.
func New(s string) *Pattern { return parted(`(?i)` + s) }

// Lower compiles a pattern for texts in lower case.
func Lower(s string) *Pattern { return parted(s) }

func parted(s string) *Pattern {
	tree, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		return &Pattern{parts: []part{{regexp.MustCompile(s), nil}}}
	}
	p := &Pattern{}
	alternatives := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpAlternate {
		alternatives = tree.Sub
	}
	for _, a := range alternatives {
		one := part{Regexp: regexp.MustCompile(a.String())}
		for _, text := range required(a.Simplify()) {
			one.words = append(one.words, wordOf(text))
		}
		p.parts, p.words = append(p.parts, one), p.words+len(one.words)
	}
	return p
}

// MatchString says whether the pattern is found in a text.
func (p *Pattern) MatchString(s string) bool { return p.In(s, strings.ToLower(s)) }

// In says the same where the text is at hand in lower case as well.
func (p *Pattern) In(s, lower string) bool { return p.Sifted(s, lower, p.sieve(lower)) }

// Sifted says the same where the sieve of the text is at hand as well.
func (p *Pattern) Sifted(s, lower string, sieve *Sieve) bool {
	for i := range p.parts {
		if p.parts[i].may(lower, sieve) && p.parts[i].MatchString(s) {
			return true
		}
	}
	return false
}

// sieve is that of a text, where it is worth it.
func (p *Pattern) sieve(lower string) *Sieve {
	if p.words < many {
		return nil
	}
	return Sift(lower)
}

// All gives where the pattern is found in a text in lower case, in the order of the
// text; where alternatives meet, each is given.
func (p *Pattern) All(lower string) [][]int { return p.AllSifted(lower, p.sieve(lower)) }

// AllSifted says the same where the sieve of the text is at hand.
func (p *Pattern) AllSifted(lower string, sieve *Sieve) [][]int {
	var out [][]int
	for i := range p.parts {
		if p.parts[i].may(lower, sieve) {
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

// may says whether a text in lower case can match at all; without a sieve all words are
// looked for.
func (p *part) may(lower string, sieve *Sieve) bool {
	if p.words == nil {
		return true
	}
	for i := range p.words {
		if w := &p.words[i]; (sieve == nil || sieve.holds(w)) && strings.Contains(lower, w.text) {
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
