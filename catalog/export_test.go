package catalog

import (
	"bytes"
	"compress/gzip"
)

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
	other.shapes = &shapes{words: c.shapes.words, seen: map[string]Operation{}}
	return &other
}

// Shapes counts what is remembered.
func (c *Catalog) Shapes() int { return len(c.shapes.seen) }

// ReadFacts reads facts as internal/gen writes them, not yet packed.
func ReadFacts(text string) error {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return ReadPacked(packed.Bytes())
}

// ReadPacked reads packed facts into an empty catalogue.
func ReadPacked(packed []byte) error {
	c := &Catalog{byName: map[nameKey]int32{}, byID: map[string]holder{}, root: &node{}}
	return c.read(packed)
}

// Correct applies one more correction to a fresh catalogue.
func Correct(path, schemes, opens string) error {
	return build().correct(row{"GET", path, schemes, []string{opens}, false, ""})
}
