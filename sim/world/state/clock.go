package state

import (
	"sync"
	"time"
)

// Clock is the tenant's clock: the time outside plus a skew that can be set. It
// runs at the pace of the time outside.
type Clock struct {
	mu      sync.Mutex
	outside func() time.Time
	ahead   time.Duration
	moved   []func()
}

// Now is the tenant's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.outside().Add(c.ahead).UTC()
}

// Set makes it now at the tenant.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	c.ahead = now.Sub(c.outside())
	moved := c.moved
	c.mu.Unlock()
	for _, f := range moved {
		f()
	}
}

// Advance moves the tenant's time by d, which may be negative.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// OnMove has f called whenever the clock is set, so that what waits for a time
// can look again.
func (c *Clock) OnMove(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = append(c.moved, f)
}

func (c *Clock) skew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

func (c *Clock) restore(skew time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = skew
}
