package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
)

// ErrClosed is what Update returns once the store was closed.
var ErrClosed = errors.New("the store is closed")

// maxGroup bounds how many updates share one transaction, so that the first of
// them does not wait for a queue that never ends.
const maxGroup = 512

// Update runs do in a transaction and returns once it is on disk, with all that was
// committed before and do may have seen; do's own error
// takes back what do did, and comes back as it is. Updates that wait while
// another is written share one transaction and one sync of the disk, each
// standing or falling alone. When the database itself fails, all that shared the
// transaction get the same Refusal of kind Storage, and none of them happened.
//
// do's context is not cancelled half way: an interrupted statement would undo
// the work of others. do must not wait for anything outside the store, nor call
// Update.
func (s *Store) Update(ctx context.Context, do func(ctx context.Context, tx graphwarden.Tx) error) error {
	return s.refuse(s.writer.do(ctx, do, interactive))
}

// UpdateBulk is Update for work that nobody is waiting for, such as a page of a
// first sync: it takes turns with what Update is asked to do, never two in a row
// while something waits there. It delays others by as long as do takes, so do
// should handle a thousand items at most.
func (s *Store) UpdateBulk(ctx context.Context, do func(ctx context.Context, tx graphwarden.Tx) error) error {
	return s.refuse(s.writer.do(ctx, do, bulk))
}

// class is how urgent an update is.
type class int

const (
	interactive class = iota
	unsynced          // as interactive; nobody waits for the disk
	bulk
	classes // how many there are
)

// job is one update on its way.
type job struct {
	ctx      context.Context
	do       func(context.Context, graphwarden.Tx) error
	class    class
	turn     chan bool // true: lead the next group; false: done, err and panicked are set
	err      error
	panicked any         // what do panicked with
	done     func(error) // of one that nobody waits for
}

// writer runs jobs on the one connection that writes. It belongs to whoever leads. There is no goroutine of
// its own: the job at the head of the queue leads a group, in which it runs the
// jobs of others with its own, commits once, and hands the lead on.
type writer struct {
	db         *sql.DB   // has one connection
	conn       *sql.Conn // nil when it broke
	statements *statements
	engine     engine
	now        func() time.Time
	step       func(string, func() error) error

	mu           sync.Mutex
	waiting      [classes][]*job
	waitingLater []*job          // see UpdateLater
	armed        bool            // somebody will look after them
	ripe         int             // how many of them have waited
	busy         bool            // somebody leads
	last         class           // of the last group's leader that was not unsynced
	quick        bool            // the last group was unsynced
	behind       context.Context // of an update that is committed and may not be on disk; nil: all are
	spare        []entry         // room for a group's entries; the leader's
	closed       bool
	idle         *sync.Cond // busy became false
}

func newWriter(db *sql.DB, conn *sql.Conn, s *Store) *writer {
	w := &writer{db: db, engine: s.engine, now: s.Now, step: s.Step}
	if conn != nil {
		w.sit(conn)
	}
	w.idle = sync.NewCond(&w.mu)
	return w
}

// sit takes a connection to write on.
func (w *writer) sit(conn *sql.Conn) {
	w.conn, w.statements = conn, &statements{on: conn, engine: w.engine}
}

// leave gives up a connection that broke, so that the next group begins on a new
// one.
func (w *writer) leave() {
	if w.conn == nil {
		return
	}
	_ = w.statements.close()
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // not back into the pool
	_ = w.conn.Close()
	w.conn, w.statements = nil, nil
}

// release gives the connection back; nobody writes any more.
func (w *writer) release() error {
	if w.conn == nil {
		return nil
	}
	return errors.Join(w.statements.close(), w.conn.Close())
}

// close lets what waits finish, and refuses what comes.
func (w *writer) close() {
	w.flush()
	w.mu.Lock()
	w.closed = true
	for w.busy {
		w.idle.Wait()
	}
	late, behind := w.waitingLater, w.behind
	w.waitingLater, w.busy = nil, behind != nil
	w.mu.Unlock()
	for _, j := range late {
		j.done(ErrClosed)
	}
	if behind != nil { // committed since the flush
		w.lead(&job{ctx: behind, do: nothing})
	}
}

func (w *writer) do(ctx context.Context, do func(context.Context, graphwarden.Tx) error, c class) error {
	j := &job{ctx: ctx, do: do, class: c, turn: make(chan bool, 1)}
	if err := w.enqueue(j); err != nil {
		return err
	}
	if <-j.turn {
		w.lead(j)
	}
	if j.panicked != nil {
		panic(j.panicked)
	}
	return j.err
}

// enqueue puts a job in line; where nobody leads, it leads.
func (w *writer) enqueue(j *job) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return ErrClosed
	}
	if !w.busy {
		w.busy = true
		w.appoint(j)
		return nil
	}
	w.waiting[j.class] = append(w.waiting[j.class], j)
	return nil
}

// appoint has a job lead; the lock is held.
func (w *writer) appoint(j *job) {
	if w.quick = j.class == unsynced; !w.quick {
		w.last = j.class
	}
	j.turn <- true
}

// next takes the next job that waits for a group, if any: an interactive one, one that
// need not be synced, or else one that could wait. A group that is not synced has none
// that has to be.
func (w *writer) next(synced bool) *job {
	w.mu.Lock()
	defer w.mu.Unlock()
	if synced {
		if j := w.take(interactive); j != nil {
			return j
		}
	}
	if j := w.take(unsynced); j != nil {
		return j
	}
	return w.takeLater()
}

func (w *writer) take(c class) *job {
	if len(w.waiting[c]) == 0 {
		return nil
	}
	j := w.waiting[c][0]
	w.waiting[c][0] = nil
	w.waiting[c] = w.waiting[c][1:]
	return j
}

// handOn lets the next job in line lead: one that need not be synced, which holds up
// the others for a moment only, but not twice in a row; bulk work after an interactive
// group, anything interactive after bulk.
func (w *writer) handOn() {
	w.mu.Lock()
	defer w.mu.Unlock()
	order := [classes]class{unsynced, bulk, interactive}
	if w.last == bulk {
		order = [classes]class{unsynced, interactive, bulk}
	}
	if w.quick {
		order = [classes]class{order[1], order[2], unsynced}
	}
	for _, c := range order {
		if j := w.take(c); j != nil {
			w.appoint(j)
			return
		}
	}
	w.busy = false
	w.idle.Broadcast()
}

// group is what shares one transaction.
type group struct {
	w    *writer
	t    *transaction
	jobs []*job // the leader first
	lost bool   // whether it was committed is not known
}

// lead runs one group: the leader's job first, then what waits and is urgent.
// Whatever happens, the others get their answer and the lead is handed on, even
// if a job ends this goroutine (a test's FailNow does).
func (w *writer) lead(leader *job) {
	g := &group{w: w, jobs: []*job{leader}}
	err := errors.New("the update was abandoned")
	defer func() {
		g.t.abandon()
		if w.engine.reconnects() && (g.lost || g.t != nil && g.t.broken != nil) {
			w.leave()
		}
		for _, j := range g.jobs {
			if j.err == nil {
				j.err = err
			}
			j.end(leader)
		}
		w.keep(g.t)
		w.handOn()
	}()
	if err = g.run(); err == nil {
		err = g.finish(leader.ctx)
	}
	if err == nil {
		// A crash before the commit loses what nobody was told of; after it, what
		// nobody was told of is there, and their next try finds it.
		if err = g.t.end(w.step); err != nil {
			g.lost, err = true, fmt.Errorf("%w: %w", errLost, err)
		}
	}
	if err == nil {
		w.noteSync(g)
		for _, hook := range g.t.hooks {
			hook()
		}
	}
}

// keep keeps the room that a group's entries took for the next group.
func (w *writer) keep(t *transaction) {
	if t == nil || cap(t.entries) > 2*maxGroup {
		return // what many needed once is given back
	}
	clear(t.entries)
	w.spare = t.entries[:0]
}

// run runs the leader's job and those that come while it does. An error means
// that nothing of the group happened.
func (g *group) run() error {
	leader := g.jobs[0]
	if err := g.begin(leader.ctx); err != nil {
		return err
	}
	// The leader has the whole transaction to fall back to, so that a page of a
	// thousand items is written without the cost of a savepoint.
	if err := g.t.attempt(leader, false); err != nil {
		return err
	}
	if leader.failed() {
		g.t.abandon()
		if err := g.begin(leader.ctx); err != nil {
			return err
		}
	}
	for len(g.jobs) < maxGroup {
		j := g.w.next(g.synced())
		if j == nil {
			// On one processor, what became due together with the leader's job has not
			// run yet; without this, each would write and sync alone.
			runtime.Gosched()
			if j = g.w.next(g.synced()); j == nil {
				break
			}
		}
		g.jobs = append(g.jobs, j)
		g.t.now = g.w.time() // when it was asked for, the leader may have begun already
		if err := g.t.attempt(j, true); err != nil {
			return err
		}
	}
	return nil
}

// time is the time of a job that begins now, as it is stored.
func (w *writer) time() time.Time { return w.now().UTC().Truncate(time.Microsecond) }

// begin starts a transaction that no caller's context cancels: it belongs to
// all of the group. A connection that broke since it was last used is replaced.
func (g *group) begin(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	w := g.w
	fresh := w.conn == nil
	for {
		if w.conn == nil {
			conn, err := w.db.Conn(ctx)
			if err != nil {
				return fmt.Errorf("connecting to the database: %w", err)
			}
			w.sit(conn)
		}
		end, err := w.engine.begin(ctx, w.conn, g.synced())
		if err == nil {
			g.t = &transaction{last: -1, entries: w.spare[:0], ending: end, engine: w.engine, conn: w.conn, statements: w.statements, now: w.time()}
			return nil
		}
		if !w.engine.reconnects() {
			return fmt.Errorf("beginning a transaction: %w", err)
		}
		broke := w.engine.harm(w.conn, err) == whole
		w.leave()
		if fresh || !broke {
			return fmt.Errorf("beginning a transaction: %w", err)
		}
		fresh = true
	}
}

func (j *job) failed() bool { return j.err != nil || j.panicked != nil }
