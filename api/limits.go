package api

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
)

// usualRate is how many requests a key may make in a minute, if nothing else is
// said.
const usualRate = 6000

// limits counts what each key asks for: a bucket that holds a second's share ten
// times over and fills evenly. It is this process's own: a cluster of three lets
// three times as much through.
type limits struct {
	perMinute int
	now       func() time.Time
	mu        sync.Mutex
	buckets   map[string]*bucket // by the key's id
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimits(perMinute int, now func() time.Time) *limits {
	if perMinute == 0 {
		perMinute = usualRate
	}
	return &limits{perMinute: perMinute, now: now, buckets: map[string]*bucket{}}
}

// size is how many requests may come at once.
func (l *limits) size() float64 { return max(1, math.Ceil(float64(l.perMinute)/6)) }

// take takes one request out of a key's bucket. It gives how many are left and
// after how long there is one, or the bucket is full.
func (l *limits) take(key string) (left int, wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, each := l.now(), time.Minute/time.Duration(l.perMinute)
	b := l.buckets[key]
	if b == nil {
		b = &bucket{left: l.size(), at: now}
		l.buckets[key] = b
	}
	b.left = min(l.size(), b.left+now.Sub(b.at).Seconds()/each.Seconds())
	b.at = now
	if b.left < 1 {
		return 0, time.Duration((1 - b.left) * float64(each)), false
	}
	b.left--
	return int(b.left), time.Duration((l.size() - b.left) * float64(each)), true
}

// Take counts something of an app's key that did not come through the API, such as what the
// proxy refuses it, among its requests. With false it may not be done before wait is over.
func (a *API) Take(key string) (wait time.Duration, ok bool) {
	_, wait, ok = a.apps.limits.take(key)
	return wait, ok
}

// withinLimits refuses an app that asks too much, and tells every app how much it
// may.
func (f *face) withinLimits(w http.ResponseWriter, k *asking) error {
	if !f.apps {
		return nil
	}
	left, wait, ok := f.limits.take(k.caller.Key.ID)
	seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
	w.Header().Set("RateLimit-Limit", strconv.Itoa(int(f.limits.size())))
	w.Header().Set("RateLimit-Remaining", strconv.Itoa(left))
	w.Header().Set("RateLimit-Reset", seconds)
	if ok {
		return nil
	}
	return &problem{status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": seconds},
		refusal: &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.rate",
			Say: "This key has asked more often than it may.", Do: "Ask again after the time in Retry-After; apps_rate in the configuration says how often."}}
}
