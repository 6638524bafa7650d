package store

import (
	"context"
	"strings"
	"time"
)

// What other processes are told of.
const (
	TouchedMarks    = "marks"    // a feed may be due
	TouchedChanges  = "changes"  // a sink may have something to send
	TouchedPresence = "presence" // something new is told of people
	touchedHolds    = "holds"    // leases are free; see Freed
)

// Waits before a connection that broke is opened anew: the others think a process
// dead that is gone for longer than a moment.
const (
	shortestBreak = 200 * time.Millisecond
	longestBreak  = time.Second
)

// Woken calls woken with the name of what another process that shares the
// database has written, until ctx ends: TouchedMarks and the like. What was
// written while it could not listen it tells when it listens again; it may tell
// too much, and what was forgotten is found by a sweep. On SQLite there is no
// other process.
func (s *Store) Woken(ctx context.Context, woken func(what string)) error {
	if s.listener == nil {
		<-ctx.Done()
		return nil
	}
	wait := shortestBreak
	for ctx.Err() == nil {
		began := time.Now()
		err := s.listen(ctx, woken)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > time.Minute {
			wait = shortestBreak
		}
		s.Log.Warn("other processes cannot wake this one until the database answers", "reason", s.refuse(err))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		wait = min(2*wait, longestBreak)
	}
	return nil
}

// listen listens until the connection breaks or ctx ends.
func (s *Store) listen(ctx context.Context, woken func(what string)) error {
	conn := s.takeLife()
	if conn == nil {
		var err error
		if conn, err = s.connectLife(ctx); err != nil {
			return err
		}
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `LISTEN `+channel); err != nil {
		return err
	}
	for _, what := range []string{TouchedMarks, TouchedChanges, TouchedPresence} {
		woken(what)
	}
	s.tellFreed()
	own := s.engine.(postgres).self
	for {
		said, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		from, names, _ := strings.Cut(said.Payload, "/")
		if from == own {
			continue
		}
		for what := range strings.SplitSeq(names, ",") {
			if what == touchedHolds {
				s.tellFreed()
			} else {
				woken(what)
			}
		}
	}
}
