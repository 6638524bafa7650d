package ledger

import (
	"context"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// Rows keep the entries. The store satisfies it.
type Rows interface {
	// AppendEntry stores e under the next number, without gaps, with what leaf
	// says of it, and returns it as stored.
	AppendEntry(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry, leaf func(graphwarden.Entry) [32]byte) (graphwarden.Entry, error)
}

// Ledger appends entries. It may be used from many goroutines.
type Ledger struct {
	rows Rows
}

// New makes a ledger over its rows.
func New(rows Rows) *Ledger { return &Ledger{rows} }

// noteRoom is how many bytes of a note are kept: an entry must fit into a bundle of
// tiles, whose entries have less than 64 kB, and nothing else in it is long.
const noteRoom = 8 << 10

// Append writes an entry in tx: it is there if and only if what else happens in
// tx is. The entry gets its number and, if it has none, the transaction's time. What
// somebody wrote that is no text is written as U+FFFD: a call must not be able to keep
// itself out of the ledger.
func (l *Ledger) Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error) {
	if n := len(e.Note); n > noteRoom {
		e.Note = strings.ToValidUTF8(e.Note[:noteRoom], "") + "…"
	}
	for _, text := range [...]*string{&e.Call, &e.App, &e.Flow, &e.Tenant, &e.Method, &e.Path, &e.Mailbox, &e.Rule, &e.Note} {
		*text = plain(*text)
	}
	stored, err := l.rows.AppendEntry(ctx, tx, e, Leaf)
	if err != nil {
		return graphwarden.Entry{}, fmt.Errorf("appending to the ledger: %w", err)
	}
	return stored, nil
}

// plain gives text that every database takes: UTF-8 without a zero byte.
func plain(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
