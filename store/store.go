package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/jackc/pgx/v5"
)

// Options say where a store is and what it runs with.
type Options struct {
	// Path is the database file. Its folder must exist; the file need not.
	Path string
	// URL names a PostgreSQL database instead, as libpq writes it:
	// postgres://user@host:5432/database. Many processes may share it.
	URL string
	// Flag is what named the Path or the URL on a command line, such as --to; "" says
	// that the configuration did.
	Flag string
	// Password is the server's, unless the URL has it.
	Password seal.Secret
	// Dial opens the connections to the server; nil uses the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Log is told what happens at start; nil is silent.
	Log *slog.Logger
	// Now is the clock; nil is the system's.
	Now func() time.Time
	// Random is where a new database's id comes from; nil is crypto/rand.
	Random io.Reader
	// Step wraps each commit, as "commit" and as each name that the transaction was
	// given (Tx.Step), so that tests can cut before or after it; nil runs it.
	Step func(name string, act func() error) error
	// FileSystem names a registered SQLite VFS; "" is the operating system's.
	FileSystem string
	// Room asks a folder's disk for room after a write that was cut short, and
	// gives the error of a full disk; nil writes a file there and takes it away.
	Room func(folder string) error
	// CheckFor bounds the check of the file at start; 0 is two seconds. A file
	// too large to check in that time is opened, and the log says so.
	CheckFor time.Duration
	// LockWait is how long to wait for another program that has locked the file, 0
	// is five seconds, or for the turn of this one to write, 0 is thirty.
	LockWait time.Duration
	// Patience is how long an update may take on a server, whose other processes
	// wait for it; 0 is two minutes. It should be longer than any does.
	Patience time.Duration
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Step == nil {
		o.Step = func(_ string, act func() error) error { return act() }
	}
	if o.Room == nil {
		o.Room = room
	}
	if o.CheckFor == 0 {
		o.CheckFor = 2 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = 2 * time.Minute
	}
	if o.LockWait == 0 && o.URL == "" {
		o.LockWait = 5 * time.Second
	}
	if o.LockWait == 0 {
		o.LockWait = 30 * time.Second
	}
	return o
}

// Store is an open database. It may be used from many goroutines.
type Store struct {
	Options
	engine  engine
	id      string         // of the database
	reads   *statements    // many connections that cannot write
	writer  *writer        // one connection that can
	closing []func() error // what Open opened, the last first

	pooled *sql.DB     // what reads runs on
	file   os.FileInfo // which file was opened; nil on a server
	frozen bool        // the file is a copy that nobody writes to
	// leaveLog says that the last connection does not copy the log into the file and
	// remove it.
	leaveLog bool
	once     bool   // it is opened for one command, which ends when something is wrong
	noun     string // what a file is that is written anew; "" is a database

	listener *pgx.ConnConfig // how Woken connects; nil on SQLite
	life     life
	trying   trying
}

// Close waits for what is being written and gives the file back. A call that
// comes later gets an error.
func (s *Store) Close() error {
	s.writer.close()
	var err error
	for _, f := range s.closing {
		err = errors.Join(err, f())
	}
	return err
}

// Ping says whether the database still answers; its error is a Refusal of kind
// Storage, also when ctx ends first.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	_, err := s.reads.row(ctx, `SELECT 1 FROM identity`, nil, &one)
	return s.inTime(ctx, err)
}

// Writable says whether the database takes what is written: a transaction is
// committed, a file still lies where it was opened, so that the next start finds it, and
// its disk has room for the next ones. Where it hangs, those
// who ask meanwhile wait for one and the same transaction, each until its ctx ends.
func (s *Store) Writable(ctx context.Context) error {
	if err := s.inPlace(); err != nil {
		return err
	}
	if err := s.engine.hasRoom(); err != nil {
		return err
	}
	t := s.trying.begin(func() error {
		return s.Update(context.WithoutCancel(ctx), func(context.Context, graphwarden.Tx) error { return nil })
	})
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
		return s.inTime(ctx, ctx.Err())
	}
}

// inPlace refuses a file that was moved, deleted or replaced since it was opened: what is
// written goes where nobody finds it.
func (s *Store) inPlace() error {
	if s.file == nil {
		return nil
	}
	now, err := os.Stat(s.Path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(s.file, now) {
		return s.problem("moved", err)
	}
	return nil // what keeps it from being looked at is said of what is written
}

// inTime is a database that did not answer before ctx ended, or what else was wrong.
func (s *Store) inTime(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return s.problem("silent", err)
	}
	return s.refuse(err)
}

// trying is an attempt that all share who ask while it is made.
type trying struct {
	mu  sync.Mutex
	now *attempt
}

// attempt has ended with err when done is closed.
type attempt struct {
	done chan struct{}
	err  error
}

func (t *trying) begin(do func() error) *attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now != nil {
		return t.now
	}
	a := &attempt{done: make(chan struct{})}
	t.now = a
	go func() {
		a.err = do()
		t.mu.Lock()
		t.now = nil
		t.mu.Unlock()
		close(a.done)
	}()
	return a
}
