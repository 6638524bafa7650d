package judge

import (
	"fmt"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// vocabulary gives the permissions of whose subject a word is, in title or name.
type vocabulary map[string]map[string]bool

// vocabularyOf gathers it the first time that somebody asks.
func vocabularyOf(c *catalog.Catalog) func() vocabulary {
	return sync.OnceValue(func() vocabulary {
		v := vocabulary{}
		for p := range c.Permissions() {
			said := strings.ReplaceAll(p.Name, ".", " ")
			for scheme := range catalog.Schemes() {
				if info, ok := p.In(scheme); ok {
					said += " " + info.Title + " " + info.UserTitle
				}
			}
			for w := range subjects(said) {
				if v[w] == nil {
					v[w] = map[string]bool{}
				}
				v[w][p.Name] = true
			}
		}
		return v
	})
}

// compareStated compares a mention's scheme with the permission's name and with the title
// beside it, and in prose its title with its name.
func (q *Permission) compareStated(c *catalog.Catalog, known func() vocabulary, m plan.Mention) {
	if m.Status != plan.Asked {
		return
	}
	if firm(m) && m.SchemeFrom != "id" {
		if sole, alone := only(c, m.Resource, m.Name); alone && sole != m.Scheme {
			q.add([]string{"name", "scheme"}, "does not exist in this scheme", fmt.Sprintf("%s exists as %s permission only; the text says %s", m.Name, sole, m.Scheme))
		}
		if m.TitleScheme != plan.Unstated && m.TitleScheme != m.Scheme {
			q.add([]string{"title", "scheme"}, "scheme contradicts", fmt.Sprintf("%s: the title is Microsoft's for the %s permission; the text says %s", m.Name, m.TitleScheme, m.Scheme))
		}
	}
	switch {
	case m.Row != nil || m.Title == "":
	case m.TitleOf == "":
		q.compareWords(known, m.Title)
	case m.TitleOf != m.Name:
		q.add([]string{"name", "title"}, "name and title disagree", "the title is that of "+m.TitleOf)
	}
}

// compareWords says so where an English title that is nobody's speaks of what other
// permissions' titles do, and of nothing of which this one's do.
func (q *Permission) compareWords(known func() vocabulary, title string) bool {
	if !beginsAsTitle(title) {
		return false
	}
	elsewhere := ""
	for w := range subjects(title) {
		names := known()[w]
		if names[q.Name] {
			return false
		}
		if len(names) > 0 && (elsewhere == "" || w < elsewhere) {
			elsewhere = w
		}
	}
	if elsewhere == "" {
		return false
	}
	q.add([]string{"name", "title"}, "name and title disagree", fmt.Sprintf("the title speaks of %s, of which none of Microsoft's titles of %s does", elsewhere, q.Name))
	return true
}

// beginsAsTitle says whether a text begins with a verb of Microsoft's titles.
func beginsAsTitle(s string) bool {
	first, _, _ := strings.Cut(strings.ToLower(s), " ")
	switch first {
	case "read", "write", "manage", "send", "access", "reset", "create", "delete", "view", "update", "edit", "export", "import", "invite", "upload", "maintain", "sign", "use", "add":
		return true
	}
	return false
}

// subjects are the words of a title that say what it opens: no verbs, none of what all
// titles have; singular.
func subjects(title string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return r < 'a' || r > 'z' }) {
		w = strings.TrimSuffix(w, "s")
		if len(w) < 4 || strings.Contains(" read write manage send acces reset create delete view update edit export import invite upload maintain sign user your yours their them that this with have from data information item full basic selected permission organization own only other signed organisation everyone people behalf ", " "+w+" ") {
			continue
		}
		out[w] = true
	}
	return out
}
