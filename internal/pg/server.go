package pg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Server is a PostgreSQL server of a test's own.
type Server struct {
	bin, folder string
	port        int
	account     *syscall.Credential // who runs it; nil is this user
	settings    []string
	supervisor  io.Closer
}

// errMissing means that this machine has no PostgreSQL.
var errMissing = errors.New("there is no PostgreSQL (postgres, initdb, pg_ctl) on PATH or in /usr/lib/postgresql")

// Start starts a server with settings such as "max_connections=5"; it ends with
// the test.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := start(context.WithoutCancel(t.Context()), settings)
	missing(t, err)
	t.Cleanup(func() { _ = s.supervisor.Close() })
	return s
}

// missing leaves a test out, or fails it, because of err.
func missing(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errMissing) && os.Getenv("CI") != "true" {
		t.Skipf("left out: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func start(ctx context.Context, settings []string) (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "gwpg-*")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, folder: folder, settings: settings}
	if err := errors.Join(s.settle(), s.run(ctx, "initdb", "-D", s.data(), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if s.port, err = freePort(ctx); err != nil {
		return nil, err
	}
	if err := s.supervise(); err != nil {
		return nil, err
	}
	return s, s.Start(ctx)
}

// find gives the folder with the server's programs, the newest version first.
func find() (string, error) {
	folders := filepath.SplitList(os.Getenv("PATH"))
	debian, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.Reverse(debian)
	for _, dir := range append(debian, folders...) {
		whole := true
		for _, program := range []string{"postgres", "initdb", "pg_ctl"} {
			if info, err := os.Stat(filepath.Join(dir, program)); err != nil || info.IsDir() {
				whole = false
			}
		}
		if whole {
			return dir, nil
		}
	}
	return "", errMissing
}

// settle gives the folder to somebody who may run a server: it refuses root.
func (s *Server) settle() error {
	if err := os.Chmod(s.folder, 0o755); err != nil || os.Geteuid() != 0 {
		return err
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		s.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return errors.Join(err1, err2, os.Chown(s.folder, uid, gid))
	}
	return errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

func (s *Server) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, program, args...)
	c.Dir = s.folder
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.account, Setpgid: true}
	return c
}

func (s *Server) run(ctx context.Context, program string, args ...string) error {
	log, err := os.CreateTemp("", "gwpg-log-*") // not a pipe, which the server would keep open
	if err != nil {
		return err
	}
	defer os.Remove(log.Name())
	defer log.Close()
	c := s.command(ctx, filepath.Join(s.bin, program), args...)
	c.Stdout, c.Stderr = log, log
	if err := c.Run(); err != nil {
		said, _ := os.ReadFile(log.Name())
		own, _ := os.ReadFile(s.log())
		return fmt.Errorf("%s %s: %w\n%s\n%s", program, strings.Join(args, " "), err, said, own)
	}
	return nil
}

func (s *Server) log() string { return filepath.Join(s.folder, "log") }

// supervise has the server stopped and its files removed as soon as this program
// closes the supervisor or ends, in whatever way.
func (s *Server) supervise() error {
	c := s.command(context.Background(), "/bin/sh", "-c", `read -r _; "$0" stop -s -m immediate -D "$1/data"; rm -rf "$1"`,
		filepath.Join(s.bin, "pg_ctl"), s.folder)
	in, err := c.StdinPipe()
	if err != nil {
		return err
	}
	s.supervisor = in
	return c.Start()
}

// Start starts the server again after Stop.
func (s *Server) Start(ctx context.Context) error {
	options := fmt.Sprintf("-p %d -h 127.0.0.1 -c unix_socket_directories= -c fsync=on", s.port)
	for _, setting := range s.settings {
		options += " -c " + setting
	}
	return s.run(ctx, "pg_ctl", "start", "-w", "-s", "-D", s.data(), "-l", s.log(), "-o", options)
}

// Stop stops the server: "fast" ends all connections first, "immediate" is what a
// crash does.
func (s *Server) Stop(ctx context.Context, mode string) error {
	return s.run(ctx, "pg_ctl", "stop", "-w", "-s", "-m", mode, "-D", s.data())
}

// Allow replaces the rules for who may connect and how (pg_hba.conf).
func (s *Server) Allow(ctx context.Context, rules string) error {
	if err := os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(rules+"\n"), 0o600); err != nil {
		return err
	}
	return s.run(ctx, "pg_ctl", "reload", "-s", "-D", s.data())
}

// Host is where the server listens, host:port.
func (s *Server) Host() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// URL names a database of the server.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@%s/%s", s.Host(), database)
}

// Need leaves a test out, or fails it, where there is no PostgreSQL.
func Need(t testing.TB) {
	t.Helper()
	_, err := find()
	missing(t, err)
}

// There says whether there is a PostgreSQL.
func There() bool { _, err := find(); return err == nil }
