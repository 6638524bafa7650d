package graphwarden

import "time"

// Checkpoint is the ledger's tree at one size, as it was signed.
type Checkpoint struct {
	Size int64    // how many entries the tree holds
	Root [32]byte // its root hash, RFC 6962 §2.1
	Note string   // the signed checkpoint: c2sp.org/tlog-checkpoint
	At   time.Time
}

// TreeHash is the root hash of a complete subtree of the ledger's tree: at level 1
// of 256 entries, at level 2 of 65,536, and so on, as c2sp.org/tlog-tiles counts
// levels. Place counts the subtrees of a level from 0.
type TreeHash struct {
	Level int
	Place int64
	Hash  [32]byte
}
