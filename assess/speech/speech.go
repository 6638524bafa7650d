// Package speech tells whether a sentence denies or forbids what it speaks of, in the
// languages in which plans are written. It promises to keep to the clause: what one part
// of a sentence denies says nothing of the next.
package speech

import (
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
)

// near is how many bytes may part a word from what it is about.
const near = 16

// far is how many bytes behind what is spoken of a clause may still deny it.
const far = 60

type cues struct {
	denies, denied, forbidden, nobody, without, nothing, turn, aside, limited, whole *find.Pattern
}

var signs = sync.OnceValue(func() cues {
	return cues{
		denies: Pattern(denies()), denied: Pattern(denied()), forbidden: Pattern(forbidden()), nobody: Pattern(userless()),
		without: Pattern(without()), nothing: Pattern(append(nothing(), denies()...)), turn: Pattern(turns()),
		aside:   find.Lower(`(?:is|are|be|been) (?:not )?\w+(?:ed|ible|able) (?:with|by|for|in|via|under) (?:the |an? )?$|\bno \w+ (?:(?:is|are) )?(?:\w+ )?(?:with|for|in|under) (?:the |an? )?$`),
		limited: find.Lower(`^ (?:for|with|in combination|when|if|für|mit|bei|pour|avec|para|con|til|med|för|voor|met)\b`),
		whole:   find.Lower(`\b(?:none|neither|nothing) of\b[^:]*$|\bkeiner? (?:der|dieser|von)\b[^:]*$|\b(?:aucune?|ningun[oa]|ninguna|geen|ingen|nessun[oa]|nenhuma?|żadne) (?:de|des|d'|van|af|av|dei|delle|dos|das|z)\b[^:]*$|no longer (?:needs?|uses?|requires?|requests?|asks? for|wants?)\b[^:]*$`),
	}
})

// Any says whether a text in lower case has a word that denies.
func Any(lower string) bool { return signs().denies.In(lower, lower) }

// Denies says whether a clause in lower case denies what follows it; "without a user"
// does not.
func Denies(before string) bool {
	if !Any(before) {
		return false
	}
	for _, at := range signs().nobody.All(before) { // cut out, the rest keeps its places
		before = before[:at[0]] + strings.Repeat(" ", at[1]-at[0]) + before[at[1]:]
	}
	return Any(before)
}

// DeniedBehind says whether what follows a name denies it, up to the end of its clause.
func DeniedBehind(after string) bool {
	at := signs().denied.All(ended(after))
	return len(at) > 0 && at[0][0] <= far
}

// ended is a text up to the end of its first clause.
func ended(after string) string {
	if i := strings.IndexAny(after, ".;"); i >= 0 && (i+1 == len(after) || after[i+1] == ' ' || after[i] == ';') {
		return after[:i]
	}
	return after
}

// Clause is the part of a sentence that still governs its end. A colon ends what stands
// before it, unless that denies all that follows: "none of these: A, B".
func Clause(before string) string {
	if i := strings.LastIndex(before, ": "); i >= 0 && len(strings.Fields(before[:i])) > 3 && !DeniesAll(before[:i]) {
		before = before[i+2:]
	}
	for _, turn := range []string{"; ", " but ", ", instead ", " sondern ", " aber ", " mais ", " sino ", " maar ", " men ", " ale ", " however ", " – ", " — "} {
		if i := strings.LastIndex(before, turn); i >= 0 {
			before = before[i+len(turn):]
		}
	}
	return before
}

// DeniesAll says whether a text in lower case denies the list that follows it.
func DeniesAll(lead string) bool {
	if signs().whole.In(lead, lead) {
		return true
	}
	at := signs().denied.All(lead)
	return len(at) > 0 && len(lead)-at[len(at)-1][1] < near
}

// Demands says whether a sentence tells what cannot be without the name: "it does not
// start without X", "without X nothing works".
func Demands(before, after string) bool {
	at := signs().without.All(before)
	if len(at) == 0 || len(before)-at[len(at)-1][1] > near {
		return false
	}
	rest := before[:at[len(at)-1][0]]
	return signs().nothing.In(rest, rest) || signs().nothing.In(after, after)
}

// Denied says whether the sentence around a stretch of a text in lower case denies or
// forbids what stands there: "we never use it", "it is forbidden". What is denied for
// some only, or beside it, is not: "not supported for guests", "MFA is not possible with
// it".
func Denied(lower string, from, to int) bool {
	before, after := around(lower, from, to)
	before, after = Clause(before), ended(after)
	if at := signs().turn.All(before); len(at) > 0 {
		before = before[at[len(at)-1][1]:]
	}
	if at := signs().turn.All(after); len(at) > 0 {
		after = after[:at[0][0]]
	}
	if Demands(before, after) {
		return false
	}
	if (Denies(before) || signs().forbidden.In(before, before)) && !signs().aside.In(before, before) {
		return true
	}
	for _, p := range []*find.Pattern{signs().denied, signs().forbidden} {
		if at := p.All(after); len(at) > 0 && at[0][0] <= far && !signs().limited.MatchString(after[at[0][1]:]) {
			return true
		}
	}
	return false
}

// around are the parts of a sentence before and behind a stretch; a cell is a sentence.
func around(s string, from, to int) (before, after string) {
	before, after = s[max(0, from-200):from], s[to:min(len(s), to+200)]
	for _, end := range []string{". ", "! ", "? ", "\n", " | ", "。"} {
		if i := strings.LastIndex(before, end); i >= 0 {
			before = before[i+len(end):]
		}
		if i := strings.Index(after, end); i >= 0 {
			after = after[:i]
		}
	}
	return before, after
}
