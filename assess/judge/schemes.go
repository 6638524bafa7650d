package judge

import (
	"fmt"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// firm says whether a mention's scheme was stated by what surrounds it, and not
// only by Microsoft's description or title that was copied into its row.
func firm(m plan.Mention) bool {
	return m.Scheme != plan.Unstated && m.SchemeFrom != "description" && m.SchemeFrom != "title"
}

// only gives the scheme in which alone a permission exists.
func only(c *catalog.Catalog, resource, name string) (plan.Scheme, bool) {
	p, ok := permissionOf(c, resource, name)
	if !ok {
		return plan.Unstated, false
	}
	_, d := p.In(catalog.DelegatedWork)
	_, a := p.In(catalog.Application)
	switch {
	case d && !a:
		return plan.Delegated, true
	case a && !d:
		return plan.Application, true
	}
	return plan.Unstated, false
}

// permissionOf finds a permission in its resource. The retired Azure AD Graph had
// the names that Microsoft Graph took over.
func permissionOf(c *catalog.Catalog, resource, name string) (catalog.Permission, bool) {
	if p, ok := c.PermissionOf(resource, name); ok {
		return p, true
	}
	return c.Permission(name)
}

var personal = sync.OnceValue(func() *find.Pattern {
	return find.New(`\bPKCE\b|signed-in user|on behalf of|log in with their own|sign(?:s|ed)? in|from a user|authorization code|user consent`)
})

// takeScheme decides on whose behalf the plan's permissions are judged where their
// place does not say it.
func takeScheme(c *catalog.Catalog, p *plan.Plan) SchemeTaken {
	var stated, weak [2]int
	var statedAt, soleAt []int
	var statedFor [2][]int
	index := map[plan.Scheme]int{plan.Delegated: 0, plan.Application: 1}
	for _, m := range p.Mentions {
		if m.Status != plan.Asked && m.Status != plan.Meant {
			continue
		}
		if firm(m) {
			stated[index[m.Scheme]]++
			statedAt = append(statedAt, m.Line)
			statedFor[index[m.Scheme]] = append(statedFor[index[m.Scheme]], m.Line)
			continue
		}
		if s, ok := only(c, m.Resource, m.Name); ok {
			weak[index[s]]++
			soleAt = append(soleAt, m.Line)
		} else if m.Scheme != plan.Unstated {
			weak[index[m.Scheme]]++
		}
		if m.FoundBy == plan.ByURL {
			weak[0]++
		}
	}
	switch {
	case stated[0]+stated[1] > 0:
		taken := plan.Delegated
		if stated[1] > stated[0] {
			taken = plan.Application
		}
		if stated[0] > 0 && stated[1] > 0 {
			return SchemeTaken{true, taken, fmt.Sprintf("each as its line states it: delegated for %s, application for %s; what states nothing, as %s", linesText(statedFor[0]), linesText(statedFor[1]), taken)}
		}
		return SchemeTaken{true, taken, "stated for " + linesText(statedAt)}
	case weak[0] > 0 && weak[0] >= weak[1]:
		return SchemeTaken{false, plan.Delegated, because("names or descriptions that exist for signed-in users", soleAt)}
	case weak[1] > 0:
		return SchemeTaken{false, plan.Application, because("names or descriptions that exist for applications", soleAt)}
	}
	for _, l := range p.Text {
		if l.Has(personal()) {
			return SchemeTaken{false, plan.Delegated, fmt.Sprintf("people sign in (%d)", l.Number)}
		}
	}
	return SchemeTaken{false, plan.Application, "nothing says it; the wider one is assumed"}
}

func because(what string, lines []int) string {
	if len(lines) == 0 {
		return what
	}
	return what + " (" + linesText(lines) + ")"
}

// linesText names lines for people, the first five of them.
func linesText(lines []int) string {
	lines = unique(lines)
	var parts []string
	for i, l := range lines {
		if i == 5 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprint(l))
	}
	word := "line "
	if len(lines) > 1 {
		word = "lines "
	}
	return word + strings.Join(parts, ", ")
}

// schemeFor is the scheme in which a mention is judged, and what says so.
func schemeFor(c *catalog.Catalog, m plan.Mention, taken SchemeTaken) (plan.Scheme, string) {
	sole, alone := only(c, m.Resource, m.Name)
	switch {
	case firm(m) && !alone:
		return m.Scheme, "stated (" + m.SchemeFrom + ")"
	case alone:
		return sole, "name"
	case m.Scheme == taken.Taken:
		return m.Scheme, m.SchemeFrom
	}
	return taken.Taken, "inferred"
}
