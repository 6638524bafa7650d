package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"
)

// table is one of the database's tables, as a backup copies it.
type table struct {
	name    string
	columns []string
	order   []string // the columns that put its rows in order
}

// querier is a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// tablesOf lists an SQLite file's tables, each after those that its rows point to.
// What is particular to one database, its migrations and the list of a backup,
// is left out.
func tablesOf(ctx context.Context, q querier) ([]table, error) {
	names, err := texts(ctx, q, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
AND name NOT IN ('schema_migrations', 'backup_about', 'backup_tables') ORDER BY name`)
	if err != nil {
		return nil, err
	}
	var list []table
	done := map[string]bool{}
	for len(list) < len(names) {
		before := len(list)
		for _, name := range names {
			needs, err := texts(ctx, q, `SELECT "table" FROM pragma_foreign_key_list('`+name+`')`)
			if err != nil {
				return nil, err
			}
			ready := !done[name]
			for _, need := range needs {
				ready = ready && (done[need] || need == name)
			}
			if !ready {
				continue
			}
			t, err := tableOf(ctx, q, name)
			if err != nil {
				return nil, err
			}
			list = append(list, t)
			done[name] = true
		}
		if len(list) == before {
			return nil, fmt.Errorf("tables point to each other in a circle: %v are left", names)
		}
	}
	return list, nil
}

func tableOf(ctx context.Context, q querier, name string) (table, error) {
	t := table{name: name}
	var err error
	if t.columns, err = texts(ctx, q, `SELECT name FROM pragma_table_info('`+name+`') ORDER BY cid`); err != nil {
		return t, err
	}
	if t.order, err = texts(ctx, q, `SELECT name FROM pragma_table_info('`+name+`') WHERE pk > 0 ORDER BY pk`); err != nil {
		return t, err
	}
	if len(t.order) == 0 {
		t.order = t.columns
	}
	return t, nil
}

// texts reads rows of one text.
func texts(ctx context.Context, q querier, query string) ([]string, error) {
	var list []string
	err := each(func(row scanner) error {
		var text string
		err := row.Scan(&text)
		list = append(list, text)
		return err
	})(q.QueryContext(ctx, query))
	return list, err
}

func (t table) selection() string {
	return `SELECT ` + strings.Join(t.columns, ", ") + ` FROM ` + t.name + ` ORDER BY ` + strings.Join(t.order, ", ")
}

// tally is what a table holds: how many rows, and a hash over all of them in
// order, so that two databases that tally hold the same.
type tally struct {
	rows int64
	sum  [sha256.Size]byte
}

// tallier counts and hashes rows on their way.
type tallier struct {
	rows int64
	hash hash.Hash
	room [9]byte
}

func newTallier() *tallier { return &tallier{hash: sha256.New()} }

func (c *tallier) tally() tally { return tally{c.rows, [sha256.Size]byte(c.hash.Sum(nil))} }

// add takes a row: each value with its kind and its length, so that no two rows
// look the same.
func (c *tallier) add(row []any) error {
	c.rows++
	for _, v := range row {
		var bytes []byte
		switch v := v.(type) {
		case nil:
			c.room[0] = 'n'
			binary.BigEndian.PutUint64(c.room[1:], 0)
		case int64:
			c.room[0] = 'i'
			binary.BigEndian.PutUint64(c.room[1:], uint64(v))
		case string:
			c.room[0], bytes = 't', []byte(v)
			binary.BigEndian.PutUint64(c.room[1:], uint64(len(bytes)))
		case []byte:
			c.room[0], bytes = 'b', v
			binary.BigEndian.PutUint64(c.room[1:], uint64(len(bytes)))
		default:
			return fmt.Errorf("a column holds a %T", v)
		}
		c.hash.Write(c.room[:])
		c.hash.Write(bytes)
	}
	return nil
}

// read gives a table's rows one by one; a row is valid until the next, and nil at
// the end.
func (t table) read(ctx context.Context, q querier, use func(next func() ([]any, error)) error) (tally, error) {
	rows, err := q.QueryContext(ctx, t.selection())
	if err != nil {
		return tally{}, err
	}
	defer rows.Close()
	count := newTallier()
	row, dest := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range row {
		dest[i] = &row[i]
	}
	next := func() ([]any, error) {
		if !rows.Next() {
			return nil, rows.Err()
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		return row, count.add(row)
	}
	if err := use(next); err != nil {
		return tally{}, err
	}
	return count.tally(), rows.Err()
}

// drain reads rows for their tally only.
func drain(next func() ([]any, error)) error {
	for {
		if row, err := next(); row == nil || err != nil {
			return err
		}
	}
}
