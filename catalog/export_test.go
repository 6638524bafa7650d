package catalog

// Build makes a catalogue afresh, for measuring.
func Build() *Catalog { return build() }

// RuleNames lists the fallback rules in their order.
func RuleNames() []string {
	var names []string
	for _, r := range rewrites() {
		names = append(names, r.name)
	}
	return names
}

// CorrectedOperations lists the operations that corrections touch.
func CorrectedOperations() [][2]string {
	var out [][2]string
	for _, r := range corrections() {
		out = append(out, [2]string{r.method, r.path})
	}
	return out
}

// EachOperation calls visit for every operation of the table.
func (c *Catalog) EachOperation(visit func(method, template string)) {
	c.root.each(func(n *node, m method) { visit(m.String(), n.template()) })
}

// EachInclusion calls visit for every pair of which the first includes the
// second by its name or by document.
func (c *Catalog) EachInclusion(s Scheme, visit func(wide, narrow string)) {
	for w, list := range c.narrower[s.index()] {
		for _, n := range list {
			visit(c.permissions[w].Name, c.permissions[n].Name)
		}
	}
}
