package catalog

import "strings"

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

// Forgetful is the catalogue with nothing remembered of what was asked before.
func (c *Catalog) Forgetful() *Catalog {
	other := *c
	other.shapes = newShapes(c.shapes.words)
	return &other
}

// Shapes counts what is remembered.
func (c *Catalog) Shapes() int { return len(c.shapes.seen) }

// ReadFacts reads facts as internal/gen writes them into an empty catalogue.
func ReadFacts(text string) error {
	return empty(text).read(newTree())
}

// Correct applies one more correction to a fresh catalogue.
func Correct(path, schemes, opens string) error {
	return build().correct(newTree(), row{"GET", path, schemes, []string{opens}, false, ""})
}

// Nodes gives the segments of the nodes that paths lead to, read one after the other,
// and those of each path alone.
func Nodes(paths []string) (read, alone [][]string) {
	t := newTree()
	for _, path := range paths {
		read = append(read, t.node(path).path())
		segs := segments(strings.Replace(path, "/.../", "/", 1))
		for i, s := range segs {
			segs[i] = strings.TrimSuffix(s, "()")
		}
		alone = append(alone, segs)
	}
	return read, alone
}

// Facts is the text of the embedded facts.
func Facts() string { return facts }
