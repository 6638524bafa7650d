package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// Untime makes the items those of a version that did not note when they are.
func Untime(ctx context.Context, s *Store) error {
	return s.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		t, err := open(tx)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `UPDATE items SET starts_at = NULL, ends_at = NULL`)
		return err
	})
}

// Setting is a setting of a server's, as it is within a transaction.
func Setting(ctx context.Context, tx graphwarden.Tx, name string) (value string, err error) {
	t, err := open(tx)
	if err != nil {
		return "", err
	}
	err = t.row(ctx, `SELECT current_setting(?)`, []any{name}, &value)
	return value, err
}

// WindowPlan is how the engine finds what is in a window.
func WindowPlan(ctx context.Context, s *Store, server bool) (string, error) {
	explain := `EXPLAIN QUERY PLAN `
	columns := 4
	if server {
		explain, columns = `EXPLAIN `, 1
	}
	var plan strings.Builder
	err := s.reads.rows(ctx, explain+itemsInWindow, []any{"f", "m", "", int64(1), int64(2), int64(3), int64(0), int64(0), []byte{}, 100}, func(row scanner) error {
		into := make([]any, columns)
		for i := range into {
			into[i] = new(any)
		}
		err := row.Scan(into...)
		fmt.Fprintln(&plan, *into[columns-1].(*any))
		return err
	})
	return plan.String(), err
}

// Scans gives the queries that were asked so far and for which SQLite goes through all
// of a table.
func Scans(t *testing.T, s *Store, table string) (scans []string) {
	t.Helper()
	for _, asked := range []*statements{s.reads, s.writer.statements} {
		for query := range asked.ready {
			args := make([]any, strings.Count(query, "?"))
			if numbered := regexp.MustCompile(`\?\d`).FindAllString(query, -1); numbered != nil {
				args = args[:int(slices.Max(numbered)[1]-'0')]
			}
			rows, err := s.pooled.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query, args...)
			if err != nil {
				t.Fatal(query, err)
			}
			defer rows.Close()
			for rows.Next() {
				var id, parent, unused int
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					t.Fatal(err)
				}
				if detail == "SCAN "+table {
					scans = append(scans, detail+" in "+query)
				}
			}
		}
	}
	return scans
}

func TestAnItemWithoutATimeHasNone(t *testing.T) {
	for _, body := range []string{``, `{}`, `{"type":"seriesMaster","start":{"dateTime":"2026-03-02T08:00:00","timeZone":"UTC"}}`} {
		if starts, ends := timesOf([]byte(body)); starts != 0 || ends != 0 {
			t.Errorf("%s is from %d to %d", body, starts, ends)
		}
	}
}
