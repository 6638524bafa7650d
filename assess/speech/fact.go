package speech

import (
	"regexp"
	"strings"
	"sync"
)

// Fact says whether the sentence around a stretch of a text in lower case denies what stands
// there. Doubtful is a denial under a condition, one that is denied itself, and one of
// something else.
func Fact(lower string, from, to int) Denial {
	before, after := around(lower, from, to)
	after = facts().aside.ReplaceAllString(after, "")
	b := shape(lastTurn(Clause(before)))
	a := shape(after)
	if i := strings.IndexAny(a, "zh,&"); i >= 0 {
		a = a[:i]
	}
	switch {
	case Denied(lower, from, to):
		if doubts(shape(before), b, a) || !signs().forbidden.In(before+after, before+after) && parted(b) {
			return Doubtful
		}
		return DeniesAsking
	case Asking(before, after) == DeniesAsking, replaced(before, after):
		return DeniesAsking
	case signs().aside.In(before, before):
		return NoDenial
	case strings.ContainsAny(b[strings.LastIndexAny(b, ",m")+1:], "nojw"), facts().behind.MatchString(a):
		return Doubtful
	}
	return NoDenial
}

// doubts says whether a denial is under a condition or is denied itself.
func doubts(whole, b, a string) bool {
	return strings.ContainsAny(whole+a, "c") || denials(b+a) > 1
}

// parted says whether a word stands between a denial and what it stands before that could be
// what it denies.
func parted(b string) bool {
	last := strings.LastIndexAny(b, "nojw")
	return last >= 0 && strings.ContainsAny(b[last:], "?e")
}

// factual are the shapes and words of what is said of facts.
type factual struct {
	behind         *regexp.Regexp
	aside          *regexp.Regexp // in brackets
	replaces, gone *regexp.Regexp
}

var facts = sync.OnceValue(func() factual {
	return factual{
		behind:   regexp.MustCompile(`^[lkfm]*[bHul]*[no]`),
		aside:    regexp.MustCompile(`^ ?\([^)]*\)|^\)`),
		replaces: regexp.MustCompile(`\b(?:replac(?:ed|es|ing)|ersetz(?:t|en|te|ten)|remplac[eéo]\w*|erstatte[rdt]*|udskifte[rdt]*)(?: \w+){0,2} $`),
		gone:     regexp.MustCompile(`^\W*(?:\w+ ){0,2}(?:durch|by|par|af|med|with)\b.*\b(?:ersetzt|abgelöst)\b`),
	}
})

// replaced says whether something else was put in the place of what stands between: "we
// replaced it with", "es wurde durch … ersetzt".
func replaced(before, after string) bool {
	return !Any(before) && !Any(after) && (facts().replaces.MatchString(before) || facts().gone.MatchString(after))
}
