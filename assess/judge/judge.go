package judge

import (
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// Plan judges a plan.
func Plan(c *catalog.Catalog, p *plan.Plan) *Assessment {
	a := &Assessment{Document: p.Document, Format: p.Format, Lines: p.Lines, Unplaced: p.Unplaced, Scheme: takeScheme(c, p)}
	for i := range p.Text {
		p.Text[i].Sift()
	}
	known := vocabularyOf(c)
	a.Permissions = judged(c, known, p, a.Scheme)
	redundancy(c, a.Permissions)
	n := &needs{catalog: c, all: a.Permissions, exact: true}
	if p.Format == plan.Declared {
		a.Flows = declared(p, a.Permissions)
	} else {
		a.Flows = recognised(c, p, a.Permissions, a.Scheme)
		n.tasks = tasks(c, a.Flows)
	}
	n.flows = a.Flows
	a.Missing = n.compute()
	if p.Format == plan.Declared {
		n.exact = declaredLeast(c, p.Flows)
	}
	a.LeastSet, a.LeastExact = n.least, n.exact
	disagree(c, known, a, p)
	a.Findings = findings(p, a)
	advise(p, a)
	a.Registrations = registrations(p, a)
	a.Effects = consequences(p, a)
	a.Verdict = conclude(a)
	quote(p, a.Findings)
	a.fill()
	return a
}

// fill makes lists of nothing where nothing was found, for programs.
func (a *Assessment) fill() {
	filled(&a.Permissions)
	filled(&a.Unplaced)
	filled(&a.Flows)
	filled(&a.Missing)
	filled(&a.LeastSet)
	filled(&a.Findings)
	filled(&a.Roles)
	filled(&a.Licences)
	filled(&a.Outside)
	filled(&a.Alternatives)
	filled(&a.Questions)
	filled(&a.Registrations)
	filled(&a.Effects)
	for i := range a.Flows {
		filled(&a.Flows[i].Operations)
		filled(&a.Flows[i].Needs)
	}
	for i := range a.LeastSet {
		filled(&a.LeastSet[i].Flows)
	}
	for i := range a.Missing {
		filled(&a.Missing[i].Lines)
	}
}

func filled[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
