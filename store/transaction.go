package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

// transaction is the graphwarden.Tx of a group of updates. It has the connection
// that writes for itself.
type transaction struct {
	ending
	engine     engine
	conn       *sql.Conn
	statements *statements
	now        time.Time
	hooks      []func()
	steps      []string // what it does, by the names that Step was given
	touched    []string // what other processes are told of
	marked     bool     // there is a savepoint
	unguarded  bool     // the job that runs has none of its own yet
	last       int64    // the number of the last entry on disk; -1: not asked yet
	entries    []entry  // of the ledger, which follow it and are not inserted yet
	spoiled    error    // why nothing more can be done in it before the savepoint
	broken     error    // why nothing more can be done in it at all
	over       bool
}

// Now is the time at which the transaction began.
func (t *transaction) Now() time.Time { return t.now }

// AfterCommit has f called once the transaction is on disk.
func (t *transaction) AfterCommit(f func()) { t.hooks = append(t.hooks, f) }

// Step names something that the transaction does.
func (t *transaction) Step(name string) {
	if !slices.Contains(t.steps, name) {
		t.steps = append(t.steps, name)
	}
}

// end commits: as a step named "commit", within a step for each name that the
// transaction was given.
func (t *transaction) end(step func(string, func() error) error) error {
	act := func() error { return t.commit(t.touched) }
	for _, name := range append([]string{"commit"}, t.steps...) {
		inner := act
		act = func() error { return step(name, inner) }
	}
	return act()
}

// touch has the processes that share the database told, once the transaction is
// on disk, that something of a name is new there; see Woken.
func (t *transaction) touch(what string) {
	if !slices.Contains(t.touched, what) {
		t.touched = append(t.touched, what)
	}
}

// abandon rolls back what was not committed; t may be nil.
func (t *transaction) abandon() {
	if t == nil {
		return
	}
	t.over = true
	_ = t.rollback() // after a commit it does nothing, after a failure there is nothing left
}

// attempt runs a job, in a savepoint if asked to, and sets its outcome. An error
// means that the whole transaction is lost. The savepoint is made before the job's
// first statement: one that only appends to the ledger has none, and needs none.
func (t *transaction) attempt(j *job, savepoint bool) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil
	}
	ctx, cancel := t.patient(j.ctx)
	defer cancel()
	hooks, steps, entries := len(t.hooks), len(t.steps), len(t.entries)
	t.unguarded = savepoint
	j.run(ctx, t)
	guarded := savepoint && !t.unguarded
	t.unguarded = false
	if t.broken != nil {
		return t.broken
	}
	if !j.failed() {
		j.err = t.spoiled // a job that overlooks an error has failed all the same
	}
	if !j.failed() {
		return nil
	}
	t.hooks, t.steps, t.entries, t.spoiled = t.hooks[:hooks], t.steps[:steps], t.entries[:entries], nil
	if guarded {
		_, err := t.exec(ctx, `ROLLBACK TO job`)
		return err
	}
	return nil
}

// patient gives the context of a piece of the transaction: nobody who asked for it cuts
// it short, and on a server it may take so long.
func (t *transaction) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx = context.WithoutCancel(ctx)
	if patience := t.engine.patience(); patience > 0 {
		return context.WithTimeout(ctx, patience)
	}
	return ctx, func() {}
}

// run calls the job's function. A panic is kept for the goroutine that asked.
func (j *job) run(ctx context.Context, t *transaction) {
	defer func() {
		if p := recover(); p != nil {
			j.panicked = p
		}
	}()
	j.err = j.do(ctx, t)
}

// open gives the transaction behind a Tx, which must be this store's and not
// over yet.
func open(tx graphwarden.Tx) (*transaction, error) {
	t, ok := tx.(*transaction)
	switch {
	case !ok:
		return nil, fmt.Errorf("using a transaction of another store (%T)", tx)
	case t.over:
		return nil, errors.New("using a transaction that is over")
	}
	return t, nil
}

// ready says whether a statement of a job may be run, and makes the savepoint that the
// job falls back to. After an error that rolled the transaction back, a statement would
// commit by itself.
func (t *transaction) ready(ctx context.Context) error {
	switch {
	case t.broken != nil:
		return t.broken
	case t.spoiled != nil:
		return t.spoiled
	case !t.unguarded:
		return nil
	}
	t.unguarded = false
	for _, query := range t.engine.savepoint(t.marked) {
		if _, err := t.statements.exec(ctx, query, nil); err != nil {
			t.broken = err // the job could not be taken back alone
			return err
		}
	}
	t.marked = true
	return nil
}

// noted remembers an error after which the transaction cannot be trusted.
func (t *transaction) noted(err error) error {
	if err == nil {
		return nil
	}
	switch t.engine.harm(t.conn, err) {
	case whole:
		t.broken = err
	case part:
		t.spoiled = err
	}
	return err
}

// exec runs a statement that returns no rows.
func (t *transaction) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	res, err := t.statements.exec(ctx, query, args)
	return res, t.noted(err)
}

// change runs a statement and says how many rows it changed.
func (t *transaction) change(ctx context.Context, query string, args ...any) (int, error) {
	res, err := t.exec(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// row reads one row into dest. It is sql.ErrNoRows when there is none.
func (t *transaction) row(ctx context.Context, query string, args []any, dest ...any) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	return t.noted(t.statements.one(ctx, query, args, dest...))
}

// rows reads all rows, each with scan.
func (t *transaction) rows(ctx context.Context, query string, args []any, scan func(scanner) error) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	return t.noted(t.statements.rows(ctx, query, args, scan))
}
