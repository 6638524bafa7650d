// Package outlook is what Exchange's items are made of in the simulated tenant,
// whatever they are: moments with their zones, bodies, places, people, extended
// properties, and the words of refusals. It promises to read these as Microsoft
// Graph does and to write them as Graph answers them. It knows no mailbox and
// stores nothing.
package outlook

// Doc is a resource as Graph writes it: strings, float64s, bools, nils, []any
// and Docs.
type Doc = map[string]any
