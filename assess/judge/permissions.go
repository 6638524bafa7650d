package judge

import (
	"fmt"
	"slices"
	"sort"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// judged makes a permission of each mention.
func judged(c *catalog.Catalog, known func() vocabulary, p *plan.Plan, taken SchemeTaken) []Permission {
	var out []Permission
	for _, m := range p.Mentions {
		scheme, from := schemeFor(c, m, taken)
		q := Permission{Lines: []int{m.Line}, Written: m.Written, Name: m.Name, Scheme: scheme, SchemeFrom: from, Resource: resourceName(m.Resource),
			FoundBy: m.FoundBy, Confidence: m.Confidence, Status: m.Status, use: m.Use, row: m.Row}
		q.Class, q.Rule, q.Why = classify(m.Name, scheme)
		if m.FoundBy == plan.ByFamily {
			q.relatives(c, m, scheme)
		} else {
			q.facts(c, m.Resource, scheme)
		}
		if !taken.Stated && from != "stated" {
			q.other(c, m)
		}
		q.ownClass(m.Section)
		q.compareStated(c, known, m)
		out = append(out, q)
	}
	return merged(out)
}

// facts are what the catalogue knows of a permission.
func (q *Permission) facts(c *catalog.Catalog, resource string, scheme plan.Scheme) {
	p, ok := permissionOf(c, resource, q.Name)
	if !ok {
		return
	}
	info, ok := p.In(scheme.Catalog())
	if !ok {
		q.Disagreements = append(q.Disagreements, Disagreement{[]string{"name", "scheme"}, "does not exist in this scheme", fmt.Sprintf("there is no %s permission %s", scheme, q.Name)})
		return
	}
	if p.ResourceAppID == catalog.MicrosoftGraph && !p.ResourceSpecific && info.ID == "" && info.Title == "" {
		q.Disagreements = append(q.Disagreements, Disagreement{[]string{"name", "scheme"}, "does not exist in this scheme", fmt.Sprintf("Microsoft's table speaks of the %s permission %s and publishes neither an id nor a title of it: nobody can be granted it", scheme, q.Name)})
	}
	q.ID, q.Level = info.ID, info.Level
	if !info.Unpublished {
		consent := info.AdminConsent
		q.AdminConsent = &consent
	}
	if p.ResourceAppID == catalog.MicrosoftGraph {
		q.Opens = opens(c, p.Name, scheme)
	}
}

// other is the class in the scheme that the plan does not exclude.
func (q *Permission) other(c *catalog.Catalog, m plan.Mention) {
	scheme := plan.Application
	if q.Scheme == plan.Application {
		scheme = plan.Delegated
	}
	o := Other{Scheme: scheme}
	if p, ok := permissionOf(c, m.Resource, m.Name); ok {
		_, o.Exists = p.In(scheme.Catalog())
	}
	if o.Exists {
		o.Class, o.Rule, _ = classify(m.Name, scheme)
	}
	q.OtherScheme = &o
}

// relatives are the permissions that fit a pattern and exist in the scheme; the
// worst gives the class.
func (q *Permission) relatives(c *catalog.Catalog, m plan.Mention, scheme plan.Scheme) {
	q.Class = ""
	for _, name := range m.Family {
		p, ok := permissionOf(c, m.Resource, name)
		info, exists := p.In(scheme.Catalog())
		if !ok || !exists || info.ID == "" {
			continue
		}
		class, rule, why := classify(name, scheme)
		q.Family = append(q.Family, Relative{name, info.ID, class, rule})
		if class.Rank() > q.Class.Rank() {
			q.Class, q.Rule, q.Why = class, rule, why
		}
		q.Level = max(q.Level, info.Level)
		consent := info.AdminConsent || q.AdminConsent != nil && *q.AdminConsent
		q.AdminConsent = &consent
	}
	if q.Class == "" {
		q.Class, q.Rule, q.Why = classify(m.Name, scheme)
	}
}

// disagreesToo adds the disagreements of another mention that are new.
func (q *Permission) disagreesToo(more []Disagreement) {
	for _, d := range more {
		if !slices.ContainsFunc(q.Disagreements, func(o Disagreement) bool { return o.Kind == d.Kind && o.Why == d.Why }) {
			q.Disagreements = append(q.Disagreements, d)
		}
	}
}

// merged joins the mentions of one permission that say the same, line by line: what
// is said a second time is kept only where it is said in another row, so that it can
// be called redundant.
func merged(all []Permission) []Permission {
	var out []Permission
	at := map[string]int{}
	for _, q := range all {
		key := q.Name + "\x00" + string(q.Scheme) + "\x00" + q.Resource + "\x00" + string(q.Status)
		i, again := at[key]
		if again && q.row == nil && out[i].row == nil {
			out[i].Lines = append(out[i].Lines, q.Lines...)
			out[i].disagreesToo(q.Disagreements)
			if out[i].use == "" {
				out[i].use = q.use
			}
			continue
		}
		if !again {
			at[key] = len(out)
		}
		out = append(out, q)
	}
	return out
}

// Schemes are those in which permissions are asked for, the delegated first; where none
// is, the one that is taken.
func (a *Assessment) Schemes() []plan.Scheme {
	var out []plan.Scheme
	for _, s := range []plan.Scheme{plan.Delegated, plan.Application} {
		if slices.ContainsFunc(a.Permissions, func(q Permission) bool { return q.asked() && q.Scheme == s }) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		out = append(out, a.Scheme.Taken)
	}
	return out
}

// asked says whether a permission is to be granted.
func (q *Permission) asked() bool { return q.Status == plan.Asked }

// first is the first line on which a permission stands.
func (q *Permission) first() int { return q.Lines[0] }

// redundancy notes, for each permission, which other asked ones include it, and the
// first row that asks for the very same. Each pair of names is compared once.
func redundancy(c *catalog.Catalog, all []Permission) {
	type key struct {
		name, resource string
		scheme         plan.Scheme
	}
	keyOf := func(q *Permission) key { return key{q.Name, q.Resource, q.Scheme} }
	firsts := map[key]int{}
	var distinct []int
	for i := range all {
		q := &all[i]
		if _, again := firsts[keyOf(q)]; again || !q.asked() || q.FoundBy == plan.ByFamily {
			continue
		}
		firsts[keyOf(q)] = i
		distinct = append(distinct, i)
	}
	wider := map[key][]string{}
	for _, scheme := range []plan.Scheme{plan.Delegated, plan.Application} {
		var names []string
		for _, i := range distinct {
			if q := &all[i]; q.Scheme == scheme && q.Resource == graphName {
				names = append(names, q.Name)
			}
		}
		for narrow, wide := range c.Coverers(scheme.Catalog(), names) {
			if isIdentity(narrow) && narrow != "User.Read" {
				continue // what signs people in is never covered
			}
			wider[key{narrow, graphName, scheme}] = wide
		}
	}
	for i := range all {
		q := &all[i]
		first, has := firsts[keyOf(q)]
		if !has || !q.asked() {
			continue
		}
		if first != i {
			q.RedundantWith = append(q.RedundantWith, fmt.Sprintf("%s (%d)", q.Name, all[first].first()))
		}
		q.RedundantWith = append(q.RedundantWith, wider[keyOf(q)]...)
	}
}

// includes says whether one permission covers another, and not the other way round
// as well; what signs people in is never covered.
func includes(c *catalog.Catalog, wide, narrow string, scheme plan.Scheme) bool {
	if isIdentity(narrow) && narrow != "User.Read" {
		return false
	}
	s := scheme.Catalog()
	return c.Covers(wide, narrow, s) && !(c.Covers(narrow, wide, s) && narrow < wide)
}

// graphName is what people call Microsoft Graph.
const graphName = "Microsoft Graph"

// resourceName is what people call an API.
func resourceName(id string) string {
	switch id {
	case catalog.MicrosoftGraph, "":
		return graphName
	case catalog.ExchangeOnline:
		return "Office 365 Exchange Online"
	case catalog.SharePointOnline:
		return "Office 365 SharePoint Online"
	}
	return "Azure AD Graph (retired)"
}

// unique sorts lines and drops the repeated.
func unique(lines []int) []int {
	out := slices.Clone(lines)
	sort.Ints(out)
	return slices.Compact(out)
}
