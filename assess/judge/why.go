package judge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// Alternative is what would serve in a member's place, and why the member was taken.
type Alternative struct {
	Instead []string `json:"instead"`
	Why     string   `json:"why"`
}

// reasons say of every member why it is in the least set, what only it opens there,
// and what would serve in its place.
func (n *needs) reasons() {
	for i := range n.least {
		m := &n.least[i]
		if slices.Equal(m.Flows, []string{asAsked}) {
			m.Why = "no flow of the plan tells what it is for; it stays as asked"
			continue
		}
		only := n.only(m, n.shown)
		for _, t := range only {
			if !slices.Contains(m.Opens, t.operation) {
				m.Opens = append(m.Opens, t.operation)
			}
		}
		m.Why = n.why(m, only)
		if len(only) > 0 && only[0].known {
			m.Alternatives = n.alternatives(m, only)
		}
	}
}

// only are the tasks that the set opens with a member and not without it.
func (n *needs) only(m *Member, all []task) []task {
	rest := n.without(m)
	held := n.catalog.Grants(m.Scheme.Catalog(), rest...)
	with := n.catalog.Grants(m.Scheme.Catalog(), append(slices.Clone(rest), m.Name)...)
	var out []task
	for _, t := range all {
		if t.scheme != m.Scheme || len(t.answers) == 0 {
			continue
		}
		if !t.known {
			if t.answers[0].name == m.Name {
				out = append(out, t)
			}
			continue
		}
		if t.opened(with, append(rest, m.Name)) && !t.opened(held, rest) {
			out = append(out, t)
		}
	}
	return out
}

// opened says whether what is held does a task; outlines do not where the whole is needed.
func (t task) opened(held catalog.Grants, names []string) bool {
	if !t.op.Allowed(t.of(held)) {
		return false
	}
	return !t.whole() || slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(t.answers, func(a answer) bool { return a.name == name })
	})
}

// without are the other members of a member's scheme.
func (n *needs) without(m *Member) []string {
	var out []string
	for _, o := range n.least {
		if o.Scheme == m.Scheme && o.Name != m.Name {
			out = append(out, o.Name)
		}
	}
	return out
}

// why says in words what a member is in the set for.
func (n *needs) why(m *Member, only []task) string {
	switch m.Name {
	case "openid":
		return "it signs people in and says who they are"
	case "profile":
		return "the name of whoever signs in"
	case "email":
		return "the address of whoever signs in"
	case "offline_access":
		return "a refresh token: without it every flow ends with the session"
	}
	if len(only) == 0 {
		for _, f := range n.flows {
			if slices.Contains(m.Flows, f.ID) && len(f.Operations) > 0 {
				return "needed for " + f.ID + ": " + some(f.Operations)
			}
		}
		if len(m.Flows) == 0 {
			return "it is a part of the least set that others leave open"
		}
		return "needed for " + strings.Join(m.Flows, ", ")
	}
	first := only[0]
	out := "only it opens " + first.operation
	if more := len(m.Opens) - 1; more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	for _, t := range only {
		for _, a := range t.answers {
			switch {
			case a.name == m.Name && a.marked && t.known:
				return out + "; Microsoft marks it as the least for " + t.operation
			case slices.ContainsFunc(a.also, func(g []string) bool { return slices.Contains(g, m.Name) }):
				return "needed beside " + a.name + " for " + t.operation
			}
		}
	}
	return out
}

// shown bounds how many alternatives are told of one member.
const shown = 2

// alternatives are single permissions that open what only a member opens, those of its
// family first (the table opens to some of others what their names do not promise),
// then the nearest; and finer ones that do it together.
func (n *needs) alternatives(m *Member, only []task) []Alternative {
	rest := n.without(m)
	var names []string
	for _, a := range only[0].answers {
		if len(a.also) > 0 || a.name == m.Name || slices.Contains(names, a.name) || slices.Contains(rest, a.name) {
			continue
		}
		with := append(slices.Clone(rest), a.name)
		held := n.catalog.Grants(m.Scheme.Catalog(), with...)
		if !slices.ContainsFunc(only, func(t task) bool { return !t.known || !t.opened(held, with) }) {
			names = append(names, a.name)
		}
	}
	family := func(name string) bool {
		return subjectOf(name, m.Scheme).family == subjectOf(m.Name, m.Scheme).family
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Or(boolCompare(!family(a), !family(b)), n.near(a, b, m.Scheme))
	})
	var out []Alternative
	for _, name := range names[:min(shown, len(names))] {
		out = append(out, Alternative{[]string{name}, n.against(m, name)})
	}
	var finer []string
	for _, t := range only {
		best := slices.SortedFunc(slices.Values(t.best(n.catalog)), func(a, b answer) int {
			return cmp.Or(boolCompare(!a.marked, !b.marked), n.near(a.name, b.name, m.Scheme))
		})
		if !slices.Contains(finer, best[0].name) {
			finer = append(finer, best[0].name)
		}
	}
	if slices.Sort(finer); len(finer) > 1 && !slices.Contains(finer, m.Name) {
		out = append(out, Alternative{finer, fmt.Sprintf("finer, but %d in place of one", len(finer))})
	}
	return out
}

// near puts first what does not write, what is milder, of a lower level, opens less.
func (n *needs) near(a, b string, scheme plan.Scheme) int {
	x, _, _ := classify(a, scheme)
	y, _, _ := classify(b, scheme)
	return cmp.Or(
		boolCompare(subjectOf(a, scheme).writes, subjectOf(b, scheme).writes),
		cmp.Compare(x.Rank(), y.Rank()),
		cmp.Compare(levelOf(n.catalog, a, scheme), levelOf(n.catalog, b, scheme)),
		cmp.Compare(opens(n.catalog, a, scheme).Operations, opens(n.catalog, b, scheme).Operations),
		strings.Compare(a, b))
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// against says why a member was taken and not another permission.
func (n *needs) against(m *Member, name string) string {
	class, rule, _ := classify(name, m.Scheme)
	mine, other := opens(n.catalog, m.Name, m.Scheme), opens(n.catalog, name, m.Scheme)
	switch level := levelOf(n.catalog, name, m.Scheme); {
	case subjectOf(name, m.Scheme).writes && !subjectOf(m.Name, m.Scheme).writes:
		return "it writes as well"
	case class.Rank() > m.Class.Rank():
		return fmt.Sprintf("it is %s (%s)", class, rule)
	case level > levelOf(n.catalog, m.Name, m.Scheme):
		return fmt.Sprintf("Microsoft rates it at %d", level)
	case other.Operations > mine.Operations:
		return fmt.Sprintf("it opens %d operations, %s %d", other.Operations, m.Name, mine.Operations)
	}
	return "Microsoft marks " + m.Name + " as the least"
}
