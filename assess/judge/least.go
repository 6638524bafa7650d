package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/cover"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// task is an operation of a flow, with the permissions that may serve it.
type task struct {
	operation string
	flow      string
	scheme    plan.Scheme
	op        catalog.Operation
	known     bool
	bodies    bool     // of messages, not their outlines alone
	elsewhere bool     // in mailboxes of others than whoever signed in
	answers   []answer // what Microsoft marks first
}

// answer is a permission that opens a task's operation, with what it needs beside.
type answer struct {
	name   string
	also   [][]string // of every group one is needed as well
	marked bool       // Microsoft marks it as the least
}

// tasks are the operations of all flows.
func tasks(c *catalog.Catalog, flows []Flow) []task {
	var out []task
	for _, f := range flows {
		for _, o := range f.Operations {
			t := task{operation: o, flow: f.ID, scheme: f.scheme, bodies: f.bodies, elsewhere: f.others && strings.Contains(o, " /users/{id}/")}
			t.answers = t.special()
			if t.answers == nil {
				method, path, _ := strings.Cut(o, " ")
				if t.op, t.known = c.Operation(method, path); t.known {
					t.answers = t.open(c)
				}
			}
			out = append(out, t)
		}
	}
	return out
}

// special are the operations that the table does not tell: commands of Exchange, and
// the property that not everybody may write who may write the rest.
func (t task) special() []answer {
	switch {
	case strings.HasSuffix(t.operation, "passwordProfile"):
		return []answer{{name: "User-PasswordProfile.ReadWrite.All"}}
	case commandRole(t.operation) != "":
		if t.scheme == plan.Application {
			return []answer{{name: "Exchange.ManageAsApp"}}
		}
		return []answer{{name: "Exchange.Manage"}}
	}
	return nil
}

// open lists what opens a known operation, what the catalogue takes for the least
// first.
func (t task) open(c *catalog.Catalog) []answer {
	s := t.scheme.Catalog()
	var out []answer
	least, ok := t.op.Least(s)
	if ok && t.reaches(c, least.Permission) {
		out = append(out, answer{least.Permission, least.AlsoRequires, true})
	}
	for _, r := range t.op.Opens(s) {
		p, ok := c.Permission(r.Permission)
		if !ok || !p.Offered(s) || !t.reaches(c, r.Permission) || len(out) > 0 && r.Permission == out[0].name {
			continue
		}
		out = append(out, answer{r.Permission, r.AlsoRequires, r.Least})
	}
	return out
}

// reaches says whether a permission that opens a task's operation opens it for what
// the flow needs of it: bodies, where outlines are not enough, and others' mailboxes,
// where one's own are not.
func (t task) reaches(c *catalog.Catalog, name string) bool {
	if t.outlines(name) {
		return false
	}
	return !t.elsewhere || t.op.Allowed(t.of(c.Grants(t.scheme.Catalog(), name)))
}

// whole says whether a task needs more than an outline: the bodies of messages, or the
// profile of whoever signed in.
func (t task) whole() bool { return t.bodies || t.operation == "GET /me" }

// outlines says whether a permission opens the outline alone of what a task needs whole
// (permissions reference: Mail.ReadBasic, Calendars.ReadBasic, User.ReadBasic.All; and
// Group.ReadBasic.All, whose "basic property" are no members, which the table has wrong).
func (t task) outlines(name string) bool {
	return t.bodies && (strings.HasPrefix(name, "Mail.ReadBasic") || strings.HasPrefix(name, "Calendars.ReadBasic")) || t.operation == "GET /me" && strings.HasPrefix(name, "User.ReadBasic") ||
		strings.HasSuffix(t.operation, "/members") && strings.HasPrefix(name, "Group.ReadBasic")
}

// of is what counts for a task of what is held.
func (t task) of(held catalog.Grants) catalog.Grants {
	if t.elsewhere {
		return held.Elsewhere()
	}
	return held
}

func levelOf(c *catalog.Catalog, name string, scheme plan.Scheme) int {
	p, _ := c.Permission(name)
	info, _ := p.In(scheme.Catalog())
	if info.Level == 0 {
		return 4
	}
	return info.Level
}

// choice is the question of the least set of one scheme, and what it may choose from.
type choice struct {
	catalog *catalog.Catalog
	scheme  plan.Scheme
	tasks   []task
	names   []string // that may be chosen, by the alphabet
	held    []catalog.Grants
}

// chosen is the least set of one scheme, and whether it is proven to be that. It may
// choose from what is best for one of the operations alone (best); of all sets of such
// permissions that open every operation, it is the one with the fewest of the highest
// level, then of the next, and so the fewest; then what Microsoft marks; then what
// writes and opens least; then the alphabet.
func chosen(c *catalog.Catalog, all []task, scheme plan.Scheme) (set []string, exact bool) {
	q := choice{catalog: c, scheme: scheme}
	seen := map[string]bool{}
	for _, t := range all {
		if key := fmt.Sprint(t.operation, " ", t.bodies, t.elsewhere); t.scheme == scheme && len(t.answers) > 0 && !seen[key] {
			seen[key] = true
			q.tasks = append(q.tasks, t)
		}
	}
	for _, t := range q.tasks {
		for _, a := range t.best(c) {
			q.names = append(q.names, a.name)
			q.names = append(q.names, slices.Concat(a.also...)...)
		}
	}
	slices.Sort(q.names)
	q.names = slices.Compact(q.names)
	v := cover.Question{Costs: q.costs()}
	for _, name := range q.names {
		q.held = append(q.held, c.Grants(scheme.Catalog(), name))
	}
	for _, t := range q.tasks {
		v.Tasks = append(v.Tasks, q.options(t))
	}
	members, exact := v.Solve(cover.Steps)
	for _, i := range members {
		set = append(set, q.names[i])
	}
	return set, exact
}

// best are the answers of an operation alone that leave nothing milder: those that are
// narrowed by name, where there are any; those that do not write, for what only reads;
// those that Microsoft marks, for what writes; those of the mildest class.
func (t task) best(c *catalog.Catalog) []answer {
	reads := t.known && strings.HasPrefix(t.operation, "GET ")
	out := preferred(t.answers, func(a answer) bool { return strings.HasSuffix(a.name, ".Selected") && strings.Count(a.name, ".") == 1 })
	out = preferred(out, func(a answer) bool {
		return reads && !subjectOf(a.name, t.scheme).writes || !reads && a.marked
	})
	mildest := Critical.Rank()
	for _, a := range out {
		mildest = min(mildest, t.rank(a))
	}
	return preferred(out, func(a answer) bool { return t.rank(a) == mildest })
}

// preferred are those of the answers that a wish fits, or all where it fits none.
func preferred(all []answer, wish func(answer) bool) []answer {
	var out []answer
	for _, a := range all {
		if wish(a) {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// rank is the worst class of what an answer needs.
func (t task) rank(a answer) int {
	class, _, _ := classify(a.name, t.scheme)
	worst := class.Rank()
	for _, group := range a.also {
		mildest := Critical.Rank()
		for _, name := range group {
			class, _, _ := classify(name, t.scheme)
			mildest = min(mildest, class.Rank())
		}
		worst = max(worst, mildest)
	}
	return worst
}

// costs are those of the names that may be chosen.
func (q choice) costs() []cover.Cost {
	marked := map[string]bool{}
	for _, t := range q.tasks {
		for _, a := range t.answers {
			marked[a.name] = marked[a.name] || a.marked
		}
	}
	var out []cover.Cost
	for _, name := range q.names {
		var one cover.Cost
		one[4-levelOf(q.catalog, name, q.scheme)]++
		if !marked[name] {
			one[4]++
		}
		one[6], one[5], _ = q.catalog.Opened(q.scheme.Catalog(), name, 0)
		out = append(out, one)
	}
	return out
}

// options are the sets of names, by their positions, any of which does a task.
func (q choice) options(t task) [][]int {
	var out [][]int
	for i, name := range q.names {
		if t.done(q.held[i], name) {
			out = append(out, []int{i})
		}
	}
	for _, a := range t.answers {
		if len(a.also) == 0 {
			continue
		}
		sets := [][]int{{}}
		for _, group := range append([][]string{{a.name}}, a.also...) {
			var next [][]int
			for i := range q.names {
				if !slices.ContainsFunc(group, func(name string) bool { return q.serves(i, name) }) {
					continue
				}
				for _, set := range sets {
					next = append(next, slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(set), i)))))
				}
			}
			sets = next
		}
		out = append(out, sets...)
	}
	return out
}

// serves says whether a name that may be chosen is one that is needed, or covers it.
func (q choice) serves(i int, name string) bool {
	return q.names[i] == name || q.catalog.Covers(q.names[i], name, q.scheme.Catalog())
}

// done says whether one permission does a task by itself.
func (t task) done(held catalog.Grants, name string) bool {
	if !t.known {
		return t.answers[0].name == name
	}
	return !t.outlines(name) && t.op.Allowed(t.of(held))
}

// opens counts what a permission opens, and names the first of it.
func opens(c *catalog.Catalog, name string, scheme plan.Scheme) Opening {
	o := Opening{}
	o.Operations, o.Writes, o.Some = c.Opened(scheme.Catalog(), name, 3)
	return o
}
