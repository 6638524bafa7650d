package gate

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/outbound"
)

// Outlook's limits per app registration and mailbox (graph-facts §5).
const (
	concurrent = 4
	windowSize = 10_000
	windowSpan = 10 * time.Minute
)

const (
	windowStep  = windowSpan / 60 // the window forgets in steps
	windowParts = 61              // one more than fit, so that none leaves early
	firstPause  = time.Second     // when Microsoft does not say how long
	longPause   = time.Minute
)

var (
	errPaused = errors.New("this mailbox's calls wait, as asked")
	errSpent  = errors.New("the calls of ten minutes are spent for this mailbox")
)

// owner is whose budget a call is charged to. Calls that touch no mailbox share
// one without a limit of their own, but with Microsoft's pauses.
type owner struct {
	origin, client, mailbox string
}

// budget keeps the calls of each owner within Microsoft's limits.
type budget struct {
	now    func() time.Time
	jitter func(time.Duration) time.Duration

	mu      sync.Mutex
	buckets map[owner]*bucket
	putOff  int64 // calls that were told to come again later
	refused int64 // answers by which Microsoft asked to wait
	waits   map[waiter]graphwarden.Waiting
	over    []graphwarden.Waiting // waits that ended, and nobody has been told
}

// bucket is one owner's state, guarded by the budget's mutex.
type bucket struct {
	places  *queue    // nil without a limit
	until   time.Time // paused until then
	strikes int       // refusals in a row that did not say how long
	spent   [windowParts]int
	part    int64 // the part of time that was charged last
}

func (b *budget) bucket(o owner) *bucket {
	if b.buckets[o] == nil {
		made := &bucket{}
		if o.mailbox != "" {
			made.places = &queue{free: concurrent}
		}
		b.buckets[o] = made
	}
	return b.buckets[o]
}

// charge counts one request against the owner's window. Rejected requests count
// at Microsoft too, so nothing is ever given back.
func (b *budget) charge(o owner) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	k, now := b.bucket(o), b.now()
	if wait := k.until.Sub(now); wait > 0 {
		b.putOff++
		return &graphwarden.Later{After: wait, Cause: errPaused}
	}
	if o.mailbox == "" {
		return nil
	}
	part := now.UnixNano() / int64(windowStep)
	for ; k.part < part; k.part++ {
		if part-k.part > windowParts {
			k.part = part - windowParts
		}
		k.spent[(k.part+1)%windowParts] = 0
	}
	total := 0
	for _, n := range k.spent {
		total += n
	}
	if total >= windowSize {
		b.putOff++
		return &graphwarden.Later{After: windowStep, Cause: errSpent}
	}
	k.spent[k.part%windowParts]++
	return nil
}

// settle takes an answer into account and says how long the owner now waits. A
// pause holds for every call of the owner, not only for the one refused; without
// Retry-After it doubles from refusal to refusal (graph-facts §5).
func (b *budget) settle(o owner, status int, header http.Header) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.bucket(o)
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		k.strikes = 0
		return 0
	}
	b.refused++
	wait, said := outbound.RetryAfter(header, b.now())
	if !said {
		wait = b.jitter(min(firstPause<<min(k.strikes, 10), longPause))
		k.strikes++
	}
	if until := b.now().Add(wait); until.After(k.until) {
		k.until = until
	}
	return max(0, k.until.Sub(b.now()))
}
