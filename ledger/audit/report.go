package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

// Report is what a verification found.
type Report struct {
	Entries int64 // how many there are, as far as they were looked at
	Signed  int64 // how many of them the checkpoint covers; 0 without one
	// Bad is the number of the first entry that is not as it was written; 0: all are.
	// Where somebody changed an entry and all that follows from it, the first is known
	// to within 256, and Why says so.
	Bad int64
	Why string // a sentence
	// Unfit says that it is the checkpoint which the ledger does not fit, whose entries
	// are all as they were written: it may be that of an older backup.
	Unfit bool
}

// Sound says whether every entry is as it was written.
func (r Report) Sound() bool { return r.Bad == 0 }

// block is how many leaf hashes have a hash of their own in level 1 of the tiles.
const block = 256

// found ends a verification: this is the first bad entry.
type found struct {
	bad   int64
	why   string
	unfit bool
}

func (f *found) Error() string { return f.why }

func bad(entry int64, why string, args ...any) error {
	return &found{bad: entry, why: fmt.Sprintf("Entry %d %s.", entry, fmt.Sprintf(why, args...))}
}

// audit is one verification under way: entries come in order, each with the leaf hash
// that is claimed for it.
type audit struct {
	against *Checkpoint
	report  Report
	ranges  *compact.RangeFactory
	all     *compact.Range // over all blocks that are complete
	block   *compact.Range // over the present block
	signed  []byte         // root hash over those that the checkpoint covers
	// claimed are the hashes of whole blocks as they are kept, 0, 1, 2, …; a block
	// without one is not compared.
	claimed map[int64][]byte
	// other is the first block whose leaves do not give its hash.
	other int64
}

func newAudit(against *Checkpoint, claimed map[int64][]byte) *audit {
	ranges := &compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &audit{against: against, ranges: ranges, all: ranges.NewEmptyRange(0), block: ranges.NewEmptyRange(0), claimed: claimed, other: -1}
}

// take takes the next entry: its number as it is written in it, the bytes that were
// hashed, and the leaf hash that is kept for it.
func (a *audit) take(seq int64, encoded, leaf []byte) error {
	want := a.report.Entries + 1
	if seq != want {
		return bad(want, "is missing: entry %d follows entry %d", seq, want-1)
	}
	hash := rfc6962.DefaultHasher.HashLeaf(encoded)
	if string(hash) != string(leaf) {
		return bad(want, "is not as it was written: its content does not match its hash")
	}
	if err := a.block.Append(hash, nil); err != nil {
		return err
	}
	a.report.Entries = want
	if a.against != nil && want == a.against.Size {
		if err := a.root(); err != nil {
			return err
		}
	}
	if want%block == 0 {
		return a.endBlock(want/block - 1)
	}
	return nil
}

// root notes the root hash over all that came.
func (a *audit) root() error {
	all, err := a.ranges.NewRange(0, a.all.End(), slices.Clone(a.all.Hashes()))
	if err != nil {
		return err
	}
	if err := all.AppendRange(a.block, nil); err != nil {
		return err
	}
	a.signed, err = all.GetRootHash(nil)
	return err
}

// endBlock compares the block that is complete with the hash that is kept for it.
func (a *audit) endBlock(at int64) error {
	root := a.block.Hashes() // one, as the block is complete
	if kept, ok := a.claimed[at]; ok && string(kept) != string(root[0]) && a.other < 0 {
		a.other = at
	}
	if err := a.all.AppendRange(a.block, nil); err != nil {
		return err
	}
	a.block = a.ranges.NewEmptyRange(a.all.End())
	return nil
}

// end judges what came by the checkpoint.
func (a *audit) end() error {
	if a.other >= 0 {
		return a.within(a.other)
	}
	if a.against == nil {
		return nil
	}
	if n := a.report.Entries; n < a.against.Size {
		return &found{n + 1, fmt.Sprintf("Entry %d is missing: the ledger ends with entry %d, and the checkpoint covers %d.", n+1, n, a.against.Size), true}
	}
	a.report.Signed = a.against.Size
	if a.against.Size > 0 && string(a.signed) != string(a.against.Root[:]) {
		return &found{1, fmt.Sprintf("Among entries 1 to %d, some are not those that the checkpoint was signed over; whoever changed them wrote all hashes anew.", a.against.Size), true}
	}
	return nil
}

// within says that the first bad entry is one of a block.
func (a *audit) within(at int64) error {
	first := at*block + 1
	return &found{first, fmt.Sprintf("Among entries %d to %d, some are not those that the tree was made of.", first, first+block-1), false}
}

// close makes the report of what ended a verification.
func (a *audit) close(err error) (Report, error) {
	if err == nil {
		err = a.end()
	}
	var f *found
	if errors.As(err, &f) {
		a.report.Bad, a.report.Why, a.report.Unfit = f.bad, f.why, f.unfit
		return a.report, nil
	}
	return a.report, err
}

// netstrings reads the fields of an encoded entry: decimal length, colon, bytes, comma.
func netstrings(raw string) ([]string, error) {
	var fields []string
	for raw != "" {
		length, rest, ok := strings.Cut(raw, ":")
		n := 0
		for _, d := range length {
			if d < '0' || d > '9' || n > 1<<20 {
				return nil, errors.New("a length is no number")
			}
			n = 10*n + int(d-'0')
		}
		if !ok || length == "" || n >= len(rest) || rest[n] != ',' {
			return nil, errors.New("a field ends elsewhere than it says")
		}
		fields, raw = append(fields, rest[:n]), rest[n+1:]
	}
	return fields, nil
}
