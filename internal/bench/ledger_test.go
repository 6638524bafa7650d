//go:build linux

package bench_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// The bars of the ledger.
const (
	appendBar = 10_000 // entries a second
	verifyBar = time.Minute
	million   = 1_000_000
	appenders = 256 // at once, an entry each
)

// spent is the processor time of this process, which is the one measured.
func (l *lab) spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		l.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// record is an entry as a call to Microsoft leaves it.
func record(n int) graphwarden.Entry {
	return graphwarden.Entry{Kind: graphwarden.Decided, Call: fmt.Sprintf("00000000-0000-4000-8000-%012d", n), App: "crm", Flow: "office-calendars", Tenant: "contoso",
		Method: "GET", Path: "/users/{id}/calendars/{id}/calendarView/delta", Mailbox: "6e7b768e-07e2-4810-8459-485f84f8f204", Allowed: true, Rule: "flow:office-calendars"}
}

// ledger measures how fast entries are appended, each acknowledged when it is on disk,
// beside a bare program that inserts the same rows, and how long it takes to sign and
// to verify a million.
func (l *lab) ledger() {
	n, all := 50_000, 200_000
	if *full {
		n, all = 200_000, million
	}
	folder := l.TempDir()
	s, err := store.Open(l.Context(), store.Options{Path: filepath.Join(folder, "ledger.db")})
	if err != nil {
		l.Fatal(err)
	}
	defer s.Close()
	book := ledger.New(s)
	cpu, began, stick := l.spent(), time.Now(), lay(l)
	took := l.appendAll(s, book, n)
	elapsed, used := time.Since(began), l.spent()-cpu
	rate := float64(n) / elapsed.Seconds()
	bare := l.insertAll(filepath.Join(folder, "bare.db"), n)
	l.add("ledger: entries appended, 256 at once, each on disk", "10,000 a second", judged(rate >= appendBar), "%.0f a second, %.0f per CPU-s; p99 %v; the disk: %s",
		rate, float64(n)/used.Seconds(), quantile(took, 0.99).Round(time.Millisecond), stick.read())
	l.add("ledger: beside a bare program that inserts the rows", "", noBar, "%.2f times its CPU-s", used.Seconds()/bare.Seconds())
	for i := n; i < all; i += 5000 {
		l.appendMany(s, book, i, min(5000, all-i))
	}
	sealer, err := seal.OpenKeyFile(filepath.Join(folder, "ledger.key"), 0)
	if err != nil {
		l.Fatal(err)
	}
	signer := &ledger.Signer{Rows: s, Keys: s, Sealer: sealer, Outside: ledger.File(filepath.Join(folder, "checkpoint")), Origin: ledger.Origin(s.Origin()), Random: rand.Reader}
	cpu, began = l.spent(), time.Now()
	c, err := signer.Sign(l.Context())
	if err != nil {
		l.Fatal(err)
	}
	scale := float64(million) / float64(all)
	l.add("ledger: signed for the first time, a million entries", "", noBar, "%.1f s, %.1f CPU-s", scale*time.Since(began).Seconds(), scale*(l.spent()-cpu).Seconds())
	cpu, began = l.spent(), time.Now()
	r, err := audit.Database(l.Context(), s, &audit.Checkpoint{Size: c.Size, Root: c.Root})
	if err != nil || !r.Sound() || r.Signed != int64(all) {
		l.Fatalf("%+v, %v", r, err)
	}
	verified := time.Duration(scale * float64(time.Since(began)))
	l.add(fmt.Sprintf("ledger: a million entries verified (%d were)", all), "< 1 min", judged(verified < verifyBar), "%.1f s, %.1f CPU-s", verified.Seconds(), scale*(l.spent()-cpu).Seconds())
}

// appendAll appends entries, so many at once, and gives how long each took.
func (l *lab) appendAll(s *store.Store, book *ledger.Ledger, n int) []time.Duration {
	var each sync.WaitGroup
	took := make([][]time.Duration, appenders)
	failed := make(chan error, appenders)
	for a := range appenders {
		each.Go(func() {
			for i := a; i < n; i += appenders {
				began := time.Now()
				err := s.Update(l.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
					_, err := book.Append(ctx, tx, record(i))
					return err
				})
				if err != nil {
					failed <- err
					return
				}
				took[a] = append(took[a], time.Since(began))
			}
		})
	}
	each.Wait()
	close(failed)
	for err := range failed {
		l.Fatal(err)
	}
	return slices.Concat(took...)
}

// appendMany appends entries in one transaction.
func (l *lab) appendMany(s *store.Store, book *ledger.Ledger, from, n int) {
	err := s.Update(l.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		for i := range n {
			if _, err := book.Append(ctx, tx, record(from+i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.Fatal(err)
	}
}

// insertAll inserts the same rows as a bare program does, appenders in a transaction,
// and gives the processor time that it took.
func (l *lab) insertAll(path string, n int) time.Duration {
	db, err := sql.Open("sqlite3", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=page_size(16384)")
	if err != nil {
		l.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(l.Context(), `CREATE TABLE entries (seq INTEGER PRIMARY KEY, at INTEGER, kind TEXT, call TEXT, app TEXT, flow TEXT, tenant TEXT, method TEXT, path TEXT, mailbox TEXT, allowed INTEGER, rule TEXT, status INTEGER, bytes INTEGER, note TEXT, leaf BLOB)`); err != nil {
		l.Fatal(err)
	}
	cpu := l.spent()
	for i := 0; i < n; i += appenders {
		tx, err := db.BeginTx(l.Context(), nil)
		if err != nil {
			l.Fatal(err)
		}
		insert, err := tx.PrepareContext(l.Context(), `INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
		if err != nil {
			l.Fatal(err)
		}
		for j := i; j < min(i+appenders, n); j++ {
			e := record(j)
			leaf := ledger.Leaf(e)
			if _, err := insert.ExecContext(l.Context(), j+1, time.Now().UnixMicro(), string(e.Kind), e.Call, e.App, e.Flow, e.Tenant, e.Method, e.Path, e.Mailbox, e.Allowed, e.Rule, e.Status, e.Bytes, e.Note, leaf[:]); err != nil {
				l.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			l.Fatal(err)
		}
	}
	return l.spent() - cpu
}
