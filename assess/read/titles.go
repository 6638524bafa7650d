package read

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// titled is a permission that the consent page calls by a title.
type titled struct {
	name, resource string
	schemes        []plan.Scheme // those in which it has the title
	forUser        bool          // it is the title that users are shown
}

// titlesOf collects the consent page's titles, each with all whose it is.
func titlesOf(c *catalog.Catalog) map[string][]titled {
	out := map[string][]titled{}
	for p := range c.Permissions() {
		for _, scheme := range []plan.Scheme{plan.Delegated, plan.Application} {
			info, ok := p.In(scheme.Catalog())
			if !ok {
				continue
			}
			addTitle(out, info.Title, p, scheme, false)
			addTitle(out, info.UserTitle, p, scheme, true)
		}
	}
	if p, ok := c.Permission("offline_access"); ok {
		addTitle(out, "Access your data anytime", p, plan.Delegated, true) // before 2018
	}
	return out
}

func addTitle(to map[string][]titled, title string, p catalog.Permission, scheme plan.Scheme, forUser bool) {
	key := titleKey(title)
	if key == "" {
		return
	}
	for i, have := range to[key] {
		if have.name == p.Name && have.resource == p.ResourceAppID {
			if !slices.Contains(have.schemes, scheme) {
				to[key][i].schemes = append(have.schemes, scheme)
			}
			return
		}
	}
	to[key] = append(to[key], titled{p.Name, p.ResourceAppID, []plan.Scheme{scheme}, forUser})
}

// unquoted takes apostrophes and marks of quotation away.
var unquoted = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("'s", "s", "s'", "s", "'", "", "\"", "")
})

// titleKey is a title without what people change when they copy it.
func titleKey(title string) string {
	l := strings.ToLower(unquoted().Replace(plain(title)))
	var words []string
	for _, w := range strings.FieldsFunc(l, func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' && r < 0x80 }) {
		switch w {
		case "the", "a", "an", "it":
		default:
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// titleBegun is the one permission whose title goes on as a text of four words and more
// begins: older titles were shorter.
func (b *book) titleBegun(s string) (titled, bool) {
	key := titleKey(s)
	if len(s) > 160 || strings.Count(key, " ") < 3 {
		return titled{}, false
	}
	var is titled
	for longer, list := range b.titles {
		if !strings.HasPrefix(longer, key+" ") {
			continue
		}
		for _, t := range list {
			if is.name != "" && is.name != t.name {
				return titled{}, false
			}
			is = titled{name: t.name, resource: t.resource} // in which scheme, it does not tell
		}
	}
	return is, is.name != ""
}

// titleOf finds whose title a text is. Of several that share one, the one that can
// be asked for by users and programs goes before others.
func (b *book) titleOf(s string) (titled, bool) {
	if len(s) > 160 {
		return titled{}, false
	}
	list := b.titles[titleKey(s)]
	if len(list) == 0 {
		return titled{}, false
	}
	best := list[0]
	for _, t := range list[1:] {
		if t.resource == catalog.MicrosoftGraph && (best.resource != catalog.MicrosoftGraph || len(t.name) < len(best.name)) {
			best = t
		}
	}
	return best, true
}

// titleScheme is the scheme in which alone a permission has a title. That of all mailboxes
// is an application's, whosever it is.
func (b *book) titleScheme(name, title string) plan.Scheme {
	key := titleKey(title)
	for _, t := range b.titles[key] {
		if t.name == name {
			if len(t.schemes) == 1 {
				return t.schemes[0]
			}
			return plan.Unstated
		}
	}
	if strings.Contains(key, "all mailboxes") {
		return plan.Application
	}
	return plan.Unstated
}

var inQuotes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"([^"\n]{5,120})"`) })

// titleBehind notes the consent page's title that follows a name in prose: the whole of
// what follows up to the end of its clause, or words in marks of quotation.
func (b *book) titleBehind(m *plan.Mention, after string) {
	if m == nil || m.Name == "" {
		return
	}
	after = head(after, wayBehind)
	if i := strings.IndexByte(after, '\n'); i >= 0 {
		after = after[:i]
	}
	for _, q := range inQuotes().FindAllStringSubmatch(after, 3) {
		if t, ok := b.titleOf(q[1]); ok {
			b.titled(m, q[1], t.name)
			return
		}
		m.Title = q[1]
	}
	const around = "-:–—|(),;. \"'`"
	rest := strings.TrimLeft(after, around)
	if kind, more, ok := strings.Cut(rest, ")"); ok && len(kind) < 30 && typeOf(kind) != plan.Unstated || ok && schemeOf(kind) != plan.Unstated {
		rest = more // "(delegated): "
	}
	rest = strings.Trim(rest, around)
	for _, end := range []string{".", ";", " – ", " - ", " (", ","} {
		if t, ok := b.titleOf(rest); ok && strings.Contains(rest, " ") {
			b.titled(m, rest, t.name)
			return
		}
		rest, _, _ = strings.Cut(rest, end)
	}
}

// titled notes a title beside a mention; where the permission shares it, it is its own.
func (b *book) titled(m *plan.Mention, title, of string) {
	m.Title, m.TitleOf, m.TitleScheme = title, of, b.titleScheme(m.Name, title)
	for _, t := range b.titles[titleKey(title)] {
		if t.name == m.Name {
			m.TitleOf = m.Name
		}
	}
}

// described are the descriptions of scopes that the table does not have, by words
// that stand in no other description (Microsoft's page on scopes of OpenID).
func described(s string) (string, bool) {
	l := strings.ToLower(plain(s))
	switch {
	case strings.Contains(l, "primary email address"):
		return "email", true
	case strings.Contains(l, "basic profile (name, picture, user name)"):
		return "profile", true
	case strings.Contains(l, "in the form of the sub claim"):
		return "openid", true
	}
	return "", false
}

// describedScheme is the scheme whose descriptions carry certain words.
func describedScheme(s string) plan.Scheme {
	l := strings.ToLower(plain(s))
	switch {
	case strings.Contains(l, "without a signed-in user"):
		return plan.Application
	case strings.Contains(l, "on behalf of the signed-in user"), strings.Contains(l, "signed-in user's"),
		strings.Contains(l, "as the signed in user"), strings.Contains(l, "profile of signed-in users"):
		return plan.Delegated
	}
	return plan.Unstated
}
