package flow_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/flow"
)

func TestEveryNameIsAKind(t *testing.T) {
	for _, name := range flow.Names() {
		if kind, known := flow.Named(name); !known || kind.Name() != name {
			t.Errorf("%s is no kind", name)
		}
	}
}
