package catalog

import (
	"slices"
	"strings"
)

// Operation is a method on a path of Microsoft Graph that the catalogue knows.
type Operation struct {
	catalog  *Catalog
	node     *node
	method   method
	personal bool     // what was asked for needs a signed-in user
	rules    []string // the rewrites that led from there to the node
}

// Requirement is a permission that opens an operation.
type Requirement struct {
	Permission string
	// AlsoRequires holds groups of permissions: of every group one is needed
	// in addition.
	AlsoRequires [][]string
	// Least marks what Microsoft calls the least privileged.
	Least bool
}

// Operation finds the operation of a method on a path. The path is canonical:
// without the version, in Graph's spelling, no segment of Graph's own
// percent-encoded. Keys may be {id} or real ones, and case does not matter;
// a query is ignored. False means that neither the table nor a rule knows the
// operation, so that it has to be refused.
func (c *Catalog) Operation(httpMethod, path string) (Operation, bool) {
	m, ok := parseMethod(httpMethod)
	if !ok {
		return Operation{}, false
	}
	var room [mostSegments]string
	return c.operation(m, appendSegments(room[:0], path))
}

// Subscription finds the operation of receiving the change notifications of a
// resource, as it stands in a subscription's resource property. Its grants are
// judged like those of any other operation.
func (c *Catalog) Subscription(resource string) (Operation, bool) {
	return c.operation(subscribe, segments(resource))
}

// operation keeps no hold of the segments, so that they need not be allocated.
func (c *Catalog) operation(m method, segs []string) (Operation, bool) {
	op := Operation{catalog: c, method: m}
	if op.node = c.root.find(m, segs); op.node != nil {
		op.personal = needsUser(m, segs)
		return op, true
	}
	if seen, known := c.shapes.recall(m, segs); known {
		return seen, seen.node != nil
	}
	kept := slices.Clone(segs)
	for rules := 1; rules <= maxRules && op.node == nil; rules++ {
		op.resolve(m, kept, 0, rules)
	}
	slices.Reverse(op.rules)
	if op.node == nil {
		op = Operation{}
	} else {
		op.personal = needsUser(op.method, segs)
	}
	c.shapes.keep(m, segs, op)
	return op, op.node != nil
}

// maxRules bounds the rewrites between an operation and the table's.
const maxRules = 4

// resolve looks the operation up under exactly so many rewrites, from the given
// one on.
func (op *Operation) resolve(m method, segs []string, from, rules int) bool {
	if rules == 0 {
		op.node, op.method = op.catalog.root.find(m, segs), m
		return op.node != nil
	}
	for i := from; i < len(op.catalog.rewrites); i++ {
		r := &op.catalog.rewrites[i]
		if m2, segs2, ok := r.apply(m, segs); ok && op.resolve(m2, segs2, i+1, rules-1) {
			op.rules = append(op.rules, r.name)
			return true
		}
	}
	return false
}

// String is the operation of the table that was found, with {id} for keys. It
// is the operation asked for, or the one that a rule puts in its place.
func (op Operation) String() string {
	if op.node == nil {
		return "no operation"
	}
	return op.method.String() + " " + op.node.template()
}

// Rule names the fallback rules that led to the table's operation; empty if
// the table has the very operation.
func (op Operation) Rule() string { return strings.Join(op.rules, ", ") }

// Free says that any token will do.
func (op Operation) Free() bool { return op.node.free }

// Allowed says whether the grants open the operation.
func (op Operation) Allowed(held Grants) bool { return op.Free() || op.opened(held) }

func (op Operation) opened(held Grants) bool {
	entries := op.entries(held.scheme)
	for i := range entries {
		if held.has(entries[i].permission) && held.hasOneOfEach(entries[i].also) && op.counts(&entries[i], entries) {
			return true
		}
	}
	return false
}

// Opens lists the permissions any one of which opens the operation in a
// scheme: those of the table, the least first, then the wider ones that
// include them.
func (op Operation) Opens(scheme Scheme) []Requirement {
	entries := op.counted(scheme)
	slices.SortStableFunc(entries, func(a, b entry) int { return boolOrder(a.least, b.least) })
	var out []Requirement
	add := func(permission int32, e entry, least bool) {
		r := Requirement{op.catalog.permissions[permission].Name, op.catalog.names(e.also), least}
		if !slices.ContainsFunc(out, r.same) {
			out = append(out, r)
		}
	}
	for _, e := range entries {
		add(e.permission, e, e.least)
	}
	for _, e := range entries {
		for _, wide := range op.catalog.wider[scheme.index()][e.permission] {
			add(wide, e, false)
		}
	}
	return out
}

// same compares two requirements, whatever their marks.
func (r Requirement) same(other Requirement) bool {
	return r.Permission == other.Permission && slices.EqualFunc(r.AlsoRequires, other.AlsoRequires, slices.Equal)
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func (c *Catalog) names(groups [][]int32) [][]string {
	var out [][]string
	for _, group := range groups {
		var names []string
		for _, p := range group {
			names = append(names, c.permissions[p].Name)
		}
		out = append(out, names)
	}
	return out
}
