package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"maps"
	"slices"
)

// writeManifest writes into a backup what it holds.
func writeManifest(ctx context.Context, tx *sql.Tx, m Manifest, all map[string]tally) error {
	for _, query := range []string{
		`CREATE TABLE backup_about (source TEXT NOT NULL, id TEXT NOT NULL, made_at INTEGER NOT NULL, version INTEGER NOT NULL,
changes INTEGER NOT NULL, entries INTEGER NOT NULL, row_count INTEGER NOT NULL) STRICT`,
		`CREATE TABLE backup_tables (name TEXT PRIMARY KEY, row_count INTEGER NOT NULL, sum BLOB NOT NULL) STRICT`,
	} {
		if _, err := tx.ExecContext(ctx, query); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO backup_about (source, id, made_at, version, changes, entries, row_count) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		m.Database, m.ID, micros(m.Made), m.Version, m.Changes, m.Entries, m.Rows)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err == nil {
			sum := all[name].sum
			_, err = tx.ExecContext(ctx, `INSERT INTO backup_tables (name, row_count, sum) VALUES (?, ?, ?)`, name, all[name].rows, sum[:])
		}
	}
	return err
}

// readManifest reads what a backup says that it holds.
func readManifest(ctx context.Context, tx *sql.Tx) (m Manifest, all map[string]tally, err error) {
	var made int64
	err = tx.QueryRowContext(ctx, `SELECT source, id, made_at, version, changes, entries, row_count FROM backup_about`).
		Scan(&m.Database, &m.ID, &made, &m.Version, &m.Changes, &m.Entries, &m.Rows)
	if err != nil {
		return m, nil, err
	}
	m.Made, all = fromMicros(made), map[string]tally{}
	err = each(func(row scanner) error {
		var name string
		var t tally
		var sum []byte
		if err := row.Scan(&name, &t.rows, &sum); err != nil {
			return err
		}
		if len(sum) != sha256.Size {
			return fmt.Errorf("the sum of the table %s has %d bytes", name, len(sum))
		}
		t.sum = [sha256.Size]byte(sum)
		all[name] = t
		return nil
	})(tx.QueryContext(ctx, `SELECT name, row_count, sum FROM backup_tables`))
	m.Changes = all["changes"].rows // an older backup has the number of the last one in its place
	return m, all, err
}

// isBackup says whether an SQLite file has anything of the list of a backup.
func isBackup(ctx context.Context, tx *sql.Tx) bool {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name IN ('backup_about', 'backup_tables')`).Scan(&n)
	return err == nil && n > 0
}

// unlisted says which tables of a backup are not what its list says.
func unlisted(ctx context.Context, tx *sql.Tx, sums map[string]tally) []string {
	m, listed, err := readManifest(ctx, tx)
	if err != nil {
		return []string{"the list of what the backup holds cannot be read"}
	}
	var wrong []string
	var rows int64
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		rows += listed[name].rows
		if sums[name] != listed[name] {
			wrong = append(wrong, fmt.Sprintf("the table %s is not the one that was backed up", name))
		}
	}
	if len(listed) != len(sums) || rows != m.Rows {
		wrong = append(wrong, "the list of what the backup holds is not whole")
	}
	return wrong
}
