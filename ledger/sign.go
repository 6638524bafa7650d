package ledger

import (
	"context"
	"fmt"
	"io"

	"github.com/graphwarden/graphwarden"
	"golang.org/x/mod/sumdb/tlog"
)

// signAtOnce is how many entries one checkpoint adds at most: it bounds the memory and
// the transaction of a ledger that was never signed.
const signAtOnce = 1 << 16

// rereadAtOnce is how many entries are read at a time.
const rereadAtOnce = 1000

// Signable is a ledger that can be signed. The store satisfies it.
type Signable interface {
	Trees
	LastEntry(ctx context.Context) (int64, error)
	EntriesAfter(ctx context.Context, seq int64, limit int, each func(e graphwarden.Entry, leaf [32]byte) error) error
	Checkpoint(ctx context.Context) (graphwarden.Checkpoint, error)
	PutCheckpoint(ctx context.Context, tx graphwarden.Tx, c graphwarden.Checkpoint, fresh []graphwarden.TreeHash) error
}

// Outside keeps the newest checkpoint where whoever changes the database does not
// change it with it.
type Outside interface {
	// Held gives the checkpoint; "" when there is none.
	Held() (string, error)
	// Hold keeps a checkpoint in place of the one before, with the key that others
	// check its signature with.
	Hold(checkpoint, key string) error
}

// Signer signs checkpoints of a ledger.
//
// The leaf hashes are in the transaction that records their entries, and the rest of
// the tree follows from them; so the signer writes it down, with its checkpoint, and
// an append costs no more for there being a tree. Nothing is lost by that: a root is
// signed only after every entry that it adds was read and hashed again, and after the
// tree before it was found to have the root that was signed before.
type Signer struct {
	Rows    Signable
	Keys    Keys
	Sealer  Sealer
	Outside Outside
	Origin  string
	Random  io.Reader
}

// Sign signs a checkpoint of all entries, unless the newest one covers them, and keeps
// it in the database and outside. It signs nothing, and refuses, when an entry is not
// as it was written (ledger.changed), when the ledger is shorter than a checkpoint that
// was signed before (ledger.behind) or is another one (ledger.forked), and when the
// checkpoint outside is of another key (ledger.other_key, ledger.key_lost).
func (s *Signer) Sign(ctx context.Context) (graphwarden.Checkpoint, error) {
	for {
		c, last, err := s.round(ctx)
		if err != nil || c.Size == last {
			return c, err
		}
	}
}

// Cosigned has a checkpoint that was signed cosigned by a witness, and keeps it with the
// cosignature in the database and outside; errors are those of Witness.Cosign. If we
// crash in between, the next call has it cosigned again, which changes nothing.
func (s *Signer) Cosigned(ctx context.Context, w *Witness, c graphwarden.Checkpoint) (graphwarden.Checkpoint, error) {
	with, err := w.Cosign(ctx, s.Rows, c)
	if err != nil || with.Note == c.Note {
		return c, err
	}
	k, err := loadKey(ctx, s.Keys, s.Sealer, s.Origin, s.Random, false)
	if err != nil {
		return c, err
	}
	err = s.Keys.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error { return s.Rows.PutCheckpoint(ctx, tx, with, nil) })
	if err != nil {
		return c, fmt.Errorf("keeping a cosignature: %w", err)
	}
	return with, s.Outside.Hold(with.Note, k.public)
}

// round signs what one checkpoint adds, and says how many entries there are.
func (s *Signer) round(ctx context.Context) (c graphwarden.Checkpoint, last int64, err error) {
	held, err := s.Outside.Held()
	if err != nil {
		return c, 0, err
	}
	if last, err = s.Rows.LastEntry(ctx); err != nil || last == 0 && held == "" {
		return c, last, err
	}
	k, err := loadKey(ctx, s.Keys, s.Sealer, s.Origin, s.Random, held == "")
	if err != nil {
		return c, last, err
	}
	known, err := s.known(ctx, k, held)
	if err != nil {
		return c, last, err
	}
	for _, before := range known {
		if before.Size > c.Size {
			c = before
		}
	}
	if last < c.Size {
		return c, last, behind(last, c.Size)
	}
	t := &tree{ctx: ctx, rows: s.Rows, fresh: map[place]tlog.Hash{}}
	to := min(last, c.Size+signAtOnce)
	fresh, err := s.reread(ctx, t, c.Size/wide*wide, to)
	if err != nil {
		return c, last, err
	}
	for _, before := range known {
		if root, err := tlog.TreeHash(before.Size, t); err != nil {
			return c, last, fmt.Errorf("hashing the ledger's tree: %w", err)
		} else if root != before.Root {
			return c, last, forked(before.Size)
		}
	}
	if to > c.Size {
		if c, err = s.sign(ctx, t, k, to, fresh); err != nil {
			return c, last, err
		}
	}
	if c.Note == held {
		return c, last, nil
	}
	// Killed here, the database has a checkpoint that the outside does not have yet: the
	// next round, which finds both, puts it there.
	return c, last, s.Outside.Hold(c.Note, k.public)
}

// known gives the checkpoints that were signed before: what is held outside and the
// newest in the database. One in the database that the key did not sign is of no
// account: the one outside is what binds.
func (s *Signer) known(ctx context.Context, k key, held string) ([]graphwarden.Checkpoint, error) {
	var out []graphwarden.Checkpoint
	if held != "" {
		c, err := read(s.Origin, held, k.verifier)
		if err != nil {
			return nil, otherKey(err)
		}
		out = append(out, c)
	}
	stored, err := s.Rows.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	if c, err := read(s.Origin, stored.Note, k.verifier); err == nil {
		out = append(out, c)
	}
	return out, nil
}

// reread reads the entries after from, hashes them again and grows the tree by them.
func (s *Signer) reread(ctx context.Context, t *tree, from, to int64) ([]graphwarden.TreeHash, error) {
	var fresh []graphwarden.TreeHash
	for from < to {
		leaves := make([]tlog.Hash, 0, rereadAtOnce)
		err := s.Rows.EntriesAfter(ctx, from, int(min(rereadAtOnce, to-from)), func(e graphwarden.Entry, leaf [32]byte) error {
			again := Leaf(e)
			if want := from + int64(len(leaves)) + 1; e.Seq != want {
				return changed(fmt.Sprintf("Entry %d is missing.", want))
			}
			if again != leaf {
				return changed(fmt.Sprintf("Entry %d does not match its hash.", e.Seq))
			}
			leaves = append(leaves, again)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(leaves) == 0 {
			return nil, changed(fmt.Sprintf("Entry %d is missing.", from+1))
		}
		for _, leaf := range leaves {
			done, err := t.grow(from, leaf)
			if err != nil {
				return nil, err
			}
			fresh = append(fresh, done...)
			from++
		}
	}
	return fresh, nil
}

// sign signs the tree of a size and stores the checkpoint.
func (s *Signer) sign(ctx context.Context, t *tree, k key, size int64, fresh []graphwarden.TreeHash) (graphwarden.Checkpoint, error) {
	root, err := tlog.TreeHash(size, t)
	if err != nil {
		return graphwarden.Checkpoint{}, fmt.Errorf("hashing the ledger's tree: %w", err)
	}
	c, err := write(s.Origin, size, root, k.signer)
	if err != nil {
		return graphwarden.Checkpoint{}, err
	}
	err = s.Keys.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		c.At = tx.Now()
		return s.Rows.PutCheckpoint(ctx, tx, c, fresh)
	})
	return c, err
}
