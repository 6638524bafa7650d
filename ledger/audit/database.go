package audit

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
)

// Snapshots give transactions that see a database as it is at one moment. The store
// satisfies it: it opens the database, and this package reads.
type Snapshots interface {
	Snapshot(ctx context.Context) (*sql.Tx, error)
}

// Database verifies the ledger in a database against a checkpoint; nil: only what is
// inside is compared, and nobody can tell whether the last entries are still there. The
// error says that the database could not be read, which is not a finding about the
// ledger.
func Database(ctx context.Context, s Snapshots, against *Checkpoint) (Report, error) {
	tx, err := s.Snapshot(ctx)
	if err != nil {
		return Report{}, err
	}
	defer tx.Rollback() // it only reads
	return Within(ctx, tx, against)
}

// Within is Database within a transaction of the caller's.
func Within(ctx context.Context, tx *sql.Tx, against *Checkpoint) (Report, error) {
	claimed, err := blocks(ctx, tx)
	if err != nil {
		return Report{}, fmt.Errorf("reading the ledger's tree to verify it: %w", err)
	}
	a := newAudit(against, claimed)
	return a.close(a.rows(ctx, tx))
}

// blocks reads the hashes that the database keeps of whole blocks.
func blocks(ctx context.Context, tx *sql.Tx) (map[int64][]byte, error) {
	rows, err := tx.QueryContext(ctx, `SELECT place, hash FROM tree_hashes WHERE level = 1 ORDER BY place`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64][]byte{}
	for rows.Next() {
		var place int64
		var hash []byte
		if err := rows.Scan(&place, &hash); err != nil {
			return nil, err
		}
		out[place] = hash
	}
	return out, rows.Err()
}

// rows takes the entries, which are read as they are, whatever their values.
func (a *audit) rows(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT seq, at, kind, call, app, flow, tenant, method, path, mailbox, allowed, rule, status, bytes, note, leaf FROM entries ORDER BY seq`)
	if err != nil {
		return fmt.Errorf("reading the ledger to verify it: %w", err)
	}
	defer rows.Close()
	var at, allowed, status, size sql.NullInt64
	var seq int64
	var kind, call, app, flow, tenant, method, path, mailbox, rule, note sql.RawBytes
	var leaf sql.RawBytes
	var encoded, number []byte
	for rows.Next() {
		err := rows.Scan(&seq, &at, &kind, &call, &app, &flow, &tenant, &method, &path, &mailbox, &allowed, &rule, &status, &size, &note, &leaf)
		if err != nil {
			return bad(a.report.Entries+1, "is not as it was written: it cannot be read")
		}
		integer := func(n int64) []byte {
			number = strconv.AppendInt(number[:0], n, 10)
			return number
		}
		encoded = netstring(encoded[:0], []byte(format))
		encoded = netstring(encoded, integer(seq))
		encoded = netstring(encoded, integer(at.Int64))
		for _, text := range [][]byte{kind, call, app, flow, tenant, method, path, mailbox} {
			encoded = netstring(encoded, text)
		}
		encoded = netstring(encoded, integer(allowed.Int64))
		encoded = netstring(encoded, rule)
		encoded = netstring(encoded, integer(status.Int64))
		encoded = netstring(encoded, integer(size.Int64))
		encoded = netstring(encoded, note)
		if err := a.take(seq, encoded, leaf); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the ledger to verify it: %w", err)
	}
	return nil
}

// format is the first field of an encoded entry.
const format = "graphwarden.com/ledger-entry/v1"

func netstring(out, field []byte) []byte {
	out = strconv.AppendInt(out, int64(len(field)), 10)
	out = append(out, ':')
	out = append(out, field...)
	return append(out, ',')
}
