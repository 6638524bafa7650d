package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

// gather is how long updates that may wait do so for others to go with: long
// enough for those that a wave of sweeps ends with, and short for one who waits
// for what they free.
const gather = 50 * time.Millisecond

// UpdateLater has do run a little later, with others of its kind in one
// transaction, and returns at once. It is for what may be lost if we crash
// meanwhile, and saves syncs of the disk and pages that are written again and
// again. done is told the outcome, once it is committed as by UpdateUnsynced; it must not
// wait for anything. Close waits for what is still to be run.
func (s *Store) UpdateLater(ctx context.Context, do func(ctx context.Context, tx graphwarden.Tx) error, done func(error)) {
	s.writer.later(s.unattended(ctx, do, done), false)
}

// UpdateNext is UpdateLater for what somebody soon follows with an Update: it goes with
// the next one, whosever that is, and so costs no commit of its own.
func (s *Store) UpdateNext(ctx context.Context, do func(ctx context.Context, tx graphwarden.Tx) error, done func(error)) {
	s.writer.later(s.unattended(ctx, do, done), true)
}

// unattended makes a job that nobody waits for.
func (s *Store) unattended(ctx context.Context, do func(context.Context, graphwarden.Tx) error, done func(error)) *job {
	return &job{ctx: context.WithoutCancel(ctx), do: do, done: func(err error) { done(s.refuse(err)) }}
}

// Settle has what UpdateLater was given written now.
func (s *Store) Settle() { s.writer.flush() }

// later puts a job where a group will take it, the next one if asked to, and sees to
// it that one comes.
func (w *writer) later(j *job, next bool) {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		j.done(ErrClosed)
		return
	}
	at := len(w.waitingLater)
	if next {
		at = w.ripe
		w.ripe++
	}
	w.waitingLater = slices.Insert(w.waitingLater, at, j)
	w.arm()
	w.mu.Unlock()
}

// arm sees to it that somebody flushes soon; the lock is held.
func (w *writer) arm() {
	if !w.armed {
		w.armed = true
		time.AfterFunc(gather, w.flush)
	}
}

// takeLater takes the next job that has waited, if any; the lock is held.
func (w *writer) takeLater() *job {
	if w.ripe == 0 {
		return nil
	}
	w.ripe--
	j := w.waitingLater[0]
	w.waitingLater[0] = nil
	w.waitingLater = w.waitingLater[1:]
	return j
}

// flush has what waits until now written, and what is committed until now synced; what
// comes meanwhile gathers anew.
func (w *writer) flush() {
	w.mu.Lock()
	w.armed, w.ripe = false, len(w.waitingLater)
	ctx := w.behind
	w.mu.Unlock()
	for {
		w.mu.Lock()
		if w.ripe > 0 {
			ctx = w.waitingLater[0].ctx
		}
		w.mu.Unlock()
		if ctx == nil {
			return
		}
		switch err := w.do(ctx, nothing, interactive); {
		case errors.Is(err, ErrClosed):
			return // close tells them
		case err != nil: // some have been told; the others go with what comes
			time.AfterFunc(gather, w.flush)
			return
		}
		ctx = nil
	}
}

// nothing is what a job does that only has others written.
func nothing(context.Context, graphwarden.Tx) error { return nil }

// end tells whoever asked for a job how it went; the leader of its group sees for
// itself.
func (j *job) end(leader *job) {
	switch {
	case j.done != nil:
		if j.panicked != nil {
			j.err = fmt.Errorf("an update panicked: %v", j.panicked)
		}
		j.done(j.err)
	case j != leader:
		j.turn <- false
	}
}
