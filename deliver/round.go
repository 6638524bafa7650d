package deliver

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// round is some deliveries, what came of their attempts, and the deliveries as
// they are kept afterwards; all three in one order.
type round struct {
	attempts []*attempt
	after    []graphwarden.Delivery
}

// round makes an attempt for each delivery.
func (c *courier) round(ctx context.Context, deliveries []graphwarden.Delivery) (*round, error) {
	attempts, err := c.attempt(ctx, deliveries)
	if err != nil {
		return nil, err
	}
	r := &round{attempts: attempts}
	for i, a := range attempts {
		r.after = append(r.after, c.after(deliveries[i], a))
	}
	return r, nil
}

// failed gives what has to be tried again, or was not tried yet.
func (r *round) failed() []graphwarden.Delivery {
	var list []graphwarden.Delivery
	for i, a := range r.attempts {
		if !a.over() {
			list = append(list, r.after[i])
		}
	}
	return list
}

// count says how many attempts were acknowledged and how many not, and why the
// last of these.
func (r *round) count() (acknowledged, refused int, reason string) {
	for _, a := range r.attempts {
		switch {
		case a == nil, a.outcome == untold, a.outcome == held:
		case a.outcome == taken:
			acknowledged++
		default:
			refused++
			reason = a.reason
		}
	}
	return acknowledged, refused, reason
}

// notes gives the attempts that failed, to be remembered.
func (r *round) notes() []graphwarden.Attempt {
	var list []graphwarden.Attempt
	for i, a := range r.attempts {
		if a == nil || a.over() || a.outcome == held {
			continue
		}
		d := r.after[i]
		list = append(list, graphwarden.Attempt{Sink: d.Sink, Seq: d.Change.Seq, Nth: d.Attempt, At: a.at, Took: a.took, Status: a.status, Reason: a.reason})
	}
	return list
}
