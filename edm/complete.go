package edm

import "strings"

// Complete adds every structural property that doc lacks, as a full answer of
// Graph shows them: null, an empty array for a collection, and the type's zero
// for what cannot be null. Left out are what has no such zero (structures,
// enums and strings that must not be null) and streams, which answers never
// carry. An @odata.type in doc names the type if it derives from typeName.
// Values inside doc are left as they are.
func (m *Model) Complete(typeName string, doc map[string]any) {
	t, ok := m.Type(typeName)
	if !ok {
		return
	}
	if name, ok := doc["@odata.type"].(string); ok {
		if actual, ok := m.Type(strings.TrimPrefix(name, "#")); ok && actual.IsDerivedFrom(t) {
			t = actual
		}
	}
	for x := range t.line() {
		for _, p := range x.properties {
			if _, there := doc[p.Name]; there {
				continue
			}
			if v, ok := p.zero(); ok {
				doc[p.Name] = v
			}
		}
	}
}

// zero is what an answer shows for a property without a value.
func (p Property) zero() (any, bool) {
	switch {
	case p.Type == "Edm.Stream":
		return nil, false
	case p.Collection:
		return []any{}, true
	case p.Nullable:
		return nil, true
	}
	switch p.Type {
	case "Edm.Boolean":
		return false, true
	case "Edm.Byte", "Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Double", "Edm.Single":
		return 0, true
	case "Edm.DateTimeOffset":
		return "0001-01-01T00:00:00Z", true
	}
	return nil, false
}
