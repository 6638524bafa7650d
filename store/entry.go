package store

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

const entryColumns = `seq, at, kind, call, app, flow, tenant, method, path, mailbox, allowed, rule, status, bytes, note, leaf`

// AppendEntry adds an entry to the ledger under the next number, without gaps,
// and returns it as stored. leaf is called with that entry, to give its RFC 6962
// leaf hash. An entry without a time gets the transaction's; times are kept in
// microseconds. Nothing can change or delete an entry: the database refuses.
func (s *Store) AppendEntry(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry, leaf func(graphwarden.Entry) [32]byte) (graphwarden.Entry, error) {
	t, err := open(tx)
	if err != nil {
		return graphwarden.Entry{}, err
	}
	if e.At.IsZero() {
		e.At = t.now
	}
	e.At = fromMicros(micros(e.At))
	if err := t.row(ctx, `SELECT coalesce(max(seq), 0) + 1 FROM entries`, nil, &e.Seq); err != nil {
		return graphwarden.Entry{}, fmt.Errorf("numbering a ledger entry: %w", err)
	}
	hash := leaf(e)
	_, err = t.exec(ctx, `INSERT INTO entries (`+entryColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, micros(e.At), string(e.Kind), e.Call, e.App, e.Flow, e.Tenant, e.Method, e.Path, e.Mailbox,
		e.Allowed, e.Rule, e.Status, e.Bytes, e.Note, hash[:])
	if err != nil {
		return graphwarden.Entry{}, fmt.Errorf("appending ledger entry %d: %w", e.Seq, err)
	}
	return e, nil
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
