package edm

import "testing"

// BenchmarkRead measures what the first call of Load costs.
func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if m := read(); len(m.types) == 0 {
			b.Fatal("no types")
		}
	}
}

// TestNoTwoTypesDifferByCase guards the lookup by lower case.
func TestNoTwoTypesDifferByCase(t *testing.T) {
	m := Load()
	if types := len(m.types); types != 2961 {
		t.Errorf("%d types, want 1182 entity types and 1779 complex types", types)
	}
	if len(m.enums) != 861 || len(m.roots) != 72 {
		t.Errorf("%d enums and %d roots, want 861 and 72", len(m.enums), len(m.roots))
	}
	operations := 0
	for _, named := range m.operations {
		operations += len(named)
	}
	if operations != 857+326 {
		t.Errorf("%d operations, want 857 actions and 326 functions", operations)
	}
}

// TestEventsStandBehindNavigations of entities only, which is where the proxy looks for
// private ones.
func TestEventsStandBehindNavigations(t *testing.T) {
	m, ways := Load(), 0
	event := func(name string) bool {
		return m.IsDerivedFrom(name, "event") || m.IsDerivedFrom("event", name) || name == qualify("scheduleInformation")
	}
	for _, typ := range m.types {
		for _, p := range typ.properties {
			if event(p.Type) {
				t.Errorf("the property %s of %s is of type %s", p.Name, typ.Name, p.Type)
			}
		}
		for _, n := range typ.navs {
			if !event(n.Type) {
				continue
			}
			if ways++; !typ.Entity && typ.Name != qualify("searchHit") { // which the proxy refuses to search for
				t.Errorf("%s, which is no entity, leads to %s", typ.Name, n.Type)
			}
		}
	}
	if ways < 5 {
		t.Errorf("%d ways lead to events", ways)
	}
}
