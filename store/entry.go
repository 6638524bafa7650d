package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/graphwarden/graphwarden"
)

const entryColumns = `seq, at, kind, call, app, flow, tenant, method, path, mailbox, allowed, rule, status, bytes, note, leaf`

// entry is an entry of the ledger on its way to the disk.
type entry struct {
	graphwarden.Entry
	leaf [32]byte
}

// AppendEntry adds an entry to the ledger under the next number, without gaps,
// and returns it as stored. leaf is called with that entry, to give its RFC 6962
// leaf hash. An entry without a time gets the update's; times are kept in
// microseconds. Nothing can change or delete an entry: the database refuses.
//
// The entries of a transaction are inserted together at its end, so that those who share
// it share the statements: what else the transaction reads does not find them. Therefore
// an entry's text must be what every database takes, UTF-8 without a zero byte: no other
// job may fail for it.
func (s *Store) AppendEntry(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry, leaf func(graphwarden.Entry) [32]byte) (graphwarden.Entry, error) {
	t, err := open(tx)
	if err != nil {
		return graphwarden.Entry{}, err
	}
	if bad := unstorable(e); bad != "" {
		return graphwarden.Entry{}, fmt.Errorf("appending a ledger entry: %q is no text that a database takes", bad)
	}
	if err := t.findLast(ctx); err != nil {
		return graphwarden.Entry{}, fmt.Errorf("numbering a ledger entry: %w", err)
	}
	if e.At.IsZero() {
		e.At = t.now
	}
	e.At = fromMicros(micros(e.At))
	e.Seq = t.last + int64(len(t.entries)) + 1
	t.entries = append(t.entries, entry{e, leaf(e)})
	return e, nil
}

// unstorable gives the text of an entry that some database does not take; "" is none.
func unstorable(e graphwarden.Entry) string {
	for _, text := range [...]string{string(e.Kind), e.Call, e.App, e.Flow, e.Tenant, e.Method, e.Path, e.Mailbox, e.Rule, e.Note} {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return text
		}
	}
	return ""
}

// findLast finds the number that the transaction's entries follow, once. It is no
// statement of the job's that asks first: when it fails, so does the transaction.
func (t *transaction) findLast(ctx context.Context) error {
	switch {
	case t.broken != nil:
		return t.broken
	case t.spoiled != nil:
		return t.spoiled
	case t.last >= 0:
		return nil
	}
	if err := t.statements.one(ctx, `SELECT coalesce(max(seq), 0) FROM entries`, nil, &t.last); err != nil {
		t.broken = err
		return err
	}
	return nil
}

// inserting gives the statement that inserts n entries.
var inserting = memoized(func(n int) string {
	return `INSERT INTO entries (` + entryColumns + `) VALUES ` + tuples(n, `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
})

// insertEntries writes the entries that the transaction's jobs have appended.
func (t *transaction) insertEntries(ctx context.Context) error {
	ctx, cancel := t.patient(ctx)
	defer cancel()
	for _, some := range chunks(t.entries) {
		args := make([]any, 0, len(some)*16)
		for i := range some {
			e := &some[i]
			args = append(args, e.Seq, micros(e.At), string(e.Kind), e.Call, e.App, e.Flow, e.Tenant, e.Method, e.Path, e.Mailbox,
				e.Allowed, e.Rule, e.Status, e.Bytes, e.Note, e.leaf[:])
		}
		if _, err := t.exec(ctx, inserting(len(some)), args...); err != nil {
			return fmt.Errorf("appending the ledger entries from %d: %w", some[0].Seq, err)
		}
	}
	return nil
}

// EntriesAfter calls each with at most limit entries that follow seq, in order,
// with the leaf hash stored beside each. An error of each ends the reading and
// comes back; each must not call the store.
func (s *Store) EntriesAfter(ctx context.Context, seq int64, limit int, each func(e graphwarden.Entry, leaf [32]byte) error) error {
	var refused error // each's own, which is no fault of the database
	err := s.reads.rows(ctx, `SELECT `+entryColumns+` FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`, []any{seq, limit}, func(row scanner) error {
		e, hash, err := scanEntry(row)
		if err != nil {
			return err
		}
		refused = each(e, hash)
		return refused
	})
	switch {
	case refused != nil:
		return refused
	case err != nil:
		return s.refuse(fmt.Errorf("reading the ledger after %d: %w", seq, err))
	}
	return nil
}

func scanEntry(row scanner) (e graphwarden.Entry, leaf [32]byte, err error) {
	var at int64
	var hash []byte
	err = row.Scan(&e.Seq, &at, &e.Kind, &e.Call, &e.App, &e.Flow, &e.Tenant, &e.Method, &e.Path, &e.Mailbox,
		&e.Allowed, &e.Rule, &e.Status, &e.Bytes, &e.Note, &hash)
	if err != nil {
		return e, leaf, err
	}
	e.At = fromMicros(at)
	return e, [32]byte(hash), nil // the schema holds them to 32 bytes
}
