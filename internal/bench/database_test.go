//go:build linux

package bench_test

import (
	"context"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"github.com/graphwarden/graphwarden/internal/pg"
)

var engine = flag.String("db", "sqlite", "the database of the gateways that are measured: sqlite or postgres")

// database is what a gateway's configuration names: a file beside it, or an empty
// database of a server of this test's own.
func database(tb testing.TB) string {
	tb.Helper()
	switch *engine {
	case "sqlite":
		return "graphwarden.db"
	case "postgres":
		return pg.New(tb)
	}
	tb.Fatalf("-db %s is neither sqlite nor postgres", *engine)
	return ""
}

var (
	ownDatabase = regexp.MustCompile(`(?m)^database: (.*)$`)
	placeholder = regexp.MustCompile(`\?(\d*)`)
)

// opened is a gateway's database, looked into from outside.
type opened struct {
	*sql.DB
	server bool
}

// openDatabase opens what the configuration in a folder names.
func openDatabase(tb testing.TB, folder string) opened {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "graphwarden.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	name := ownDatabase.FindStringSubmatch(string(raw))[1]
	driver, source, server := "sqlite3", "file:"+filepath.Join(folder, name)+"?_pragma=busy_timeout(10000)", strings.HasPrefix(name, "postgres")
	if server {
		driver, source = "pgx", name
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		tb.Fatal(err)
	}
	return opened{db, server}
}

// says writes a statement as the engine has it: ?1 is $1, and ? the next one.
func (o opened) says(query string) string {
	if !o.server {
		return query
	}
	n := byte('0')
	return placeholder.ReplaceAllStringFunc(query, func(at string) string {
		if n++; at == "?" {
			at += string(n)
		}
		return "$" + at[1:]
	})
}

// number asks for one.
func (o opened) number(tb testing.TB, query string, args ...any) (n int) {
	tb.Helper()
	if err := o.QueryRowContext(context.Background(), o.says(query), args...).Scan(&n); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return n
}
