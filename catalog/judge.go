package catalog

import "cmp"

// entries is the table's list for a scheme. It is empty where the scheme
// cannot call the operation at all.
func (op Operation) entries(scheme Scheme) []entry {
	s := scheme.index()
	if s < 0 || scheme == Application && op.personal {
		return nil
	}
	return op.catalog.lists[op.node.lists[op.method]-1][s]
}

// needsUser says that an application alone cannot call the operation, whatever
// the table lists: /me is nobody without a signed-in user (user-get: no application permissions), and
// group calendars are written on behalf of a user only (graph-facts §7).
func needsUser(m method, asked []string) bool {
	kind, rest, ok := owner(asked)
	switch {
	case !ok:
		return false
	case kind == "me":
		return true
	case kind != "groups" || m == get || m == subscribe || len(asked) <= rest:
		return false
	}
	return asked[rest] == "calendar" || asked[rest] == "events" || asked[rest] == "calendarview"
}

// counts says whether an entry opens the operation by itself. The table lists
// reading permissions on many writing operations, because they are needed in
// addition: alone they never write while a permission that may is listed too.
func (op Operation) counts(e *entry, entries []entry) bool {
	if !op.writes() || !op.catalog.permissions[e.permission].reads() {
		return true
	}
	for _, other := range entries {
		if !op.catalog.permissions[other.permission].reads() {
			return false
		}
	}
	return true
}

// writes says whether the operation changes items or links. A POST that is not
// to a collection of them is a function or an action, of which many only read
// (getSchedule, checkMemberGroups).
func (op Operation) writes() bool {
	switch op.method {
	case get, subscribe:
		return false
	case post:
		return op.node.segment == "$ref" || op.node.child(anyID) != nil
	}
	return true
}

func (op Operation) counted(scheme Scheme) []entry {
	entries := op.entries(scheme)
	var out []entry
	for i := range entries {
		if op.counts(&entries[i], entries) {
			out = append(out, entries[i])
		}
	}
	return out
}

// Least returns the requirement that asks for least: among those that
// Microsoft marks, the one whose permission writes least, then has the lowest
// level, then opens the fewest operations; permissions that a tenant can be
// asked for go before others. Where the marks on a reading operation are on
// writing permissions only, they are not believed. False means that nothing
// opens the operation in this scheme.
func (op Operation) Least(scheme Scheme) (Requirement, bool) {
	var best entry
	found := false
	for _, e := range op.candidates(scheme) {
		if !found || op.catalog.lighter(e, best, scheme) {
			best, found = e, true
		}
	}
	if !found {
		return Requirement{}, false
	}
	return Requirement{
		Permission:   op.catalog.permissions[best.permission].Name,
		AlsoRequires: op.catalog.names(best.also),
		Least:        best.least,
	}, true
}

// candidates are the marked entries, or all if no mark is to be believed. A
// permission that no tenant can be asked for is joined by those that include
// it and read no more: Calendars.ReadBasic by Calendars.ReadBasic.All.
func (op Operation) candidates(scheme Scheme) []entry {
	entries := op.counted(scheme)
	var marked []entry
	believed := op.method != get
	for _, e := range entries {
		if e.least {
			marked = append(marked, e)
			believed = believed || op.catalog.permissions[e.permission].reads()
		}
	}
	if believed && len(marked) > 0 {
		entries = marked
	}
	out := entries
	for _, e := range entries {
		if op.catalog.permissions[e.permission].Offered(scheme) {
			continue
		}
		for _, wide := range op.catalog.wider[scheme.index()][e.permission] {
			if op.catalog.permissions[wide].parts.action == op.catalog.permissions[e.permission].parts.action {
				out = append(out, entry{permission: wide, least: e.least, also: e.also})
			}
		}
	}
	return out
}

// lighter says whether a asks for less than b.
func (c *Catalog) lighter(a, b entry, scheme Scheme) bool {
	p, q := c.permissions[a.permission], c.permissions[b.permission]
	s := scheme.index()
	v, w := c.weights[s][a.permission], c.weights[s][b.permission]
	return cmp.Or(
		boolOrder(p.Offered(scheme), q.Offered(scheme)),
		cmp.Compare(v.writes, w.writes),
		cmp.Compare(p.level(s), q.level(s)),
		cmp.Compare(v.operations, w.operations),
		cmp.Compare(p.Name, q.Name)) < 0
}

// level takes an unrated permission for a dangerous one.
func (p Permission) level(scheme int) int {
	if l := p.schemes[scheme].Level; l > 0 {
		return l
	}
	return 4
}

// weigh counts what each permission opens. A permission to read writes nothing,
// though many functions that read are called by POST.
func (c *Catalog) weigh() {
	for s := range c.weights {
		c.weights[s] = make([]weight, len(c.permissions))
	}
	uses := make([]weight, len(c.lists)) // many operations share a list
	c.root.each(func(n *node, m method) {
		if m == subscribe {
			return
		}
		use := &uses[n.lists[m]-1]
		use.operations++
		if m != get {
			use.writes++
		}
	})
	for i, use := range uses {
		for s, entries := range c.lists[i] {
			for _, e := range entries {
				w := &c.weights[s][e.permission]
				w.operations += use.operations
				if use.writes > 0 && !c.permissions[e.permission].reads() {
					w.writes += use.writes
				}
			}
		}
	}
}
