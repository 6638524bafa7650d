package faulty

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

// ErrCut is what a step returns when it was cut.
var ErrCut = errors.New("cut on cue")

// Moment says on which side of the effect a step is cut.
type Moment string

// The moments.
const (
	Before Moment = "before" // the effect never happens
	After  Moment = "after"  // the effect happens and its answer is lost
)

// Cut says where to fail: at the Nth run of a step (the first when Nth is 0), and
// the Times-1 runs that follow it.
type Cut struct {
	Step  string // a step's name, as the code under test calls it
	At    Moment
	Nth   int
	Times int
}

// Plan is a set of cuts. It may be used from many goroutines; the zero Plan cuts
// nothing.
type Plan struct {
	cuts []Cut

	mu   sync.Mutex
	runs map[string]int
	hit  map[int]bool // by index in cuts
}

// NewPlan makes a plan. When the test ends, a cut that never fell fails it: the
// step was renamed, or the test no longer reaches it.
func NewPlan(t testing.TB, cuts ...Cut) *Plan {
	t.Helper()
	p := &Plan{cuts: cuts}
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for i, c := range p.cuts {
			if !p.hit[i] {
				t.Errorf("the cut %s %q never fell; the steps were %v", c.At, c.Step, p.runs)
			}
		}
	})
	return p
}

// Step runs act, unless the plan cuts before it, and returns its error, or
// ErrCut with the step's name when the plan cuts.
func (p *Plan) Step(name string, act func() error) error {
	moment := p.next(name)
	if moment == Before {
		return fmt.Errorf("%w before %s", ErrCut, name)
	}
	if err := act(); err != nil {
		return err
	}
	if moment == After {
		return fmt.Errorf("%w after %s", ErrCut, name)
	}
	return nil
}

// next counts a run of the step and says how this run is cut, "" for not at all.
func (p *Plan) next(name string) Moment {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.runs == nil {
		p.runs, p.hit = map[string]int{}, map[int]bool{}
	}
	p.runs[name]++
	for i, c := range p.cuts {
		first := max(c.Nth, 1)
		if c.Step == name && p.runs[name] >= first && p.runs[name] < first+max(c.Times, 1) {
			p.hit[i] = true
			return c.At
		}
	}
	return ""
}
