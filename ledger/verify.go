package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// verifyBatch is how many entries are read at a time.
const verifyBatch = 1000

// Report is what a verification found.
type Report struct {
	Entries int64  // how many are as they were written, from the first
	Bad     int64  // the number of the first that is not; 0 when all are
	Why     string // what is wrong with it, a sentence
}

// Sound says whether every entry is as it was written.
func (r Report) Sound() bool { return r.Bad == 0 }

// errBad ends the reading at the first bad entry.
var errBad = errors.New("a bad entry")

// Verify reads the whole ledger again, hashes every entry anew and compares. It
// finds an entry that was changed, removed, inserted or moved, except at the very
// end: that the last entries are still there, only a checkpoint kept elsewhere
// can tell. The error says that the ledger could not be read, which is not a
// finding about it.
func (l *Ledger) Verify(ctx context.Context) (Report, error) {
	var r Report
	for {
		before := r.Entries
		err := l.rows.EntriesAfter(ctx, before, verifyBatch, func(e graphwarden.Entry, leaf [32]byte) error {
			switch want := r.Entries + 1; {
			case e.Seq != want:
				r.Bad, r.Why = want, fmt.Sprintf("Entry %d is missing: entry %d follows entry %d.", want, e.Seq, r.Entries)
				return errBad
			case Leaf(e) != leaf:
				r.Bad, r.Why = want, fmt.Sprintf("Entry %d is not as it was written: its content does not match its hash.", want)
				return errBad
			}
			r.Entries++
			return nil
		})
		if errors.Is(err, errBad) {
			return r, nil
		}
		if err != nil {
			return r, fmt.Errorf("reading the ledger to verify it: %w", err)
		}
		if r.Entries == before {
			return r, nil
		}
	}
}
