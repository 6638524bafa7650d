package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// openServer opens a PostgreSQL database.
func (s *Store) openServer(ctx context.Context) error {
	e := postgres{shown: Shown(s.URL), wait: s.Patience}
	s.engine = e
	var random [6]byte
	if _, err := io.ReadFull(s.Random, random[:]); err != nil {
		return fmt.Errorf("reading random bytes: %w", err)
	}
	e.self = hex.EncodeToString(random[:])
	config, err := s.server()
	if err != nil {
		return err
	}
	e.tls = config.TLSConfig != nil
	s.engine = e
	// While it writes, a process that hangs keeps the whole cluster waiting, so
	// the server ends its transaction; one that vanished, TCP finds out.
	writes := s.pool(config, 1, fmt.Sprintf(`SET lock_timeout = '%dms'; SET idle_in_transaction_session_timeout = '%dms';
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4; SET tcp_user_timeout = '30s';
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`,
		s.LockWait.Milliseconds(), s.Patience.Milliseconds()))
	if err := s.alone(ctx, writes, func(tx *sql.Tx) error { return s.ours(ctx, tx) }); err != nil {
		return err
	}
	if err := s.greet(ctx, writes); err != nil {
		return err
	}
	reads := s.pool(config, max(4, runtime.GOMAXPROCS(0)), `SET default_transaction_read_only = on`)
	if err := s.work(ctx, writes, reads); err != nil {
		return err
	}
	s.listener = config
	return nil
}

// connectWithin bounds the wait for a server that takes a connection and says nothing.
const connectWithin = 15 * time.Second

// server says how the server is reached. Unless the URL says otherwise, it must
// show a certificate that fits its name, except on this machine.
func (s *Store) server() (*pgx.ConnConfig, error) {
	u, err := url.Parse(s.URL)
	if err != nil || !IsURL(s.URL) {
		return nil, s.problem("url", nil) // its error would show the password
	}
	q := u.Query()
	if !q.Has("sslmode") {
		q.Set("sslmode", "disable")
		if !local(u.Host) {
			q.Set("sslmode", "verify-full")
		}
		u.RawQuery = q.Encode()
	}
	config, err := pgx.ParseConfig(u.String())
	if err != nil {
		return nil, s.problem("url", err)
	}
	if !s.Password.Empty() {
		s.Password.Reveal(func(plain []byte) { config.Password = string(plain) })
	}
	if config.ConnectTimeout == 0 { // connect_timeout in the URL is another
		config.ConnectTimeout = connectWithin
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "graphwarden"
	}
	if s.Dial != nil {
		config.DialFunc = s.Dial
		config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil } // Dial does
	}
	return config, nil
}

// local says whether all hosts are this machine.
func local(hosts string) bool {
	for host := range strings.SplitSeq(hosts, ",") {
		name := strings.Trim(strings.TrimSuffix(host, hostPort(host)), "[]")
		ip, err := netip.ParseAddr(name)
		if name != "" && name != "localhost" && !strings.HasPrefix(name, "/") && (err != nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}

// hostPort gives the ":5432" that a host ends with, or "".
func hostPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.Contains(host[i:], "]") {
		return host[i:]
	}
	return ""
}

// Hosts are the places that a URL leads to: host:port, or the path of a socket.
// Options.Dial is asked for exactly these.
func Hosts(text string) ([]string, error) {
	s := &Store{Options: Options{URL: text}, engine: postgres{shown: Shown(text)}}
	config, err := s.server()
	if err != nil {
		return nil, err
	}
	var hosts []string
	add := func(host string, port uint16) {
		if _, address := pgconn.NetworkAddress(host, port); !slices.Contains(hosts, address) {
			hosts = append(hosts, address)
		}
	}
	add(config.Host, config.Port)
	for _, f := range config.Fallbacks {
		add(f.Host, f.Port)
	}
	return hosts, nil
}

// IsURL says whether a text names a PostgreSQL database, not a file.
func IsURL(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// Shown is a URL as a person may read it: without a password and options.
func Shown(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" && u.Path == "" {
		return "the configuration"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// pool opens connections to the server, each of which begins with a query; they
// are closed by Close.
func (s *Store) pool(config *pgx.ConnConfig, connections int, begin string) *sql.DB {
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, planning+begin)
		return err
	}))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	s.closing = append([]func() error{db.Close}, s.closing...)
	return db
}

// planning has the server plan as SQLite does: by the indexes. It keeps the plan
// of a prepared query, and one made while a table was small reads it whole for
// ever after.
const planning = `SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; `

// ours refuses a database whose tables are somebody else's, and marks an empty
// one.
func (s *Store) ours(ctx context.Context, tx *sql.Tx) error {
	var tables int
	var mark, encoding, fsync string
	err := tx.QueryRowContext(ctx, `SELECT count(*), coalesce(obj_description(to_regclass('schema_migrations'), 'pg_class'), ''),
current_setting('server_encoding'), current_setting('fsync')
FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p')`).Scan(&tables, &mark, &encoding, &fsync)
	switch {
	case err != nil:
		return fmt.Errorf("looking at the database: %w", err)
	case encoding != "UTF8":
		return s.problem("server_encoding", nil)
	case tables > 0 && mark != serverMark:
		return s.problem("not_a_database", errors.New("there are tables of something else"))
	case fsync != "on":
		s.Log.Warn("the database server runs with fsync off: a power cut may destroy the database", "database", s.engine.name())
	}
	if tables > 0 {
		return nil
	}
	text, err := s.engine.schema(migration{sql: migrationsTable})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, text+`; COMMENT ON TABLE schema_migrations IS '`+serverMark+`'`)
	return err
}

// serverMark is the comment by which a database is known to be ours.
const serverMark = "Graphwarden"
