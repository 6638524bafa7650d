package read

import (
	"regexp"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// hit is a permission found in a text.
type hit struct {
	guess
	from, to int // bytes of the text
	written  string
	family   []string
	unknown  bool // it looks like a permission and is none
	own      bool // of the API of whoever wrote the plan
	single   bool // a word of OpenID
	delegate bool // the address says so
	resource string
}

// shapes are the forms in which names stand in a text.
type shapes struct {
	name, url, id, single, spaced, braces, more, optional, alternatives, tail, begun, undotted *regexp.Regexp
}

var forms = sync.OnceValue(func() shapes {
	return shapes{
		name:         regexp.MustCompile(`\*?[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*(?:\.(?:[A-Za-z][A-Za-z0-9_-]*|\*))+|\*(?:\.[A-Za-z]+)+`),
		url:          regexp.MustCompile(`(?i)\b(?:https?://|api://|urn:|spn:)[^\s<>"'` + "`" + `|]+|\b(?:graph\.microsoft\.com|outlook\.office(?:365)?\.com|graph\.windows\.net)/[^\s<>"'` + "`" + `|]+`),
		id:           regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`),
		single:       regexp.MustCompile(`\b(?:openid|profile|email|offline[ -]access|[Oo]pen[Ii][Dd]|(?i:offline[_.]access|full_access_as_app|user_impersonation|access_as_user))\b`),
		spaced:       regexp.MustCompile(`[A-Za-z][A-Za-z0-9-]*(?:\s{0,2}[.-]\s{0,2}[A-Za-z]+){1,3}`),
		braces:       regexp.MustCompile(`[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z]+)*\.[{\[(]\s*[A-Za-z]+(?:\s*[,|/]\s*[A-Za-z]+)+\s*[}\])](?:\.[A-Za-z]+)?`),
		more:         regexp.MustCompile(`(?:^|[\s,/(])\.((?:ReadWrite|ReadBasic|Read|Send|Manage)(?:\.[A-Za-z]+)*)`),
		optional:     regexp.MustCompile(`^[(\[](\.?[A-Za-z]+(?:\.[A-Za-z]+)*)[)\]]((?:\.[A-Za-z]+)*)`),
		alternatives: regexp.MustCompile(`^(?:\s?[/|]\s?\.?[A-Z][A-Za-z]+(?:\.[A-Z][A-Za-z]+)*)+`),
		begun:        regexp.MustCompile(`\b([A-Z][A-Za-z]+)\.{3}`),
		undotted:     regexp.MustCompile(`\b[A-Z][A-Za-z]+(?:[_:-]?(?:ReadWrite|ReadBasic|Read|Send))(?:[_:-]?(?:All|Shared|Selected))?\b`),
		tail:         regexp.MustCompile(`^\s?\.{3}|^\s?\*`),
	}
})

// scan finds every permission in a text, and what looks like one.
func (b *book) scan(t *text) []hit {
	s := t.String()
	taken := make([]bool, len(s))
	var hits []hit
	dots := strings.Contains(s, ".")
	lower := strings.ToLower(s)
	if mayAddress(lower) { // what a form must hold is looked for first: most lines have none
		hits = append(hits, b.addresses(s, taken)...)
	}
	if strings.Count(s, "-") >= 4 {
		hits = append(hits, b.ids(s, taken)...)
	}
	if dots {
		hits = append(hits, b.braced(s, taken)...)
		hits = append(hits, b.dotted(s, taken)...)
		hits = append(hits, b.begun(s, taken)...)
	}
	if strings.Contains(s, "Read") || strings.Contains(s, "Send") {
		hits = append(hits, b.undotted(s, taken)...)
	}
	if dots {
		hits = append(hits, b.broken(s, taken)...)
		hits = append(hits, b.followers(s, taken, hits)...)
	}
	if strings.Contains(s, " ") {
		hits = append(hits, b.spaces(s, taken)...)
	}
	if maySingle(lower) {
		hits = append(hits, singles(t, taken, hits)...)
	}
	return hits
}

// take claims a stretch of the text; it says no where part of it is claimed.
func take(taken []bool, from, to int) bool {
	for i := from; i < to; i++ {
		if taken[i] {
			return false
		}
	}
	for i := from; i < to; i++ {
		taken[i] = true
	}
	return true
}

// ids finds permissions by the ids of requiredResourceAccess.
func (b *book) ids(s string, taken []bool) []hit {
	var hits []hit
	for _, at := range forms().id.FindAllStringIndex(s, -1) {
		id := s[at[0]:at[1]]
		if !take(taken, at[0], at[1]) {
			continue
		}
		if p, scheme, ok := b.catalog.ByID(id); ok {
			h := hit{guess: guess{p.Name, plan.ByID, plan.Certain}, from: at[0], to: at[1], written: id, resource: p.ResourceAppID}
			h.delegate = scheme != plan.Application.Catalog()
			hits = append(hits, h)
		}
	}
	return hits
}

// braced finds Mail.{Read,Send}.
func (b *book) braced(s string, taken []bool) []hit {
	if !strings.Contains(s, ".{") && !strings.Contains(s, ".[") && !strings.Contains(s, ".(") {
		return nil
	}
	var hits []hit
	for _, at := range forms().braces.FindAllStringIndex(s, -1) {
		word := s[at[0]:at[1]]
		open, end := strings.IndexAny(word, "{[("), strings.LastIndexAny(word, "}])")
		var found []hit
		for _, part := range strings.FieldsFunc(word[open+1:end], func(r rune) bool { return strings.ContainsRune(",|/ ", r) }) {
			if n, ok := b.exact(word[:open] + part + word[end+1:]); ok {
				found = append(found, hit{guess: guess{n, plan.ByName, plan.Certain}, from: at[0], to: at[1], written: word})
			}
		}
		if len(found) > 0 && take(taken, at[0], at[1]) {
			hits = append(hits, found...)
		}
	}
	return hits
}

// dotted finds names of several parts, with their ranges and patterns.
func (b *book) dotted(s string, taken []bool) []hit {
	var hits []hit
	for _, at := range within(forms().name, s) {
		from, to := at[0], at[1]
		if !free(s, from, to) || !take(taken, from, to) {
			continue
		}
		word := strings.TrimRight(s[from:to], "-_")
		found, length := b.word(word, head(s[to:], 200))
		if found == nil {
			for i := from; i < to; i++ {
				taken[i] = false
			}
			continue
		}
		for i := to; i < min(len(s), to+length); i++ {
			taken[i] = true
		}
		for i := range found {
			found[i].from, found[i].to = from, to+length
			if found[i].written == "" {
				found[i].written = s[from : to+length]
			}
		}
		hits = append(hits, found...)
	}
	return hits
}

// within gives where a form of names is found. It is looked for only in stretches of the
// characters that names are made of, with a dot inside.
func within(form *regexp.Regexp, s string) [][]int {
	var out [][]int
	for from := 0; from < len(s); {
		to, dotted := from, false
		for to < len(s) && partOfName(s[to]) {
			dotted = dotted || s[to] == '.' && to+1 < len(s) && (isLetter(s[to+1]) || s[to+1] == '*')
			to++
		}
		if dotted {
			for _, at := range form.FindAllStringIndex(s[from:to], -1) {
				out = append(out, []int{from + at[0], from + at[1]})
			}
		}
		from = to + 1
	}
	return out
}

func partOfName(c byte) bool {
	return isLetter(c) || c >= '0' && c <= '9' || c == '.' || c == '*' || c == '_' || c == '-'
}

// free says whether a word stands for itself: not in an address of mail, not in a
// call, not in a path of files.
func free(s string, from, to int) bool {
	if from > 0 && strings.ContainsRune("@$#%_\\", rune(s[from-1])) || from > 1 && s[from-2:from] == "::" {
		return false
	}
	if to < len(s) && (s[to] == '@' || s[to] == '\\' || s[to] == '=' || strings.HasPrefix(s[to:], "()")) {
		return false
	}
	return true
}

// word resolves one word and what follows it. It gives nothing for a word that has
// nothing of a permission.
func (b *book) word(word, after string) (found []hit, length int) {
	if strings.Contains(word, "*") {
		return b.pattern(word, word), 0
	}
	for _, prefix := range []string{"microsoft.graph.", "graph.", "msgraph.", "microsoftgraph."} {
		if strings.HasPrefix(strings.ToLower(word), prefix) {
			if n, ok := b.exact(word[len(prefix):]); ok {
				return []hit{{guess: guess{n, plan.ByName, plan.Certain}, written: word[len(prefix):]}}, 0
			}
		}
	}
	if found, length = b.ranged(word, after); found != nil {
		return found, length
	}
	if at := forms().tail.FindString(after); at != "" && strings.Contains(at, ".") {
		if _, ok := b.exact(word); !ok {
			if hits := b.pattern(word+".*", word+at); hits != nil {
				return hits, len(at)
			}
		}
	}
	g, ok := b.resolve(word)
	if !ok {
		g, ok = b.resolve(strings.TrimRight(word, "0123456789")) // a footnote's mark
		if ok && g.how == plan.ByMisspelling {
			ok = false
		}
	}
	if ok {
		found = []hit{{guess: g, written: word}}
		if strings.HasPrefix(after, "*") {
			found = append(found, hit{written: word + "*", unknown: true})
		}
		return found, 0
	}
	if looksLike(word) && !called(after) {
		return []hit{{written: word, unknown: true}}, 0
	}
	return nil, 0
}

// called says whether what follows a word makes a call of it: Client.Mail.Read(app).
func called(after string) bool {
	inside, ok := strings.CutPrefix(after, "(")
	return ok && typeOf(inside) == plan.Unstated && schemeOf(head(inside, 40)) == plan.Unstated
}

// begun finds "Bookings... permissions": the reader is told to take what fits.
func (b *book) begun(s string, taken []bool) []hit {
	if !strings.Contains(s, "...") {
		return nil
	}
	var hits []hit
	for _, at := range forms().begun.FindAllStringSubmatchIndex(s, -1) {
		word := s[at[2]:at[3]]
		if _, ok := b.families[strings.ToLower(word)]; !ok || !about(s) {
			continue
		}
		found := b.pattern(word+"*", s[at[0]:at[1]])
		if found != nil && take(taken, at[0], at[1]) {
			found[0].name, found[0].from, found[0].to = word+".*", at[0], at[1]
			hits = append(hits, found...)
		}
	}
	return hits
}

// undotted finds names whose dots are missing or other signs: MailRead, User_Read_All.
func (b *book) undotted(s string, taken []bool) []hit {
	if !open(s, taken, "Read") && !open(s, taken, "Send") {
		return nil
	}
	var hits []hit
	for _, at := range forms().undotted.FindAllStringIndex(s, -1) {
		word := s[at[0]:at[1]]
		names := b.squashed[squash(word)]
		if len(names) != 1 || !strings.Contains(names[0], ".") || !free(s, at[0], at[1]) || declares(s[max(0, at[0]-20):at[0]]) || !take(taken, at[0], at[1]) {
			continue
		}
		hits = append(hits, hit{guess: guess{names[0], plan.ByMisspelling, plan.High}, from: at[0], to: at[1], written: word})
	}
	return hits
}

// open says whether a word stands anywhere that is not claimed.
func open(s string, taken []bool, word string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return false
		}
		if !taken[from+i] {
			return true
		}
		from += i + len(word)
	}
}

// declares says whether a text ends in a word of code that introduces a name of its own.
func declares(before string) bool {
	switch last(strings.Fields(before)) {
	case "class", "interface", "struct", "enum", "type", "func", "function", "def", "new", "import", "using", "namespace", "package", "void":
		return true
	}
	return false
}

func last(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// looksLike says whether somebody would take an unknown word for a permission.
func looksLike(word string) bool {
	parts := strings.Split(word, ".")
	if len(parts) < 2 || len(parts) > 4 || !upper(parts[0]) {
		return false
	}
	for _, p := range parts[1:] {
		switch p {
		case "Read", "ReadWrite", "ReadBasic", "Send", "Manage", "All", "Write", "Selected", "FullControl":
			return true
		}
	}
	return false
}

func upper(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }

// pattern resolves a name with a star.
func (b *book) pattern(word, written string) []hit {
	l := strings.ToLower(word)
	before, after, _ := strings.Cut(l, "*")
	if strings.Count(l, "*") > 1 || len(before)+len(after) < 4 {
		return nil
	}
	var fit []string
	for p := range b.catalog.Permissions() {
		n := strings.ToLower(p.Name)
		if len(n) > len(before)+len(after) && strings.HasPrefix(n, before) && strings.HasSuffix(n, after) && usable(p) && p.ResourceAppID != "" {
			fit = append(fit, p.Name)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return []hit{{guess: guess{word, plan.ByFamily, plan.High}, written: written, family: fit}}
}
