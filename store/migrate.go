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
	"time"
)

// migrations are applied in the order of their numbers, each in a transaction of
// its own, and never edited once released.
//
//go:embed migrations/*.sql
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

// migrate brings the database to the newest version. A crash in between leaves
// it at a whole version, and the next start goes on from there.
func migrate(ctx context.Context, db *sql.DB, now time.Time) error {
	list, err := readMigrations()
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (
    version    INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT`); err != nil {
		return fmt.Errorf("preparing the migrations: %w", err)
	}
	var version int
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_migrations`).Scan(&version); err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if version > len(list) {
		return problem("newer", "", fmt.Errorf("schema version %d, newest known %d", version, len(list)))
	}
	for _, m := range list[version:] {
		if err := m.apply(ctx, db, now); err != nil {
			return fmt.Errorf("applying migration %s: %w", m.name, err)
		}
	}
	return nil
}

func (m migration) apply(ctx context.Context, db *sql.DB, now time.Time) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, m.sql); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO schema_migrations (version, name, applied_at) VALUES (?, ?, ?)`,
		m.version, m.name, micros(now)); err != nil {
		return err
	}
	return tx.Commit()
}
