package read

import (
	"regexp"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// titled takes an item that is a title of the consent page for the permission, where
// the text around it is about permissions.
func (w *walker) titled(b *block, s string, above scope) int {
	if b.kind == paragraph && !about(above.text) || b.kind == item && !about(above.text) && !about(w.lead.text) {
		return 0
	}
	for _, end := range []string{"", " - ", " – ", " — ", ": ", " (", "\n"} {
		text := s
		if end != "" {
			i := strings.Index(s, end)
			if i < 0 {
				continue
			}
			text = s[:i]
		}
		if len(strings.Fields(text)) < 2 {
			continue
		}
		if t, ok := w.book.titleOf(strings.Trim(text, " \"'.,*")); ok {
			h := hit{guess: guess{t.name, plan.ByTitle, plan.High}, resource: t.resource}
			sc := above
			if len(t.schemes) == 1 && sc.scheme == plan.Unstated {
				sc.scheme, sc.from = t.schemes[0], "title"
			}
			w.mention(h, b.line, sc, above.status, nil)
			return 1
		}
	}
	return 0
}

var quotation = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"([^"\n]{8,90})"`) })

// quoted takes the titles of the consent page that a text about consent quotes.
func (w *walker) quoted(b *block) int {
	s := b.cells[0].String()
	if !strings.Contains(s, "\"") || !about(s) && !about(w.section()) && !about(w.lead.text) {
		return 0
	}
	n := 0
	for _, at := range quotation().FindAllStringSubmatchIndex(s, -1) {
		t, ok := w.book.titleOf(s[at[2]:at[3]])
		if !ok || len(strings.Fields(s[at[2]:at[3]])) < 3 {
			continue
		}
		sc := w.above()
		if len(t.schemes) == 1 && sc.scheme == plan.Unstated {
			sc.scheme, sc.from = t.schemes[0], "title"
		}
		from, to := sentence(s, at[2], at[3])
		one, doubtful := statusIn(s[from:to], span{at[2] - from, at[3] - from, 0, 2 * nowhere, nowhere})
		if one != plan.Asked {
			sc.status = one
		}
		sc.doubtful = sc.doubtful || doubtful
		w.mention(hit{guess: guess{t.name, plan.ByTitle, plan.High}, resource: t.resource}, b.cells[0].line(at[2]), sc, sc.status, nil)
		n++
	}
	return n
}

// about says whether a heading or lead is about permissions.
func about(s string) bool {
	l := strings.ToLower(s)
	for _, w := range []string{"permission", "scope", "consent", "berechtigung", "autorisation", "permiso", "tilladelse", "machtiging", "permess", "autorizzazion", "permiss", "behörighet", "tillatelse", "uprawn", "droits", "rechte", "access right"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}
