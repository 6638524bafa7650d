package deliver

import (
	"sync"
	"time"

	"math/rand/v2"

	"github.com/graphwarden/graphwarden"
)

const (
	// Waits of a delivery that was declined, doubled each time.
	shortestDeclined = 5 * time.Second
	longestDeclined  = 4 * time.Hour
	// lifespan is how long after its first failure a delivery is given up, when it
	// fails again. Standard Webhooks asks for several days.
	lifespan = 75 * time.Hour
	// Waits of a receiver that is down, doubled each time.
	shortestDown = time.Second
	longestDown  = time.Minute
	// manyDeclined is how many deliveries in a row a receiver may decline before it
	// counts as down: then the trouble is not with the items.
	manyDeclined = 10
	// longDown is how often a receiver was found down before what it declined is
	// hurried when it takes something again.
	longDown = 5
)

// after gives a delivery as it is kept after an attempt that did not bring it
// over, nil for none. What found the receiver down is due at once, because the
// receiver's rest holds it back already, and behind what is due longer.
func (c *courier) after(d graphwarden.Delivery, a *attempt) graphwarden.Delivery {
	if a == nil {
		return d
	}
	if a.over() {
		return d
	}
	now := c.config.Now()
	if a.outcome == held {
		d.DueAt, d.Reason = now.Add(heldFor), a.reason
		return d
	}
	d.DueAt = now
	d.Attempt++
	d.Reason = a.reason
	if d.FirstAt.IsZero() {
		d.FirstAt = now
	}
	if a.outcome == declined {
		d.DueAt = now.Add(max(a.wait, c.dice.around(doubled(shortestDeclined, longestDeclined, d.Attempt-1))))
	}
	return d
}

// spent says whether a delivery that failed again is given up: its time is over,
// and the receiver lives, since it declined this one or has taken others. A
// receiver that is down costs no delivery its life.
func (c *courier) spent(d graphwarden.Delivery, a *attempt) bool {
	return c.config.Now().Sub(d.FirstAt) >= lifespan &&
		(a.outcome == declined || a.outcome == down && c.takenAt.After(d.FirstAt))
}

// judge learns from some attempts how the receiver is: the reason why it wants
// nothing any more, if it said so, and whether it is back after a while.
func (c *courier) judge(attempts []*attempt) (ended string, recovered bool) {
	var wait time.Duration
	silent := false
	for _, a := range attempts {
		switch {
		case a == nil, a.outcome == untold, a.outcome == held:
		case a.outcome == taken:
			recovered = recovered || c.strikes >= longDown
			c.strikes, c.declined, c.takenAt = 0, 0, c.config.Now()
		case a.outcome == declined:
			c.declined++
		case a.outcome == down:
			silent, wait = true, max(wait, a.wait)
		case a.outcome == gone:
			ended = a.reason
		}
	}
	if now := c.config.Now(); silent || c.declined >= manyDeclined {
		if !now.Before(c.rest) { // else it was found down in this very step already
			c.strikes++
			c.rest = now.Add(c.dice.around(doubled(shortestDown, longestDown, c.strikes-1)))
		}
		if asked := now.Add(wait); asked.After(c.rest) {
			c.rest = asked
		}
	}
	return ended, recovered
}

// doubled gives shortest times two to the power of n, longest at most.
func doubled(shortest, longest time.Duration, n int) time.Duration {
	return min(shortest<<min(n, 20), longest)
}

// dice is a source of chance for many goroutines.
type dice struct {
	mu     sync.Mutex
	random *rand.Rand
}

// around gives a time between nine and eleven tenths of d.
func (r *dice) around(d time.Duration) time.Duration {
	if d < 10 {
		return d
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return d - d/10 + time.Duration(r.random.Int64N(int64(d/5)+1))
}
