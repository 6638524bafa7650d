package mirror

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Waits after setbacks: the first, and the longest.
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

// eighth is how long something rests that is in trouble: an eighth of the trouble's
// age, so that it is in step soon after Microsoft is back, however long that took.
func eighth(age time.Duration) time.Duration {
	return min(max(age/8, shortestWait), longestWait)
}

// atFirst is up to where waits double, so that a short trouble is over soon and
// costs few attempts; from then on they are an eighth of its age.
const atFirst = 16 * time.Second

// setbacks knows since when something goes wrong, and how often it did. It is kept in
// memory only: after a restart everything is tried at once.
type setbacks struct {
	mu    sync.Mutex
	since map[string]setback
}

type setback struct {
	since time.Time
	count int
}

// next takes a setback at a time and gives how long to wait.
func (s *setbacks) next(what string, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, known := s.since[what]
	if !known {
		one.since = now
	}
	wait := max(min(shortestWait<<min(one.count, 20), atFirst), eighth(now.Sub(one.since)))
	one.count++
	s.since[what] = one
	return wait
}

// began is since when something goes wrong; now when it does not.
func (s *setbacks) began(what string, now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, known := s.since[what]; known {
		return one.since
	}
	return now
}

// has says whether something went wrong that was not over yet.
func (s *setbacks) has(what string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.since[what]
	return known
}

// over forgets what went well.
func (s *setbacks) over(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.since, what)
}
