package speech

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// Denial is what a sentence does with the asking for what it names.
type Denial int

// What a sentence can do. Doubtful is one that denies, of which it cannot be told that it is
// the asking that it denies: whoever judges takes the name for asked.
const (
	NoDenial Denial = iota
	DeniesAsking
	Doubtful
)

// Asking says whether a sentence in lower case denies the asking for the name between
// before and after. It is a denial only if every word from what denies to the name, and on
// to the end of the clause, is known: the verb is one of asking, granting or using, there
// is no other denial, no condition and nothing that restricts it.
func Asking(before, after string) Denial {
	if foreign(before + after) {
		switch {
		case !Denies(before) && !DeniedBehind(after):
			return NoDenial
		case signs().bounded.In(before+after, before+after):
			return Doubtful
		}
		return DeniesAsking
	}
	whole := shape(before[strings.LastIndexByte(before, ';')+1:])
	return g().judge(whole, shape(lastTurn(Clause(before))), shape(after))
}

// judge gives what the shapes of a sentence, of the clause before a name and of what stands
// behind it come to.
func (g grammar) judge(whole, b, a string) Denial {
	if !strings.ContainsAny(whole+a, "nojwdxyg") {
		return NoDenial
	}
	is := g.deniedBefore(b, a)
	if is == NoDenial {
		is = g.deniedBehind(b, a)
	}
	if is == NoDenial && strings.ContainsAny(whole+untilTurn(a), "nojwdxyg") {
		return Doubtful
	}
	if is == DeniesAsking && strings.ContainsRune(whole, kindIf) {
		return Doubtful
	}
	return is
}

// AskingIn says the same of a heading or of the sentence that leads a list, for what
// follows it.
func AskingIn(lead string) Denial {
	lead = strings.TrimRight(strings.TrimSpace(lead), ":")
	if foreign(lead) {
		return Asking(lead, "")
	}
	if s := shape(lead + ": "); g().judge(s, s, "") != Doubtful {
		return g().judge(s, s, "")
	}
	if s := shape(lead); g().subject.MatchString(s) && g().ends(s[len(g().subject.FindString(s)):]) == DeniesAsking {
		return DeniesAsking // "permissions that we do not use"
	}
	return Doubtful
}

// AsksWhether says whether a question in lower case asks if what it names is asked for, so
// that a no denies it; "does it work without it?" does not.
func AsksWhether(question string) bool {
	if foreign(question) {
		return true
	}
	s := shape(question)
	return strings.ContainsAny(s, "apqsH") && !strings.ContainsAny(s, "nojwdxygec")
}

// AsksWhyNot says whether a question in lower case for a reason says that the name between
// before and after is not asked for, or not enough.
func AsksWhyNot(before, after string) bool {
	if foreign(before+after) || Asking(before, after) == DeniesAsking {
		return Any(before + after)
	}
	s := shape(before + " " + after)
	return denials(s) == 1 && (strings.Contains(s, "E") && !strings.Contains(s, "w") || g().bare.MatchString(shape(before)))
}

// Asks says whether a text in lower case speaks of asking, of permissions, or denies.
func Asks(lower string) bool { return strings.ContainsAny(shape(lower), "apqsknoj") }

// NamesAny says whether a text in lower case has a word beside those that tell of asking.
func NamesAny(lower string) bool { return strings.ContainsRune(shape(lower), kindUnknown) }

// grammar are the shapes of denials, over the letters of the kinds of words: those that end
// at a name, and those that begin behind it.
type grammar struct {
	asks, drops, spares     *regexp.Regexp // we do not ask for; we removed; works without
	none, closed            *regexp.Regexp // no; a predicate that is over before the name
	behind, gone, apart     *regexp.Regexp // is not asked for; was removed; (we use) not
	asking, lacks           *regexp.Regexp // a verb of asking that ends at the name; "is not"
	list, own, passive      *regexp.Regexp
	rest, next, only, again *regexp.Regexp
	subject, bare, please   *regexp.Regexp
}

var g = sync.OnceValue(func() grammar {
	const gap, list = `[lkfm,:&]*$`, `^(?:[lktfm,:&]|jl*m)*`
	of := regexp.MustCompile
	return grammar{
		asks:   of(`n[lkubfH]*[aq][lkfaqn]*?` + gap + `|[aqs][ult]*n[lf]*` + gap + `|[no][l]*[pq]l*` + gap + `|[no][lkbfm]*[pq]l*:` + gap),
		none:   of(`[oj][lkaqfbv]*` + gap + `|(?:^|[,:&])n[lk]*$`),
		drops:  of(`[dxy][lkf]*` + gap),
		spares: of(`^[^nojw]*[raq][^nojw]*w[lk]*` + gap),
		closed: of(`^.*b[lktfbn]*[pqxys][^:]*?[,&]`),
		behind: of(list + `(?:[bH][lktfbH]*[no][lbHktf]*[pqs]|[no][lb]*[pqs]|[no]v[aq]|s[lub]*n|[aq][lk]*ul*n|u[lb]*n[l]*[aq])[lb]*(?:p[lb]*)?`),
		gone:   of(list + `(?:[bH][lktfbH]*[xy]b?|[xyg]b?)`),
		apart:  of(`^n[lb]*`),
		asking: of(`[aq][lkfu]*` + gap),
		lacks:  of(list + `[bH]l*n$`),
		list:   of(list), own: of(`^[l,]*[bs]`), passive: of(list + `(?:[bH][lktfbH]*)?[pqs][lb]*`),
		rest:    of(`^l*(?:[ft]+[lkmftu]+)*`),
		next:    of(`^&l*[bH]|^[,&:](?:l*[pqasnojwcext]|[^z]{0,3}[ce])`),
		only:    of(`^[,&]l*[en]l*m`),
		again:   of(`^&l*(?:[pq]|b*l*n[lb]*[pqs]|b*[xy]b*)`),
		please:  of(`P[^dy]`),
		bare:    of(`^\?n[lf]*$`),
		subject: of(`^[lk?,]*e?u?[lb]*n[lb]*[aqps]`),
	}
})

// deniedBefore says whether what stands before a name denies it.
func (g grammar) deniedBefore(b, a string) Denial {
	if at := g.closed.FindStringIndex(b); at != nil {
		b = b[at[1]-1:]
	}
	behind := g.afterList(a)
	for _, s := range []*regexp.Regexp{g.spares, g.none, g.asks, g.drops} {
		at := s.FindStringIndex(b)
		if at == nil || s != g.none && g.own.MatchString(a) {
			continue
		}
		if s == g.none {
			if m := g.passive.FindString(a); m != "" {
				behind = a[len(m):]
			}
		}
		from := strings.LastIndexByte(b[:at[0]], ',') + 1
		if denials(b) > 1 || strings.ContainsRune(b[from:], kindOnly) || strings.ContainsAny(b, "c") {
			return Doubtful
		}
		return g.ends(behind)
	}
	return NoDenial
}

// afterList is what stands behind a name and those of its list. Names that have a predicate
// of their own are no part of it.
func (g grammar) afterList(a string) string {
	list := g.list.FindString(a)
	behind := a[len(list):]
	if behind == "" {
		return ""
	}
	own := 0
	if !strings.ContainsRune("bspq", rune(behind[0])) {
		own = strings.LastIndexByte(list, kindName) + 1
	}
	if i := strings.IndexAny(list[own:], ",&:"); i >= 0 {
		return a[own+i:]
	}
	return behind
}

// deniedBehind says whether what stands behind a name denies it.
func (g grammar) deniedBehind(b, a string) Denial {
	if strings.ContainsAny(b[strings.LastIndexByte(b, kindName)+1:], "nojwc") {
		return NoDenial
	}
	clause, asked := untilTurn(a), g.asking.MatchString(b)
	for _, s := range []*regexp.Regexp{g.behind, g.gone} {
		if m := s.FindString(a); m != "" && !asked { // "we ask for it, the other is not used"
			return g.ends(a[len(m):])
		}
	}
	if m := g.apart.FindString(a); m != "" && asked {
		return g.ends(a[len(m):])
	}
	if strings.ContainsAny(b, "pq") && g.lacks.MatchString(clause) {
		return DeniesAsking
	}
	return NoDenial
}

// ends says whether a denial is whole with what follows it: nothing but where, since when
// and for which product, and no condition or restriction beside it.
func (g grammar) ends(rest string) Denial {
	for {
		rest = rest[len(g.rest.FindString(rest)):]
		m := g.again.FindString(rest)
		if m == "" {
			break
		}
		rest = rest[len(m):]
	}
	switch {
	case g.please.MatchString(rest):
		return Doubtful
	case rest == "", rest[0] == kindBecause, g.only.MatchString(rest):
		return DeniesAsking
	case rest[0] == kindBut && strings.ContainsRune(rest, kindName):
		return DeniesAsking
	case strings.ContainsRune(",&:", rune(rest[0])) && !g.next.MatchString(rest):
		return DeniesAsking
	}
	return Doubtful
}

// denials counts what denies in a clause; what goes on with a denial is no other.
func denials(b string) int {
	n := 0
	for _, k := range b {
		switch k {
		case kindNot, kindNo, kindWithout, kindDrop, kindDropped, kindRemoved:
			n++
		}
	}
	return n
}

func untilTurn(a string) string {
	if i := strings.IndexAny(a, "zh"); i >= 0 {
		return a[:i]
	}
	return a
}

// lastTurn is what stands behind the last turn of a clause.
func lastTurn(before string) string {
	if at := signs().turn.All(before); len(at) > 0 {
		return before[at[len(at)-1][1]:]
	}
	return before
}

// foreign says whether a text is in a script whose words are not parted, or that the
// grammar has no words of: there the words of denials are whole phrases.
func foreign(s string) bool {
	return !strings.ContainsAny(shape(s), "nojwdxyg") && strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Arabic, unicode.Cyrillic)
	})
}

// shape gives a text in lower case as the letters of the kinds of its words.
func shape(text string) string {
	var out strings.Builder
	french := false
	put := func(word string) {
		word = strings.Trim(word, ".!?")
		kind, known := lexicon()[word]
		if !known {
			word = strings.Trim(word, "'")
			kind, known = lexicon()[word]
		}
		switch {
		case !strings.ContainsFunc(word, func(r rune) bool { return r == '&' || unicode.IsLetter(r) || unicode.IsDigit(r) }):
			return
		case word == "n'" || word == "ne":
			french = true
		case word == "plus" && french:
			kind, known = kindNot, true
		case strings.ContainsAny(word, "._*/") && !strings.HasSuffix(word, "_"), word == "openid":
			kind, known = kindName, true
			if !unicode.IsLetter(rune(word[0])) && word[0] < 0x80 && word[0] != '*' {
				kind = kindNoun // a number
			}
		case !known && word[0] >= '0' && word[0] <= '9':
			kind, known = kindNoun, true
		}
		if !known {
			kind = kindUnknown
		}
		out.WriteByte(kind)
	}
	for _, field := range strings.Fields(parts.Replace(text)) {
		switch field {
		case ",", ":", ";":
			out.WriteByte(map[string]byte{",": ',', ":": ':', ";": kindBecause}[field])
		default:
			put(field)
		}
	}
	return out.String()
}

// parts sets the marks that part a sentence apart from its words, and words that are two.
var parts = strings.NewReplacer(
	", if present", "", " if present", "", ", if any", "", " falls vorhanden", "", " si présente", "", // a condition of the removing alone
	",", " , ", "(", " , ", "[", " , ", ")", " ", "]", " ", ": ", " : ", ";", " ; ", "–", " : ", "—", " : ", " - ", " : ", "\"", " ", "“", " ", "”", " ", "„", " ", "`", " ", "«", " ", "»", " ", "**", " ",
	"’", "'", "n't", " not", "cannot", "can not", "out of scope", "out-of-scope", "take place", "occur", "takes place", "occurs", "findet nicht statt", "gibt nicht", "finden nicht statt", "gibt nicht", "in use", "used", " i nie ", " & nie ", "since version", "from version", "since release", "from release", "since v", "from v", "since 1", "from 1", "since 2", "from 2", "since 3", "from 3", "since 4", "from 4", "since 5", "from 5", "since 6", "from 6", "since 7", "from 7", "since 8", "from 8", "since 9", "from 9", "om ni ", "om-ni ",
	"n'", "n' ", "l'", "l' ", "d'", "d' ", "j'", "j' ", "qu'", "qu' ", "n’", "n' ", "l’", "l' ", "d’", "d' ", "qu’", "qu' ",
)
