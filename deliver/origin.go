package deliver

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

// heldFor is how long a change waits for the outcome of a write that it may be of.
const heldFor = 250 * time.Millisecond

// traced gives deliveries with their origins, where the flow's app writes.
func traced(ctx context.Context, o Origins, t Target, deliveries []graphwarden.Delivery) ([]graphwarden.Delivery, error) {
	if !t.Writes || o == nil || len(deliveries) == 0 {
		return deliveries, nil
	}
	origins, err := o.Origins(ctx, t.Sink.Flow, deliveries)
	if err != nil {
		return nil, fmt.Errorf("tracing %d changes: %w", len(deliveries), err)
	}
	out := slices.Clone(deliveries)
	for i := range out {
		out[i].Origin = origins[i]
	}
	return out, nil
}

// Tells says whether an app that writes is told of a change whose origin is known, and
// whether that has to wait. A version that it wrote, or wrote a later one of, it knows;
// with own it is told all the same. What it made is told once in any case, and so is
// that something is gone. What may be its own waits until the write has an outcome.
func Tells(d graphwarden.Delivery, own bool) (tells, waits bool) {
	switch d.Change.Kind {
	case graphwarden.Created, graphwarden.Deleted:
		return true, d.Origin.Pending
	case graphwarden.Updated:
		return own || d.Origin.Write == "", d.Origin.Pending
	}
	return true, false
}
