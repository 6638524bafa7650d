package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements keeps what was prepared on a pool or a connection, so that a query
// is parsed once for each connection.
type statements struct {
	on preparer

	mu       sync.Mutex
	prepared map[string]*sql.Stmt
}

// preparer is a pool or a connection.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// scanner is a row that can be read.
type scanner interface{ Scan(dest ...any) error }

// get prepares a query at its first use.
func (s *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt, ok := s.prepared[query]; ok {
		return stmt, nil
	}
	stmt, err := s.on.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if s.prepared == nil {
		s.prepared = map[string]*sql.Stmt{}
	}
	s.prepared[query] = stmt
	return stmt, nil
}

// close gives the statements back; a connection with open ones cannot close.
func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, stmt := range s.prepared {
		err = errors.Join(err, stmt.Close())
	}
	s.prepared = nil
	return err
}

// row reads one row into dest; found is false when there is none.
func (s *statements) row(ctx context.Context, query string, args []any, dest ...any) (found bool, err error) {
	stmt, err := s.get(ctx, query)
	if err != nil {
		return false, err
	}
	err = stmt.QueryRowContext(ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows reads all rows, each with scan.
func (s *statements) rows(ctx context.Context, query string, args []any, scan func(scanner) error) error {
	stmt, err := s.get(ctx, query)
	if err != nil {
		return err
	}
	return each(scan)(stmt.QueryContext(ctx, args...))
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
