package store_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// once leaves a test out of the second run: it starts its servers itself.
func once(t *testing.T) {
	t.Helper()
	if onServer() {
		t.Skip("ran already")
	}
}

// opened opens a server's database until the test ends.
func opened(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestAServerThatCannotBeUsedIsRefused(t *testing.T) {
	t.Parallel()
	once(t)
	server := pg.Start(t, "max_connections=12")
	postgres := server.URL("postgres")
	pg.Exec(t, postgres, `CREATE ROLE plain LOGIN PASSWORD 'right'`)
	if err := server.Allow(t.Context(), "host all postgres 127.0.0.1/32 trust\nhost all plain 127.0.0.1/32 scram-sha-256"); err != nil {
		t.Fatal(err)
	}
	as := func(user, url string) string { return strings.Replace(url, "postgres@", user+"@", 1) }
	made := func(t *testing.T) string {
		url := server.New(t)
		s, err := store.Open(t.Context(), store.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return url
	}
	situations := map[string]struct {
		url  func(t *testing.T) string
		want string
	}{
		"it is no URL":                   {func(*testing.T) string { return "postgres://a:%zz@b/c" }, "storage.url"},
		"an option of it is none":        {func(*testing.T) string { return "postgres://127.0.0.1/x?sslmode=maybe" }, "storage.url"},
		"nobody listens there":           {func(*testing.T) string { return "postgres://127.0.0.1:1/x" }, "storage.server_down"},
		"the password is missing":        {func(*testing.T) string { return as("plain", postgres) }, "storage.server_login"},
		"the password is wrong":          {func(*testing.T) string { return as("plain:wrong", postgres) }, "storage.server_login"},
		"there is no such user":          {func(*testing.T) string { return as("nobody", postgres) }, "storage.server_login"},
		"there is no such database":      {func(*testing.T) string { return server.URL("nothing") }, "storage.server_missing"},
		"the user may not make tables":   {func(*testing.T) string { return as("plain:right", postgres) }, "storage.server_rights"},
		"it speaks no TLS, the URL does": {func(*testing.T) string { return postgres + "?sslmode=verify-full" }, "storage.server_tls"},
		"it takes no writes": {func(t *testing.T) string {
			url := made(t)
			pg.Exec(t, url, `ALTER DATABASE `+url[strings.LastIndex(url, "/")+1:]+` SET default_transaction_read_only = on`)
			return url
		}, "storage.server_read_only"},
		"the text is not UTF-8": {func(t *testing.T) string {
			pg.Exec(t, postgres, `CREATE DATABASE old ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`)
			return server.URL("old")
		}, "storage.server_encoding"},
		"the tables are another program's": {func(t *testing.T) string {
			url := server.New(t)
			pg.Exec(t, url, `CREATE TABLE recipes (name TEXT)`)
			return url
		}, "storage.not_a_database"},
		"a newer version made it": {func(t *testing.T) string {
			url := made(t)
			pg.Exec(t, url, `INSERT INTO schema_migrations VALUES (9999, '9999_future', 0)`)
			return url
		}, "storage.newer"},
		"another program has its turn and keeps it": {func(t *testing.T) string {
			url := made(t)
			held(t, url, fmt.Sprintf(`SELECT pg_advisory_lock(%d)`, 'G'<<24|'W'<<16|'R'<<8|'D'))
			return url
		}, "storage.busy"},
		"no connection is left": {func(t *testing.T) string {
			url := made(t)
			for range 12 - 3 { // three are kept for the superuser
				held(t, url, `SELECT 1`)
			}
			return as("plain:right", url)
		}, "storage.server_connections"},
		"its disk is full": {func(t *testing.T) string {
			url := made(t) // a full disk cannot be made here; its error can
			pg.Exec(t, url, `CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`)
			pg.Exec(t, url, `CREATE TRIGGER full_up BEFORE UPDATE ON identity EXECUTE FUNCTION full_up()`)
			return url
		}, "storage.server_full"},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			url := s.url(t)
			got, err := store.Open(t.Context(), store.Options{URL: url, LockWait: 10 * time.Millisecond})
			if err == nil {
				_ = got.Close()
				t.Fatal("it was opened")
			}
			if code := refusal(t, err, graphwarden.Storage); code != s.want {
				t.Errorf("refused with %s (%v), want %s", code, fmt.Sprintf("%v", err.(*graphwarden.Refusal).Cause), s.want)
			}
			for _, secret := range []string{"wrong", "right", "%zz"} {
				if strings.Contains(fmt.Sprintf("%v %+v", err, err.(*graphwarden.Refusal).Cause), secret) {
					t.Errorf("%v shows the password", err)
				}
			}
		})
	}
}

// held runs a query on a connection that stays open until the test ends.
func held(t *testing.T, url, query string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	if _, err := conn.Exec(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

func TestThePasswordMayComeFromElsewhere(t *testing.T) {
	t.Parallel()
	once(t)
	server := pg.Start(t)
	url := server.New(t)
	pg.Exec(t, url, `CREATE ROLE plain LOGIN PASSWORD 'right'; ALTER DATABASE `+url[strings.LastIndex(url, "/")+1:]+` OWNER TO plain`)
	if err := server.Allow(t.Context(), "host all all 127.0.0.1/32 scram-sha-256"); err != nil {
		t.Fatal(err)
	}
	s := opened(t, store.Options{URL: strings.Replace(url, "postgres@", "plain@", 1), Password: seal.FromString("right")})
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAServerThatStopsIsReconnectedTo(t *testing.T) {
	t.Parallel()
	once(t)
	for _, how := range []string{"fast", "immediate"} {
		t.Run(how, func(t *testing.T) {
			server := pg.Start(t)
			s := opened(t, store.Options{URL: server.New(t)})
			for round := range 2 {
				user := fmt.Sprint("user", round)
				if err := s.Update(t.Context(), pin(s, user)); err != nil {
					t.Fatal(err)
				}
				if err := server.Stop(t.Context(), how); err != nil {
					t.Fatal(err)
				}
				if code := refusal(t, s.Update(t.Context(), pin(s, "lost")), graphwarden.Storage); code != "storage.server_down" {
					t.Errorf("while it is down, refused with %s", code)
				}
				if code := refusal(t, s.Ping(t.Context()), graphwarden.Storage); code != "storage.server_down" {
					t.Errorf("while it is down, reading is refused with %s", code)
				}
				if err := server.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				if round == 1 { // also without a failure that the store could notice in between
					if err := server.Stop(t.Context(), how); err != nil {
						t.Fatal(err)
					}
					if err := server.Start(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if !pinned(t, s, user) {
					t.Errorf("%s was confirmed and is gone", user)
				}
			}
			if err := s.Update(t.Context(), pin(s, "after")); err != nil {
				t.Errorf("the server is back and the store is not: %v", err)
			}
		})
	}
}

// wire is a connection that breaks when it carries a word, before the server has
// it or after.
type wire struct {
	net.Conn
	cut *atomic.Value // of string: "before", "after" or ""
}

func (w wire) Write(p []byte) (int, error) {
	cut := w.cut.Load()
	if cut == "" || !bytes.Contains(p, []byte("COMMIT")) {
		return w.Conn.Write(p)
	}
	w.cut.Store("")
	if cut == "before" {
		return 0, w.Conn.Close()
	}
	n, err := w.Conn.Write(p)
	if err == nil {
		_, err = w.Conn.Read(make([]byte, 1)) // the server has answered
	}
	if closed := w.Conn.Close(); err == nil {
		err = closed
	}
	return n, err
}

func TestACommitWhoseAnswerIsLostIsSaidToBe(t *testing.T) {
	once(t)
	var cut atomic.Value
	cut.Store("")
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return wire{conn, &cut}, err
	}
	s := opened(t, store.Options{URL: pg.New(t), Dial: dial})
	for _, at := range []string{"before", "after"} {
		cut.Store(at)
		told := false
		err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			tx.AfterCommit(func() { told = true })
			return pin(s, at)(ctx, tx)
		})
		if code := refusal(t, err, graphwarden.Storage); code != "storage.server_lost" || told {
			t.Errorf("cut %s: refused with %s, told: %v", at, code, told)
		}
		if there := pinned(t, s, at); there != (at == "after") {
			t.Errorf("cut %s the server had it: it is there: %v", at, there)
		}
		if err := s.Update(t.Context(), pin(s, at)); err != nil {
			t.Errorf("the next try: %v", err)
		}
	}
}

func TestAnErrorThatAJobOverlooksUndoesItsWork(t *testing.T) {
	once(t)
	url := pg.New(t)
	s := opened(t, store.Options{URL: url})
	pg.Exec(t, url, `ALTER TABLE mailboxes ADD CHECK (upn <> 'bad')`)
	overlooks := func(ctx context.Context, tx graphwarden.Tx) error {
		_ = pin(s, "good")(ctx, tx)
		_ = pin(s, "bad")(ctx, tx)
		_ = pin(s, "worse")(ctx, tx)
		return nil
	}
	var alone error
	first := inGroup(t, house{Store: s}, 1, func(int) { alone = s.Update(t.Context(), overlooks) })
	if first != nil || alone == nil || pinned(t, s, "good") || pinned(t, s, "worse") {
		t.Errorf("in a group: %v, and %v for the other", alone, first)
	}
	if err := s.Update(t.Context(), overlooks); err == nil || pinned(t, s, "good") || pinned(t, s, "worse") {
		t.Errorf("leading a group: %v", err)
	}
}

func TestAConnectionThatTheServerEndsInAnUpdateIsReplaced(t *testing.T) {
	t.Parallel()
	once(t)
	url := pg.New(t)
	s := opened(t, store.Options{URL: url})
	err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		if err := pin(s, "ada")(ctx, tx); err != nil {
			return err
		}
		pg.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		return pin(s, "grace")(ctx, tx)
	})
	if code := refusal(t, err, graphwarden.Storage); code != "storage.server_down" {
		t.Errorf("refused with %s", code)
	}
	if pinned(t, s, "ada") {
		t.Error("half of it stayed")
	}
	if err := s.Update(t.Context(), pin(s, "ada")); err != nil {
		t.Error(err)
	}
}
