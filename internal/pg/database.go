package pg

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// shared is the server of this test program, started at its first use.
var shared = sync.OnceValues(func() (*Server, error) { return start(context.Background(), nil) })

// number tells the databases of a server apart.
var number atomic.Int64

// New gives the URL of a new, empty database on the test program's server. It is
// dropped with the test.
func New(t testing.TB) string {
	t.Helper()
	s, err := shared()
	missing(t, err)
	return s.New(t)
}

// NewSchema gives the URL of a new, empty schema in a database that the tests of
// this program share, which costs a hundredth of a database of one's own. They
// share what is the database's: advisory locks and channels.
func NewSchema(t testing.TB) string {
	t.Helper()
	s, err := shared()
	missing(t, err)
	name := fmt.Sprintf("test_%d", number.Add(1))
	Exec(t, s.URL("postgres"), `CREATE SCHEMA `+name)
	return s.URL("postgres") + "?search_path=" + name
}

// New gives the URL of a new, empty database.
func (s *Server) New(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", number.Add(1))
	Exec(t, s.URL("postgres"), `CREATE DATABASE `+name)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err != nil {
			return // the test stopped the server
		}
		defer conn.Close(ctx)
		_, _ = conn.Exec(ctx, `DROP DATABASE `+name+` WITH (FORCE)`) // with the server at the latest
	})
	return s.URL(name)
}

// Exec runs a statement in the database of a URL.
func Exec(t testing.TB, url, query string, args ...any) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
