// Package copy is what the programs have in common that Graphwarden is compared
// with: a table of events in SQLite with the same promise to the disk, where a
// page is one transaction with its cursor and an event one upsert. They have no
// policy, ledger, budget, change log or comparison with what is stored.
package copy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"flag"
	"fmt"
	"net/http"
	"os"

	_ "github.com/ncruces/go-sqlite3/driver" // the engine that Graphwarden has
)

// Job is what a program is asked to do.
type Job struct {
	Graph, CA, User, Calendar, Database string
}

// Flags reads the job from the command line.
func Flags() Job {
	var j Job
	flag.StringVar(&j.Graph, "graph", "", "Graph's origin")
	flag.StringVar(&j.CA, "ca", "", "a PEM `file` with the CA to trust")
	flag.StringVar(&j.User, "user", "", "the mailbox's object id")
	flag.StringVar(&j.Calendar, "calendar", "", "the calendar's id")
	flag.StringVar(&j.Database, "db", "", "the SQLite `file` to write")
	flag.Parse()
	return j
}

// Transport trusts the job's CA.
func (j Job) Transport() (*http.Transport, error) {
	raw, err := os.ReadFile(j.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(raw) {
		return nil, fmt.Errorf("%s holds no certificate", j.CA)
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}

// Event is a row.
type Event struct {
	ID, ETag string
	Removed  bool
	Body     string // JSON
}

// Store is the table.
type Store struct{ db *sql.DB }

// Open makes the table in a file.
func Open(ctx context.Context, path string) (*Store, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, `
CREATE TABLE events (id TEXT PRIMARY KEY, etag TEXT, body TEXT);
CREATE TABLE cursor (one INTEGER PRIMARY KEY, link TEXT)`)
	return &Store{db}, err
}

// Close copies the log back and closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Page stores a page's events with the link that follows them.
func (s *Store) Page(ctx context.Context, link string, events []Event) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	upsert, err := tx.PrepareContext(ctx, `INSERT INTO events (id, etag, body) VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET etag = excluded.etag, body = excluded.body`)
	if err != nil {
		return err
	}
	defer upsert.Close()
	for _, e := range events {
		if e.Removed {
			_, err = tx.ExecContext(ctx, `DELETE FROM events WHERE id = ?`, e.ID)
		} else {
			_, err = upsert.ExecContext(ctx, e.ID, e.ETag, e.Body)
		}
		if err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO cursor (one, link) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET link = excluded.link`, link)
	if err != nil {
		return err
	}
	return tx.Commit()
}

// Main runs a program and ends the process.
func Main(run func(context.Context, Job) error) {
	if err := run(context.Background(), Flags()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
