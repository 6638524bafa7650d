package gate

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// Refuse records that a room refuses a call by a rule of its own, because of a field of
// it ("" is the whole), before it came to the gate. A call that was not understood has no
// operation, and none that came near a flow has a flow. If the ledger does not take the
// entry it gives a *graphwarden.Refusal that says so: nothing is to be answered but that.
func (g *Gate) Refuse(ctx context.Context, c Call, rule, field string) error {
	id, err := g.shared.newID()
	if err != nil {
		return fmt.Errorf("making a call id: %w", err)
	}
	entry := g.entry(ctx, id, c, g.config.Routes[c.Flow], graphwarden.Decision{Rule: rule, Reason: field})
	return g.record(ctx, &entry)
}
