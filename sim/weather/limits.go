package weather

import (
	"sync"
	"time"
)

// Outlook's limits for one app and one mailbox (graph-facts §5).
const (
	AtOnce    = 4
	PerWindow = 10_000
	Window    = 10 * time.Minute
)

// Limits holds apps to what Outlook allows for one mailbox.
type Limits struct {
	mu     sync.Mutex
	guests map[guest]*visits
}

// guest is an app in a mailbox.
type guest struct{ app, mailbox string }

// visits are a guest's requests: those under way, and how many there were in each
// slice of the last window.
type visits struct {
	inside int
	slices [slicesPerWindow]int
	last   int64 // the newest slice, counted from the epoch
}

const (
	slicesPerWindow = 60
	slice           = Window / slicesPerWindow
)

// NewLimits gives limits that nobody has used up yet.
func NewLimits() *Limits { return &Limits{guests: map[guest]*visits{}} }

// The limits that a request can be over.
const (
	OverPlaces = "MailboxConcurrency" // as Exchange calls it
	OverWindow = "requests in ten minutes"
)

// Enter lets an app's request into a mailbox and gives the way out, or which limit
// the app is over and the time to wait. Requests that are turned away count like
// the others.
func (l *Limits) Enter(app, mailbox string, now time.Time) (leave func(), wait time.Duration, over string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := guest{app, mailbox}
	v := l.guests[g]
	if v == nil {
		v = &visits{}
		l.guests[g] = v
	}
	full := v.count(now) > PerWindow
	switch {
	case full:
		return nil, v.wait(now), OverWindow
	case v.inside >= AtOnce:
		return nil, time.Second, OverPlaces
	}
	v.inside++
	var once sync.Once
	return func() { once.Do(func() { l.leave(v) }) }, 0, ""
}

func (l *Limits) leave(v *visits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v.inside--
}

// count adds a request at that time and gives the requests of the window that
// ends there. A clock that was set back, or far ahead, starts a new window.
func (v *visits) count(now time.Time) int {
	at := now.UnixNano() / int64(slice)
	if at < v.last || at-v.last >= slicesPerWindow {
		v.slices = [slicesPerWindow]int{}
	} else {
		for s := v.last + 1; s <= at; s++ {
			v.slices[s%slicesPerWindow] = 0
		}
	}
	v.last = at
	v.slices[at%slicesPerWindow]++
	total := 0
	for _, n := range v.slices {
		total += n
	}
	return total
}

// wait is the time until the oldest requests leave the window.
func (v *visits) wait(now time.Time) time.Duration {
	for s := v.last - slicesPerWindow + 1; s <= v.last; s++ {
		if v.slices[s%slicesPerWindow] > 0 {
			return time.Unix(0, (s+slicesPerWindow)*int64(slice)).Sub(now)
		}
	}
	return Window
}
