// Package speech tells whether a sentence denies or forbids what it speaks of, in the
// languages in which plans are written. It promises to keep to the clause: what one part
// of a sentence denies says nothing of the next.
package speech

import (
	"regexp"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
)

// near is how many bytes may part a word from what it is about.
const near = 16

// far is how many bytes behind what is spoken of a clause may still deny it.
const far = 60

type cues struct {
	denies, denied, forbidden, nobody, without, nothing, turn, aside, limited, whole, bounded *find.Pattern
}

var signs = sync.OnceValue(func() cues {
	return cues{
		denies: Pattern(denies()), denied: Pattern(denied()), forbidden: Pattern(forbidden()), nobody: Pattern(userless()),
		without: Pattern(without()), nothing: Pattern(append(nothing(), denies()...)), turn: Pattern(turns()),
		aside:   find.Lower(`(?:is|are|be|been) (?:not )?\w+(?:ed|ible|able) (?:with|by|for|in|via|under) (?:the |an? )?$|\bno \w+ (?:(?:is|are) )?(?:\w+ )?(?:with|for|in|under) (?:the |an? )?$`),
		bounded: find.Lower(`場合|なければ|ないと|以外|だけ|のみ|如果|除非|除了|只|إذا|إلا|سوى|если|кроме|только`),
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
	after = ended(after)
	if at := signs().denied.All(after); len(at) > 0 && at[0][0] <= far {
		return true
	}
	at := signs().forbidden.All(after)
	return len(at) > 0 && at[0][0] <= far && !signs().limited.MatchString(after[at[0][1]:])
}

// ended is a text up to the end of its first clause, or to a condition.
func ended(after string) string {
	if i := strings.IndexAny(after, ".;"); i >= 0 && (i+1 == len(after) || after[i+1] == ' ' || after[i] == ';') {
		after = after[:i]
	}
	for _, condition := range []string{" if ", ", unless ", " falls ", " wenn ", " sofern ", " si ", " hvis ", " om ni ", " dersom ", " indien ", " jeśli "} {
		if i := strings.Index(after, condition); i >= 0 {
			after = after[:i]
		}
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

var answering = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:A\d{0,3}|R|Ans|Answer|Antwort|Svar|Réponse|Respuesta|Antwoord)\s?[.:)]\s+`)
})

// SaysNo says whether an answer begins with no.
func SaysNo(answer string) bool {
	answer = answering().ReplaceAllString(strings.TrimSpace(answer), "")
	if label, rest, ok := strings.Cut(answer, ":"); ok && len(label) < 10 && !strings.Contains(label, " ") {
		answer = strings.TrimSpace(rest) // "A: No."
	}
	answer = strings.TrimLeft(answer, "*_\"' ")
	if strings.HasPrefix(answer, "いいえ") || strings.HasPrefix(answer, "لا") {
		return true
	}
	word := strings.ToLower(strings.TrimRight((answer + " ")[:strings.IndexAny(answer+" ", " .,;:!\n|")], " "))
	switch word {
	case "no", "nein", "non", "nej", "nee", "nei", "não", "nie", "ei", "never", "niemals", "jamais", "nunca", "aldrig", "nooit", "mai":
		return true
	}
	return false
}

// TakesBack says whether what stands behind a name's sentence or clause takes the name
// back: "it is no longer used", "remove it".
func TakesBack(after string) bool {
	l := strings.ToLower(after)
	if len(l) > 3*far {
		l = l[:3*far]
	}
	for _, end := range []string{". ", "; ", "? "} {
		if _, next, ok := strings.Cut(l, end); ok && len(l)-len(next) <= far+len(end) && taken(next) {
			return true
		}
	}
	return false
}

// taken says whether a sentence in lower case about what was named before takes it away.
func taken(l string) bool {
	l = strings.TrimLeft(answering().ReplaceAllString(l, ""), " *_")
	if removes().MatchString(l) {
		return true
	}
	at := pronoun().FindStringIndex(l)
	return at != nil && Asking("", sentenceOf(l[at[1]:])) == DeniesAsking
}

// sentenceOf is a text up to the end of its first sentence.
func sentenceOf(l string) string {
	if i := strings.Index(strings.NewReplacer("? ", ". ", "! ", ". ").Replace(l+" "), ". "); i >= 0 {
		return l[:i]
	}
	return l
}

// TakenIn says the same of an answer, one of whose first sentences takes back what its
// question named.
func TakenIn(answer string) bool {
	l := answering().ReplaceAllString(answer, "")
	return taken(strings.ToLower(l)) || TakesBack(l)
}

var pronoun = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:it|they|both|these|this(?: permission)?|es|sie|er|beide|diese|elles?|ils?|celle-ci|den|det|de|ella|ellos?|ellas|este permiso|deze|het|zij|essa|ela|eles?|ono|one)\b`)
})

var removes = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:please |bitte )?(?:(?:remove|revoke|delete|drop) (?:it|them|both|these|this)|entfernen sie (?:sie|es|diese|beide)|fjern (?:den|det|dem)|ta bort (?:den|det|dem)|verwijder (?:deze|het|ze)|(?:supprimez|retirez)-l(?:e|a|es)|(?:elimín|quít)\w+l[oa]s?)\b`)
})

// Depends says whether an answer begins with a condition: "only if you use it".
func Depends(answer string) bool {
	l := strings.ToLower(answering().ReplaceAllString(strings.TrimSpace(answer), ""))
	return depends().MatchString(strings.TrimLeft(l, " *_"))
}

var depends = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:only|optional\w*|nur|kun|endast|bare|alleen|seulement|uniquement|solo|sólo|só|apenas|tylko) ?(?:if|when|for|with|wenn|falls|für|mit|hvis|med|for|om|för|als|met|voor|si|avec|pour|con|para|se|com|per|jeśli|dla|z)?\b`)
})
