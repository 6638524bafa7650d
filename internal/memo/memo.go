// Package memo remembers for a moment what was read, so that what is asked thousands of
// times a second is read once. It promises that nothing which was read before Forget is
// given after it.
package memo

import (
	"sync"
	"time"
)

// Memo remembers values by key. The zero Memo remembers nothing; set For before its first
// use. It may be used by many goroutines at once.
type Memo[K comparable, V any] struct {
	For time.Duration // how long a value is remembered

	mu    sync.Mutex
	era   int // how often all was forgotten
	known map[K]known[V]
}

type known[V any] struct {
	value V
	at    time.Time
}

// Look gives the value of a key: as it was read less than For before now, or else as read
// gives it. What is not there is not remembered, lest strangers fill the memory; neither
// is what was read while Forget was called.
func (m *Memo[K, V]) Look(key K, now time.Time, read func() (value V, there bool, err error)) (V, bool, error) {
	m.mu.Lock()
	had, there := m.known[key]
	era := m.era
	m.mu.Unlock()
	if since := now.Sub(had.at); there && since >= 0 && since < m.For {
		return had.value, true, nil
	}
	value, there, err := read()
	if err != nil || !there {
		return value, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.era == era {
		if m.known == nil {
			m.known = map[K]known[V]{}
		}
		m.known[key] = known[V]{value, now}
	}
	return value, true, nil
}

// Forget has every value read anew.
func (m *Memo[K, V]) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.era++
	clear(m.known)
}
