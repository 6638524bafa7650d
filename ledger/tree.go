package ledger

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"golang.org/x/mod/sumdb/tlog"
)

// wide is how many hashes a subtree of one level joins into one of the next:
// c2sp.org/tlog-tiles has tiles of 2^high hashes.
const (
	high = 8
	wide = 1 << high
)

// Trees keep the hashes of the ledger's tree. The store satisfies it.
type Trees interface {
	// TreeHashes gives at most limit hashes of a level from a place on, as far as they
	// are stored without a gap. Level 0 are the entries' leaf hashes, the first of
	// which, of entry 1, has the place 0.
	TreeHashes(ctx context.Context, level int, from int64, limit int) ([][32]byte, error)
}

// tree reads the ledger's tree. Of its inner hashes only every eighth level is stored,
// and that only up to the newest checkpoint; the others follow from those below.
type tree struct {
	ctx  context.Context // of the one computation that it is made for
	rows Trees
	// fresh are hashes that count in place of what is stored.
	fresh map[place]tlog.Hash
}

type place struct {
	level int
	at    int64
}

// ReadHashes gives hashes by the numbers that tlog gives them.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		row, err := t.level(level/high, n<<(level%high), 1<<(level%high))
		if err != nil {
			return nil, err
		}
		out[i] = join(row)
	}
	return out, nil
}

// level gives count hashes of a level of tiles, from a place on.
func (t *tree) level(level int, from int64, count int) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, count)
	for len(out) < count {
		at := place{level, from + int64(len(out))}
		if h, ok := t.fresh[at]; ok {
			out = append(out, h)
			continue
		}
		stored, err := t.rows.TreeHashes(t.ctx, level, at.at, count-len(out))
		if err != nil {
			return nil, err
		}
		for i, h := range stored {
			if own, ok := t.fresh[place{level, at.at + int64(i)}]; ok {
				h = own
			}
			out = append(out, h)
		}
		if len(stored) > 0 {
			continue
		}
		if level == 0 {
			return nil, fmt.Errorf("entry %d of the ledger is missing", at.at+1)
		}
		below, err := t.level(level-1, at.at*wide, wide)
		if err != nil {
			return nil, err
		}
		out = append(out, join(below))
	}
	return out, nil
}

// join gives the root hash over hashes whose number is a power of two.
func join(row []tlog.Hash) tlog.Hash {
	row = append([]tlog.Hash(nil), row...)
	for ; len(row) > 1; row = row[:len(row)/2] {
		for i := range len(row) / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
	}
	return row[0]
}

// grow adds the leaf hash of the entry at a place, and gives the hashes of the subtrees
// that it completes.
func (t *tree) grow(at int64, leaf tlog.Hash) ([]graphwarden.TreeHash, error) {
	t.fresh[place{0, at}] = leaf
	var done []graphwarden.TreeHash
	for level := 1; (at+1)%wide == 0; level++ {
		at /= wide
		below, err := t.level(level-1, at*wide, wide)
		if err != nil {
			return nil, err
		}
		h := join(below)
		t.fresh[place{level, at}] = h
		done = append(done, graphwarden.TreeHash{Level: level, Place: at, Hash: h})
	}
	return done, nil
}
