package read

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// book is the catalogue as a reader of plans needs it: by what people write.
type book struct {
	catalog  *catalog.Catalog
	squashed map[string][]string    // letters alone, in lower case: the names
	near     map[beginning][]string // those with a dot, in lower case
	proper   map[string]string
	titles   map[string][]titled
	families map[string][]string
}

// beginning is how long a name is and with what it begins: one that is near to another
// begins alike.
type beginning struct {
	length int
	letter byte
}

// kept is the last book that was made: a program reads by one catalogue.
var kept atomic.Pointer[book]

// bookOf is the book of a catalogue.
func bookOf(c *catalog.Catalog) *book {
	b := kept.Load()
	if b == nil || b.catalog != c {
		b = newBook(c)
		kept.Store(b)
	}
	return b
}

func newBook(c *catalog.Catalog) *book {
	b := &book{catalog: c, squashed: map[string][]string{}, near: map[beginning][]string{}, proper: map[string]string{}, families: map[string][]string{}}
	for p := range b.catalog.Permissions() {
		l := strings.ToLower(p.Name)
		if _, twice := b.proper[l]; twice || !usable(p) && !granted(p) {
			continue
		}
		b.proper[l] = p.Name
		if !usable(p) {
			continue // it is meant by its own name alone
		}
		b.squashed[squash(l)] = append(b.squashed[squash(l)], p.Name)
		if key := (beginning{len(l), l[0]}); strings.Contains(l, ".") {
			b.near[key] = append(b.near[key], l)
		}
		family, _, _ := strings.Cut(l, ".")
		b.families[family] = append(b.families[family], p.Name)
	}
	b.titles = titlesOf(b.catalog)
	return b
}

// usable says whether somebody could mean the permission: what nobody can be
// granted is still a name, what stands in the provisioning list alone and hidden is
// none that a vendor would write.
func usable(p catalog.Permission) bool {
	for s := range catalog.Schemes() {
		if info, ok := p.In(s); ok && (info.Level > 0 || info.Title != "" || !info.Hidden && info.Enabled) {
			return true
		}
	}
	return p.ResourceSpecific
}

// granted says whether a permission of the provisioning list can be granted, hidden as it is.
func granted(p catalog.Permission) bool {
	for s := range catalog.Schemes() {
		if info, ok := p.In(s); ok && info.ID != "" && info.Enabled && strings.Contains(p.Name, ".") {
			return true
		}
	}
	return false
}

// squash keeps letters and digits.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// exact finds a name as Microsoft spells it, whatever the case.
func (b *book) exact(s string) (string, bool) {
	n, ok := b.proper[strings.ToLower(s)]
	return n, ok
}

// guess is a name that was meant, and how sure that is.
type guess struct {
	name string
	how  plan.Found
	sure plan.Confidence
}

// resolve finds the name that a word means: the very name, one that differs in
// separators, or one that is misspelt and near to nothing else.
func (b *book) resolve(word string) (guess, bool) {
	if n, ok := b.exact(word); ok {
		return guess{n, plan.ByName, plan.Certain}, true
	}
	if foreign(word) {
		return guess{}, false
	}
	if names := b.squashed[squash(word)]; len(names) == 1 && strings.Contains(names[0], ".") {
		return guess{names[0], plan.ByMisspelling, plan.High}, true
	}
	if !shaped(word) {
		return guess{}, false
	}
	for _, other := range synonyms(word) {
		if n, ok := b.exact(other); ok {
			return guess{n, plan.ByMisspelling, plan.High}, true
		}
		if names := b.squashed[squash(other)]; len(names) == 1 {
			return guess{names[0], plan.ByMisspelling, plan.High}, true
		}
	}
	return b.nearest(word)
}

// synonyms are the ways in which people bend a name: in its first word, and by an
// All too much or too few.
func synonyms(word string) []string {
	family, rest, ok := strings.Cut(word, ".")
	if !ok {
		return nil
	}
	families := []string{family}
	l := strings.ToLower(family)
	if to, ok := bent()[l]; ok {
		families = append(families, to)
	}
	if strings.HasSuffix(l, "s") {
		families = append(families, family[:len(family)-1])
	} else {
		families = append(families, family+"s")
	}
	var out []string
	for _, f := range families {
		out = append(out, f+"."+rest)
	}
	for _, f := range families {
		r := bothActions().Replace(rest)
		out = append(out, f+"."+r, f+"."+r+".All", f+"."+strings.TrimSuffix(r, ".All"))
	}
	return out
}

// bothActions writes reading and writing as Microsoft does.
var bothActions = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("Read.Write", "ReadWrite", "WriteRead", "ReadWrite", "ReadAndWrite", "ReadWrite", "Read-Write", "ReadWrite", "Read_Write", "ReadWrite")
})

// bent are first words that people write for Microsoft's.
func bent() map[string]string {
	return map[string]string{
		"email": "Mail", "emails": "Mail", "e-mail": "Mail", "mails": "Mail", "mailbox": "Mail",
		"calender": "Calendars", "calenders": "Calendars", "calandar": "Calendars", "calandars": "Calendars",
		"auditlogs": "AuditLog", "directories": "Directory", "policies": "Policy", "people": "People",
		"organisation": "Organization", "organisations": "Organization",
	}
}

// nearest finds the one name that few letters part from the word.
func (b *book) nearest(word string) (guess, bool) {
	l := strings.ToLower(word)
	limit := 1
	if len(l) >= 12 {
		limit = 2
	}
	best, nearest, twice := "", limit+1, false
	for n := len(l) - limit; n <= len(l)+limit; n++ {
		for _, name := range b.near[beginning{n, l[0]}] {
			if !sameParts(l, name) {
				continue
			}
			switch d := distance(l, name, nearest); {
			case d < nearest:
				best, nearest, twice = name, d, false
			case d == nearest && d <= limit:
				twice = true
			}
		}
	}
	if best == "" || twice {
		return guess{}, false
	}
	sure := plan.High
	if nearest > 1 {
		sure = plan.Low // two letters may be another word
	}
	return guess{b.proper[best], plan.ByMisspelling, sure}, true
}

// sameParts says whether two names have as many parts, and each part is near its
// counterpart: two letters are too many in a short word, which is then another word
// (Contract is not Contacts).
func sameParts(a, b string) bool {
	if strings.Count(a, ".") != strings.Count(b, ".") || a[0] != b[0] {
		return false
	}
	for more := true; more; {
		var x, y string
		x, a, more = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		limit := 1
		if len(x) >= 9 {
			limit = 2
		}
		if len(x)-len(y) > limit || len(y)-len(x) > limit || x != y && distance(x, y, limit) > limit {
			return false
		}
	}
	return true
}

// distance is how many letters are wrong, missing, too much or swapped, as far as
// it matters: more than most counts as most+1.
func distance(a, b string, most int) int {
	var room [3][64]int // of nearly every name
	before, last, row := room[0][:], room[1][:], room[2][:]
	if len(b) >= len(room[0]) {
		before, last, row = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	}
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		low := row[0]
		for j := range len(b) {
			same := 1
			if a[i] == b[j] {
				same = 0
			}
			row[j+1] = min(last[j]+same, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			low = min(low, row[j+1])
		}
		if low > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// shaped says whether a word has the shape of a permission's name: parts that
// begin with a letter, one of them an action of Microsoft's or near to one. What
// ends as a file or a host is none.
func shaped(word string) bool {
	parts := strings.FieldsFunc(word, func(r rune) bool { return r == '.' || r == '_' || r == '-' || r == ':' || r == ' ' })
	if len(parts) < 2 || len(parts) > 5 {
		return len(parts) == 1 && camel(word)
	}
	if slices.Contains(endings(), strings.ToLower(parts[len(parts)-1])) {
		return false
	}
	for _, p := range parts[1:] {
		if action(p) {
			return true
		}
	}
	return false
}

// camel says whether a single word holds a name whose dots are missing.
func camel(word string) bool {
	for _, a := range []string{"ReadWrite", "Read", "Send"} {
		if i := strings.Index(word, a); i > 2 {
			return true
		}
	}
	return false
}

// action says whether a part is what a permission does, give or take a letter.
func action(part string) bool {
	l := strings.ToLower(part)
	for _, a := range []string{"read", "readwrite", "readbasic", "send", "manage", "write", "create", "selected", "fullcontrol", "accessasuser", "invite", "readall"} {
		if distance(l, a, 2) <= 1+len(a)/9 {
			return true
		}
	}
	return false
}

// endings are the last parts of files and hosts.
var endings = sync.OnceValue(func() []string {
	return strings.Fields("pdf png jpg jpeg gif svg webp cs ts js json html htm md txt xml yaml yml csv xlsx docx pptx ps1 psm1 py go java php rb sh exe dll zip log com net org io de dk se no fr nl es it eu uk app ru ch at be local cloud dev")
})
