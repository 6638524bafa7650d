package assemble

import (
	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// Routes are what an assembled gateway serves to apps, or to operators.
func (g *Graphwarden) Routes(forApps bool) []string { return g.api.Routes(forApps) }

// Performed names the operation of a flow that an entry is of; "" is none.
func Performed(f flow.Flow, e graphwarden.Entry) string {
	op, _ := performed(f, e)
	return op.Name()
}
