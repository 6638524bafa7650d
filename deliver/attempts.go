package deliver

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/graphwarden/graphwarden"
)

// atOnce is how many items of one sink are on their way together.
const atOnce = 8

// attempt makes one attempt for each delivery and gives the outcomes in the same
// order. The deliveries of one item go one after the other; when one fails, and
// for all when the receiver is found down, the rest is not attempted: nil.
func (c *courier) attempt(ctx context.Context, deliveries []graphwarden.Delivery) ([]*attempt, error) {
	keys, err := c.target.Keys.Keys()
	if err != nil {
		return nil, fmt.Errorf("signing for sink %s: %w", c.target.Sink.Name, err)
	}
	outcomes := make([]*attempt, len(deliveries))
	var stop atomic.Bool
	places := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for _, line := range byItem(deliveries) {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			for _, i := range line {
				if stop.Load() || ctx.Err() != nil {
					return
				}
				a := c.send(ctx, keys, deliveries[i])
				if ctx.Err() != nil && a.outcome != taken {
					return // given up by us; the receiver is not to blame
				}
				outcomes[i] = &a
				if a.outcome == down || a.outcome == gone {
					stop.Store(true)
				}
				if !a.over() {
					return
				}
			}
		})
	}
	all.Wait()
	return outcomes, nil
}

// byItem gives the places of the deliveries of each item, in order.
func byItem(deliveries []graphwarden.Delivery) [][]int {
	line := map[string]int{} // by item: one that was moved comes from another feed
	var lines [][]int
	for i, d := range deliveries {
		of := d.Change.Item
		at, known := line[of]
		if !known {
			at = len(lines)
			line[of] = at
			lines = append(lines, nil)
		}
		lines[at] = append(lines[at], i)
	}
	return lines
}
