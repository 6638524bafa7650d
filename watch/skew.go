package watch

import (
	"net/http"
	"sync"
	"time"
)

// Doer sends a request.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// Skew learns from the Date of each answer how far this computer's clock is ahead
// of the other side's.
type Skew struct {
	Now func() time.Time

	mu    sync.Mutex
	off   time.Duration
	known bool
}

// Through gives a doer whose answers are learnt from.
func (s *Skew) Through(d Doer) Doer { return through{s, d} }

type through struct {
	skew *Skew
	doer Doer
}

// Do sends a request.
func (t through) Do(r *http.Request) (*http.Response, error) {
	answer, err := t.doer.Do(r)
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		t.skew.mu.Lock()
		t.skew.off, t.skew.known = t.skew.Now().Sub(date), true
		t.skew.mu.Unlock()
	}
	return answer, nil
}

// Off is how far our clock is ahead, as of the last answer; unknown before the
// first.
func (s *Skew) Off() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.off, s.known
}
