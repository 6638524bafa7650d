package mirror

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Waits after setbacks: doubled from one to the next.
const (
	shortestWait = time.Second
	longestWait  = 15 * time.Minute
)

// spread makes waits uneven, so that feeds that began together do not stay
// together.
type spread struct {
	mu     sync.Mutex
	random *rand.Rand
}

// around gives a time between nine and eleven tenths of d.
func (s *spread) around(d time.Duration) time.Duration {
	if d < 10 {
		return d
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return d - d/10 + time.Duration(s.random.Int64N(int64(d/5)+1))
}

// setbacks counts how often something has gone wrong in a row. It is kept in
// memory only: after a restart everything is tried at once.
type setbacks struct {
	mu     sync.Mutex
	failed map[string]int
}

// next counts one more and gives how long to wait.
func (s *setbacks) next(what string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := min(shortestWait<<min(s.failed[what], 20), longestWait)
	s.failed[what]++
	return wait
}

// over forgets what went well.
func (s *setbacks) over(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.failed, what)
}
