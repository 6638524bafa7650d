package ledger

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// Rows keep the entries. The store satisfies it.
type Rows interface {
	// AppendEntry stores e under the next number, without gaps, with what leaf
	// says of it, and returns it as stored.
	AppendEntry(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry, leaf func(graphwarden.Entry) [32]byte) (graphwarden.Entry, error)
	// EntriesAfter calls each with at most limit entries after seq, in order.
	EntriesAfter(ctx context.Context, seq int64, limit int, each func(e graphwarden.Entry, leaf [32]byte) error) error
}

// Ledger appends and verifies entries. It may be used from many goroutines.
type Ledger struct {
	rows Rows
}

// New makes a ledger over its rows.
func New(rows Rows) *Ledger { return &Ledger{rows} }

// Append writes an entry in tx: it is there if and only if what else happens in
// tx is. The entry gets its number and, if it has none, the transaction's time.
func (l *Ledger) Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error) {
	stored, err := l.rows.AppendEntry(ctx, tx, e, Leaf)
	if err != nil {
		return graphwarden.Entry{}, fmt.Errorf("appending to the ledger: %w", err)
	}
	return stored, nil
}
