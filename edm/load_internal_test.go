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
