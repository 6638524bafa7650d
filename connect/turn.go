package connect

import "sync"

// turn is a lock that is held while the store is asked. It is a channel within,
// because a test's bubble takes nobody for waiting who waits for a sync.Mutex, and
// its time would stand still while SQLite sleeps before it tries again. The zero turn
// is free.
type turn struct {
	once sync.Once
	one  chan struct{}
}

// Lock waits until the turn is free, and takes it.
func (t *turn) Lock() {
	t.once.Do(func() { t.one = make(chan struct{}, 1) })
	t.one <- struct{}{}
}

// Unlock frees the turn.
func (t *turn) Unlock() { <-t.one }
