package judge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// needs is what the flows come to, against what is asked for.
type needs struct {
	catalog *catalog.Catalog
	tasks   []task
	flows   []Flow
	all     []Permission
	least   []Member
	base    []Member // those that flows need
	exact   bool     // the least set is proven to be that
	shown   []task   // the tasks of all flows, those of declared ones too
}

// compute fills in the least set, what of the plan stays, what is too wide,
// unneeded or missing. What no flow explains stays as asked, but for what leads to
// more privilege or opens a whole service: that needs a flow.
func (n *needs) compute() []Missing {
	for _, scheme := range []plan.Scheme{plan.Delegated, plan.Application} {
		set, exact := chosen(n.catalog, n.tasks, scheme)
		n.exact = n.exact && exact
		for _, name := range set {
			n.member(name, scheme)
		}
	}
	for i := range n.flows {
		f := &n.flows[i]
		for _, name := range f.keep {
			n.member(name, f.scheme)
		}
		f.Needs = n.ofFlow(*f)
	}
	n.base = append(n.base, n.least...)
	n.asAsked()
	n.shown = tasks(n.catalog, n.flows)
	for i := range n.least {
		n.explain(&n.least[i])
	}
	slices.SortStableFunc(n.least, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Scheme, b.Scheme), cmp.Compare(a.Class.Rank(), b.Class.Rank()), strings.Compare(a.Name, b.Name))
	})
	n.reasons()
	for i := range n.all {
		n.judge(&n.all[i])
	}
	return n.missing()
}

// member adds a permission to the least set.
func (n *needs) member(name string, scheme plan.Scheme) *Member {
	for i := range n.least {
		if n.least[i].Name == name && n.least[i].Scheme == scheme {
			return &n.least[i]
		}
	}
	m := Member{Name: name, Scheme: scheme}
	m.Class, m.Rule, _ = classify(name, scheme)
	if p, ok := n.catalog.Permission(name); ok {
		m.Resource = resourceName(p.ResourceAppID)
		if info, ok := p.In(scheme.Catalog()); ok {
			m.ID, m.Level = info.ID, info.Level
			if !info.Unpublished {
				consent := info.AdminConsent
				m.AdminConsent = &consent
			}
		}
	}
	n.least = append(n.least, m)
	return &n.least[len(n.least)-1]
}

// ofFlow are the least permissions of one flow alone.
func (n *needs) ofFlow(f Flow) []string {
	own := slices.DeleteFunc(slices.Clone(n.tasks), func(t task) bool { return t.flow != f.ID })
	out := slices.Clone(f.keep)
	set, _ := chosen(n.catalog, own, f.scheme)
	for _, name := range set {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// asAsked stands for the flow of what none explains.
const asAsked = "as asked"

// asAsked keeps what is asked for and no flow explains.
func (n *needs) asAsked() {
	for i := range n.all {
		q := &n.all[i]
		if !q.asked() || len(q.flows)+len(q.claims) > 0 || q.FoundBy == plan.ByFamily || q.Rule == "P1" || q.Rule == "P2" || len(q.RedundantWith) > 0 || n.covered(q) || n.vague(q) {
			continue
		}
		n.member(q.Name, q.Scheme).Flows = []string{asAsked}
	}
}

// vague says whether a permission reads the whole directory beside narrower ones that
// are asked for, for a use that no flow tells.
func (n *needs) vague(q *Permission) bool {
	return q.Name == "Directory.Read.All" && q.use != "" && slices.ContainsFunc(n.all, func(o Permission) bool {
		return o.asked() && o.Scheme == q.Scheme && (strings.HasPrefix(o.Name, "User.Read") || strings.HasPrefix(o.Name, "Group")) && o.Name != "User.Read"
	})
}

// covered says whether the least set already does what a permission does.
func (n *needs) covered(q *Permission) bool {
	return slices.ContainsFunc(n.base, func(m Member) bool {
		return m.Scheme == q.Scheme && m.Name != q.Name && q.Resource == graphName && includes(n.catalog, m.Name, q.Name, q.Scheme)
	})
}

// explain says for which flows a member is there, those that nothing else of the set
// would serve, and whether the plan has it.
func (n *needs) explain(m *Member) {
	only := n.only(m, n.shown)
	for _, f := range n.flows {
		serves := slices.Contains(f.keep, m.Name) || slices.ContainsFunc(only, func(t task) bool { return t.flow == f.ID })
		if serves && !slices.Contains(m.Flows, f.ID) {
			m.Flows = append(m.Flows, f.ID)
		}
	}
	m.Missing = !slices.ContainsFunc(n.all, func(q Permission) bool { return q.asked() && q.Name == m.Name && q.Scheme == m.Scheme })
}

// judge says of one permission whether it stays, and if not, why.
func (n *needs) judge(q *Permission) {
	q.Keep = (q.asked() || q.Status == plan.Meant) && q.again() == "" && slices.ContainsFunc(n.least, func(m Member) bool { return m.Name == q.Name && m.Scheme == q.Scheme })
	if q.Keep || !q.asked() || q.again() != "" {
		return
	}
	instead, of := n.instead(q), slices.Concat(q.flows, q.claims)
	if len(instead) > 0 && q.Name != "User.Read" {
		switch {
		case n.narrower(q, instead):
		case len(q.flows) == 0:
			q.Unneeded = "it opens nothing of what " + of[0] + " does; that takes " + strings.Join(instead, " and ")
			return
		default:
			q.Unneeded = strings.Join(instead, " and ") + ", needed anyway, " + replaces(instead) + " it"
			return
		}
		q.TooWide = &TooWide{ForFlow: of[0], Narrower: instead, Why: "they open every operation of the flow, and nothing of a worse class"}
		if q.Resource == graphName && q.FoundBy != plan.ByFamily {
			q.Unneeded = strings.Join(instead, " and ") + " " + replaces(instead) + " it"
		}
		return
	}
	for _, m := range n.base {
		if m.Scheme == q.Scheme && q.Resource == graphName && includes(n.catalog, m.Name, q.Name, q.Scheme) {
			q.Unneeded = m.Name + ", which is needed, includes it"
			return
		}
	}
	q.Unneeded = "no flow of the plan needs it"
}

// narrower says whether other permissions open less than one: by class, else by what
// includes what, else by how many operations they open.
func (n *needs) narrower(q *Permission, names []string) bool {
	if strings.Contains(q.Name, "AccessAsUser") || isKey(subjectOf(q.Name, q.Scheme)) {
		return true // as much as the person behind it
	}
	class, operations := Low, 0
	for _, name := range names {
		c, _, _ := classify(name, q.Scheme)
		if c.Rank() > class.Rank() {
			class = c
		}
		operations += opens(n.catalog, name, q.Scheme).Operations
	}
	if class != q.Class {
		return class.Rank() < q.Class.Rank()
	}
	if q.Resource == graphName && !slices.ContainsFunc(names, func(name string) bool { return !includes(n.catalog, q.Name, name, q.Scheme) }) {
		return true // it includes all of them, and more
	}
	return q.Opens.Operations == 0 || operations < q.Opens.Operations
}

func replaces(names []string) string {
	if len(names) > 1 {
		return "replace"
	}
	return "replaces"
}

// again names the row before that asks for the very same.
func (q *Permission) again() string {
	for _, r := range q.RedundantWith {
		if strings.HasPrefix(r, q.Name+" (") {
			return r
		}
	}
	return ""
}

// instead are the permissions that serve the flows of a permission in its place: those
// of the least set that are not wider than it and, where Microsoft's table tells what it
// opens, open of the flows what it does.
func (n *needs) instead(q *Permission) []string {
	var out []string
	for _, f := range n.flows {
		if !slices.Contains(q.flows, f.ID) && (len(q.flows) > 0 || !slices.Contains(q.claims, f.ID)) {
			continue
		}
		for _, name := range n.ofSet(f, q.Scheme) {
			if name != q.Name && !slices.Contains(out, name) && !includes(n.catalog, name, q.Name, q.Scheme) && n.shares(q, name, f) {
				out = append(out, name)
			}
		}
	}
	return out
}

// ofSet are the permissions of the least set that serve a flow: what it needs by itself, or,
// where another flow has something else taken that opens the same, that.
func (n *needs) ofSet(f Flow, scheme plan.Scheme) []string {
	var out []string
	put := func(name string) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, name := range f.Needs {
		if n.has(name, scheme) {
			put(name)
			continue
		}
		own := n.catalog.Grants(scheme.Catalog(), name)
		for _, t := range n.tasks {
			if t.flow != f.ID || !t.known || !t.op.Allowed(t.of(own)) {
				continue
			}
			if i := slices.IndexFunc(n.base, func(m Member) bool {
				return m.Scheme == scheme && t.done(n.catalog.Grants(scheme.Catalog(), m.Name), m.Name)
			}); i >= 0 {
				put(n.base[i].Name)
			}
		}
	}
	return out
}

func (n *needs) has(name string, scheme plan.Scheme) bool {
	return slices.ContainsFunc(n.base, func(m Member) bool { return m.Name == name && m.Scheme == scheme })
}

// shares says whether a permission of the least set opens an operation of a flow that
// another opens as well; true where the table does not tell.
func (n *needs) shares(q *Permission, name string, f Flow) bool {
	if q.Resource != graphName || isWhole(q.Name) || q.FoundBy == plan.ByFamily || !slices.Contains(q.flows, f.ID) {
		return true
	}
	own := n.catalog.Grants(q.Scheme.Catalog(), q.Name)
	return slices.ContainsFunc(n.tasks, func(t task) bool {
		return t.flow == f.ID && (!t.known || t.op.Allowed(own) && slices.ContainsFunc(t.answers, func(a answer) bool {
			return a.name == name || slices.ContainsFunc(a.also, func(g []string) bool { return slices.Contains(g, name) })
		}))
	})
}

// served says whether anything that is asked for is for a flow.
func (n *needs) served(flow string) bool {
	return slices.ContainsFunc(n.all, func(q Permission) bool { return slices.Contains(q.flows, flow) })
}

// missing are the members that the plan does not ask for.
func (n *needs) missing() []Missing {
	var out []Missing
	for _, m := range n.least {
		if !m.Missing {
			continue
		}
		x := Missing{Name: m.Name, Scheme: m.Scheme, ID: m.ID, Why: "the flow needs it and nothing that is asked for is as narrow"}
		for _, f := range n.flows {
			if slices.Contains(m.Flows, f.ID) {
				if x.Flow == "" || !n.served(f.ID) && n.served(x.Flow) {
					x.Flow = f.ID
				}
				x.Lines = unique(append(x.Lines, f.Lines...))
			}
		}
		out = append(out, x)
	}
	return out
}
