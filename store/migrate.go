package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// migrations are applied in the order of their numbers, each in a transaction of
// its own, and never edited once released.
//
//go:embed migrations/*.sql migrations/postgres/*.sql
var migrations embed.FS

// migration is one numbered file.
type migration struct {
	version int
	name    string
	sql     string
}

func readMigrations() ([]migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	list := make([]migration, len(names))
	for i, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		base := strings.TrimPrefix(name, "migrations/")
		number, _, _ := strings.Cut(base, "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s should have the number %04d", base, i+1)
		}
		list[i] = migration{version, strings.TrimSuffix(base, ".sql"), string(text)}
	}
	return list, nil
}

// newest is the schema version of this program.
func newest() int {
	list, err := readMigrations()
	if err != nil {
		return 0 // whoever opens a database says why
	}
	return len(list)
}

// migrationsTable says which migrations were applied.
const migrationsTable = `CREATE TABLE IF NOT EXISTS schema_migrations (
    version    INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;`

// migrate brings the database to the newest version. A crash in between leaves
// it at a whole version, and the next start goes on from there; of several
// processes that start at once, one applies each migration. A new database gets all
// of them in one transaction.
func (s *Store) migrate(ctx context.Context, db *sql.DB) error {
	list, err := readMigrations()
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	var version int
	err = s.alone(ctx, db, func(tx *sql.Tx) error {
		text, err := s.engine.schema(migration{sql: migrationsTable})
		if err == nil {
			_, err = tx.ExecContext(ctx, text)
		}
		if err == nil {
			version, err = schemaVersion(ctx, tx)
		}
		if err == nil && version == 0 {
			version = len(list)
			err = s.applyIn(ctx, tx, list...)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("preparing the migrations: %w", err)
	}
	if version > len(list) {
		return s.problem("newer", fmt.Errorf("schema version %d, newest known %d", version, len(list)))
	}
	for _, m := range list[version:] {
		if err := s.apply(ctx, db, m); err != nil {
			return err
		}
	}
	return nil
}

func schemaVersion(ctx context.Context, tx interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (version int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_migrations`).Scan(&version)
	return version, err
}

func (s *Store) apply(ctx context.Context, db *sql.DB, m migration) error {
	return s.alone(ctx, db, func(tx *sql.Tx) error {
		if version, err := schemaVersion(ctx, tx); err != nil || version >= m.version {
			return err // another process was quicker
		}
		return s.applyIn(ctx, tx, m)
	})
}

// applyIn applies migrations in a transaction.
func (s *Store) applyIn(ctx context.Context, tx *sql.Tx, list ...migration) error {
	for _, m := range list {
		text, err := s.engine.schema(m)
		if err == nil {
			_, err = tx.ExecContext(ctx, text)
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, s.engine.translate(`INSERT INTO schema_migrations (version, name, applied_at) VALUES (?, ?, ?)`),
				m.version, m.name, micros(s.Now()))
		}
		if err != nil {
			return fmt.Errorf("applying migration %s: %w", m.name, err)
		}
	}
	return nil
}

// alone runs do in a transaction while no other process of the cluster does the
// same.
func (s *Store) alone(ctx context.Context, db *sql.DB, do func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := s.engine.lock(ctx, tx); err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}
