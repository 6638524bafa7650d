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

// transaction is the graphwarden.Tx of a group of updates. Its statements were
// prepared on the connection that it runs on, which is the writer's only one.
type transaction struct {
	sql        *sql.Tx
	statements *statements
	now        time.Time
	hooks      []func()
	steps      []string // what it does, by the names that Step was given
	broken     error    // why nothing more can be done in it
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

// commit commits: as a step named "commit", within a step for each name that the
// transaction was given.
func (t *transaction) commit(step func(string, func() error) error) error {
	act := t.sql.Commit
	for _, name := range append([]string{"commit"}, t.steps...) {
		inner := act
		act = func() error { return step(name, inner) }
	}
	return act()
}

// abandon rolls back what was not committed; t may be nil.
func (t *transaction) abandon() {
	if t == nil {
		return
	}
	t.over = true
	_ = t.sql.Rollback() // after a commit it does nothing, after a failure there is nothing left
}

// attempt runs a job, in a savepoint if asked to, and sets its outcome. An error
// means that the whole transaction is lost.
func (t *transaction) attempt(j *job, savepoint bool) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil
	}
	ctx := context.WithoutCancel(j.ctx)
	hooks, steps := len(t.hooks), len(t.steps)
	if savepoint {
		if _, err := t.exec(ctx, `SAVEPOINT job`); err != nil {
			return err
		}
	}
	j.run(ctx, t)
	if t.broken != nil {
		return t.broken
	}
	if j.failed() {
		t.hooks, t.steps = t.hooks[:hooks], t.steps[:steps]
		if savepoint {
			if _, err := t.exec(ctx, `ROLLBACK TO job`); err != nil {
				return err
			}
		}
	}
	if savepoint {
		if _, err := t.exec(ctx, `RELEASE job`); err != nil {
			return err
		}
	}
	return nil
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

// prepare gives a statement to run, unless the transaction is broken: after an
// error that rolled it back, a statement would commit by itself.
func (t *transaction) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if t.broken != nil {
		return nil, t.broken
	}
	stmt, err := t.statements.get(ctx, query)
	return stmt, t.noted(err)
}

// noted remembers an error after which the transaction cannot be trusted.
func (t *transaction) noted(err error) error {
	if err != nil && fatal(err) {
		t.broken = err
	}
	return err
}

// exec runs a statement that returns no rows.
func (t *transaction) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := t.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := stmt.ExecContext(ctx, args...)
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
	stmt, err := t.prepare(ctx, query)
	if err != nil {
		return err
	}
	return t.noted(stmt.QueryRowContext(ctx, args...).Scan(dest...))
}

// rows reads all rows, each with scan.
func (t *transaction) rows(ctx context.Context, query string, args []any, scan func(scanner) error) error {
	stmt, err := t.prepare(ctx, query)
	if err != nil {
		return err
	}
	return t.noted(each(scan)(stmt.QueryContext(ctx, args...)))
}
