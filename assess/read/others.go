package read

import (
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/speech"
)

// rest are the words for all that is not named in the sentence.
func rest() []speech.Words {
	return []speech.Words{
		{"en", `(?:other|remaining) (?:rows?|permissions?|entries|ones|scopes|lines|items)|(?:the|all) others|the rest|everything else|all else`},
		{"de", `(?:alle |die )(?:anderen|übrigen|restlichen)|alles andere|der rest`}, {"fr", `(?:tous |toutes )?les autres|le reste`}, {"es", `l[oa]s (?:demás|otr[oa]s)|el resto`},
		{"da", `(?:de|alle) (?:andre|øvrige)|resten`}, {"sv", `(?:de|alla) (?:andra|övriga)|resten`}, {"no", `(?:de|alle) (?:andre|øvrige)|resten`}, {"nl", `(?:de|alle) (?:andere|overige)|de rest`},
		{"it", `(?:gli|le|tutti gli|tutte le) altr[ie]|il resto`}, {"pt", `[oa]s (?:outr[oa]s|demais|restantes)|o resto`}, {"pl", `pozostałe`},
	}
}

var restOf = sync.OnceValue(func() *find.Pattern { return speech.Pattern(rest()) })

// others applies a sentence that tells the scheme of all that it does not name: to what
// the section has named before without a scheme, else to the list or table that follows.
// Where there is neither, it is said that the sentence was not understood.
func (w *walker) others(b *block, words string, from int, all []block, i int) {
	lower := strings.ToLower(words)
	if b.kind == row || b.kind == code || !restOf().In(lower, lower) {
		return
	}
	for _, at := range restOf().All(lower) {
		start, end := sentence(lower, at[0], at[1])
		scheme := schemeOf(lower[at[1]:end])
		if scheme == plan.Unstated || speech.Denies(lower[at[1]:end]) {
			continue
		}
		named := map[string]plan.Scheme{}
		for _, m := range w.plan.Mentions[from:] {
			named[m.Name] = m.Scheme
		}
		follows := b.kind != heading && i+1 < len(all) && (all[i+1].kind == row || all[i+1].kind == item)
		switch {
		case w.tellOthers(named, scheme, from):
		case follows:
			w.rest = &remainder{scheme, named}
		default:
			w.plan.Unplaced = append(w.plan.Unplaced, plan.Unplaced{Line: b.line, Written: plan.Quote(words[min(start, len(words)):min(end, len(words))], 0), Why: "it speaks of other permissions, and none without a scheme stand before it in this section or in a list after it"})
		}
		return
	}
}

// remainder is what was said of all permissions of a section but those named.
type remainder struct {
	scheme plan.Scheme
	named  map[string]plan.Scheme
}

// tellOthers gives what was named before in the section its scheme, and says whether there
// was anything to be told.
func (w *walker) tellOthers(named map[string]plan.Scheme, scheme plan.Scheme, to int) bool {
	told := false
	for i := min(w.since, to); i < to; i++ {
		m := &w.plan.Mentions[i]
		if m.Scheme != plan.Unstated && m.SchemeFrom != "title" && m.SchemeFrom != "description" {
			continue
		}
		own, isNamed := named[m.Name]
		switch {
		case !isNamed:
			m.Scheme, m.SchemeFrom, told = scheme, "sentence", true
		case own != plan.Unstated:
			m.Scheme, m.SchemeFrom = own, "sentence"
		}
	}
	return told
}

// ofRest is the scheme that a sentence before the list gave a name of it.
func (w *walker) ofRest(name string) plan.Scheme {
	if w.rest == nil {
		return plan.Unstated
	}
	if own, named := w.rest.named[name]; named {
		return own
	}
	return w.rest.scheme
}
