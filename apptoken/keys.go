package apptoken

import (
	"context"
	"crypto/rsa"
	"log/slog"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
)

const (
	// freshFor is how long keys are used without being read anew.
	freshFor = 6 * time.Hour
	// goodFor is how long keys are used that could not be read anew: so long an outage of
	// Entra's is borne, and so long a key that a tenant has taken back is believed at most.
	goodFor = 24 * time.Hour
	// tryEvery is how often a tenant is asked at most, whatever is shown to us.
	tryEvery = time.Minute
	// tryFor is how long an answer is waited for.
	tryFor = 10 * time.Second
)

// keys are a tenant's keys as they were read last. They may be used from many goroutines.
type keys struct {
	tenant graphwarden.Tenant
	source Source
	log    *slog.Logger

	mu     sync.Mutex
	known  map[string]*rsa.PublicKey
	read   time.Time     // when they were read; zero: never
	tried  time.Time     // when that was tried last
	flight chan struct{} // closed when the reading that is under way has ended; nil: none is
	failed error         // why the last reading did not succeed
}

// goOn takes over what was read of the same tenant, so that another configuration neither
// needs Entra nor lets it be asked more often.
func (k *keys) goOn(before *keys) {
	before.mu.Lock()
	defer before.mu.Unlock()
	if before.tenant == k.tenant {
		k.known, k.read, k.tried, k.failed = before.known, before.read, before.tried, before.failed
	}
}

// key gives the key of an id; nil when the tenant has none of it. It is an error when it is
// not among those that may still be believed and the tenant cannot be asked.
func (k *keys) key(ctx context.Context, id string, now func() time.Time) (*rsa.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if found := k.known[id]; found != nil && k.age(now()) < freshFor {
		return found, nil
	}
	for k.flight != nil && (k.known[id] == nil || k.age(now()) >= goodFor) {
		ended := k.flight
		k.mu.Unlock()
		select {
		case <-ended:
		case <-ctx.Done():
		}
		k.mu.Lock()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if k.flight == nil && k.due(id, now()) {
		k.refresh(ctx, now)
	}
	if k.failed != nil && (k.known[id] == nil || k.age(now()) >= goodFor) {
		return nil, k.failed
	}
	return k.known[id], nil
}

func (k *keys) age(now time.Time) time.Duration { return now.Sub(k.read) }

// due says whether the tenant is to be asked: for a key that is unknown, or because the
// keys are old, and not when it was asked just now.
func (k *keys) due(id string, now time.Time) bool {
	old := k.read.IsZero() || k.known[id] == nil || k.age(now) >= freshFor
	return old && (k.tried.IsZero() || now.Sub(k.tried) >= tryEvery)
}

// refresh reads the keys, with the lock let go meanwhile. Who asked may leave: others wait
// for what it reads.
func (k *keys) refresh(ctx context.Context, now func() time.Time) {
	k.tried, k.flight = now(), make(chan struct{})
	k.mu.Unlock()
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), tryFor)
	fresh, err := k.source.SigningKeys(ctx, k.tenant)
	stop()
	k.mu.Lock()
	if k.failed = err; err == nil {
		k.known, k.read = fresh, k.tried
	} else {
		k.log.Warn("the keys by which apps' tokens are checked cannot be read", "tenant", k.tenant.Name, "reason", err)
	}
	close(k.flight)
	k.flight = nil
}
