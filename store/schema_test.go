package store_test

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/store"
)

// TestTheSchemaIsTheGoldenOne reads the schema as the database has it, so that
// nothing changes in it unseen.
func TestTheSchemaIsTheGoldenOne(t *testing.T) {
	if onServer() {
		golden(t, "testdata/schema.postgres.sql", serverSchema(t))
		return
	}
	rows, err := raw(t, made(t, t.TempDir())).QueryContext(t.Context(), `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name`)
	golden(t, "testdata/schema.sql", lines(t, rows, err))
}

// serverSchema writes down what PostgreSQL says of its tables, one thing a line.
func serverSchema(t *testing.T) string {
	t.Helper()
	url := pg.New(t)
	opened(t, store.Options{URL: url})
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `
SELECT what FROM (
SELECT 1, c.relname, a.attnum, concat_ws(' ', 'column', c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod),
    'collate ' || o.collname, CASE WHEN a.attnotnull THEN 'not null' END, CASE WHEN a.attidentity <> '' THEN 'identity' END,
    'default ' || pg_get_expr(d.adbin, d.adrelid)) AS what
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_collation o ON o.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT 2, c.relname, 0, 'view ' || c.relname || ' ' || pg_get_viewdef(c.oid)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'
UNION ALL SELECT 3, conrelid::regclass::text || conname, 0, concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 4, indexname, 0, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 5, tgname, 0, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
) AS list (part, name, place, what) ORDER BY part, name COLLATE "C", place`)
	return lines(t, rows, err)
}

// lines reads rows of one text.
func lines(t *testing.T, rows *sql.Rows, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var dump strings.Builder
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		dump.WriteString(text + ";\n")
		if !onServer() {
			dump.WriteString("\n")
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return dump.String()
}
