package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements keeps what was made ready for a pool or a connection, so that a
// query is put into the engine's words once, and parsed once for each connection.
type statements struct {
	on     runner
	engine engine

	mu    sync.Mutex
	ready map[string]ready
}

// ready is a query in the engine's words, prepared unless the driver does that.
type ready struct {
	text string
	stmt *sql.Stmt
}

// runner is a pool or a connection.
type runner interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// scanner is a row that can be read.
type scanner interface{ Scan(dest ...any) error }

// get makes a query ready at its first use. The lock is let go while the database is
// asked, which may wait for others.
func (s *statements) get(ctx context.Context, query string) (ready, error) {
	s.mu.Lock()
	r, ok := s.ready[query]
	s.mu.Unlock()
	if ok {
		return r, nil
	}
	r = ready{text: s.engine.translate(query)}
	if s.engine.prepares() {
		var err error
		if r.stmt, err = s.on.PrepareContext(ctx, r.text); err != nil {
			return ready{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first, ok := s.ready[query]; ok { // somebody else was faster
		if r.stmt != nil {
			_ = r.stmt.Close() // nobody has used it
		}
		return first, nil
	}
	if s.ready == nil {
		s.ready = map[string]ready{}
	}
	s.ready[query] = r
	return r, nil
}

// close gives the statements back; a connection with open ones cannot close.
func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, r := range s.ready {
		if r.stmt != nil {
			err = errors.Join(err, r.stmt.Close())
		}
	}
	s.ready = nil
	return err
}

// exec runs a query that returns no rows.
func (s *statements) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	r, err := s.get(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case r.stmt == nil:
		return s.on.ExecContext(ctx, r.text, s.engine.values(args)...)
	}
	return r.stmt.ExecContext(ctx, s.engine.values(args)...)
}

// one reads one row into dest. It is sql.ErrNoRows when there is none.
func (s *statements) one(ctx context.Context, query string, args []any, dest ...any) error {
	r, err := s.get(ctx, query)
	switch {
	case err != nil:
		return err
	case r.stmt == nil:
		return s.on.QueryRowContext(ctx, r.text, s.engine.values(args)...).Scan(dest...)
	}
	return r.stmt.QueryRowContext(ctx, s.engine.values(args)...).Scan(dest...)
}

// row reads one row into dest; found is false when there is none.
func (s *statements) row(ctx context.Context, query string, args []any, dest ...any) (found bool, err error) {
	err = s.one(ctx, query, args, dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows reads all rows, each with scan.
func (s *statements) rows(ctx context.Context, query string, args []any, scan func(scanner) error) error {
	r, err := s.get(ctx, query)
	switch {
	case err != nil:
		return err
	case r.stmt == nil:
		return each(scan)(s.on.QueryContext(ctx, r.text, s.engine.values(args)...))
	}
	return each(scan)(r.stmt.QueryContext(ctx, s.engine.values(args)...))
}

// each makes of scan a reader of what a query returned.
func each(scan func(scanner) error) func(*sql.Rows, error) error {
	return func(rows *sql.Rows, err error) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := scan(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}
