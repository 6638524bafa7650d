package world

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Change is one entry of the tenant's change log: something in a scope was
// created, updated or deleted.
type Change struct {
	Seq   uint64     `json:"seq"`   // of the transaction that made it
	At    time.Time  `json:"at"`    // the tenant's time
	Scope string     `json:"scope"` // a collection that can be followed, e.g. "users", "calendar:{id}"
	ID    string     `json:"id"`    // the object's id
	Kind  ChangeKind `json:"kind"`
	Owner string     `json:"owner,omitempty"` // the mailbox that holds it; empty for directory objects
	Props []string   `json:"props,omitempty"` // what changed, where followers ask for that
	Moves uint32     `json:"moves,omitempty"` // of an item at that time (ItemID)
	// Doc is what followers need of a thing that is no longer there, or nil.
	Doc Doc `json:"doc,omitempty"`
}

// ChangeKind is what happened.
type ChangeKind string

// The kinds of change.
const (
	Created ChangeKind = "created"
	Updated ChangeKind = "updated"
	Deleted ChangeKind = "deleted"
)

// pending holds the changes of the transaction under way, for the watchers.
type pending struct {
	tx      *state.Tx
	changes []Change
}

// Record puts a change on the log. Its Seq and At are the transaction's.
func (w *World) Record(tx *state.Tx, c Change) {
	c.Seq, c.At = tx.Seq(), tx.Now()
	w.changes.Append(tx, c.Scope, c)
	if w.pending.tx != tx {
		w.pending = pending{tx: tx}
	}
	w.pending.changes = append(w.pending.changes, c)
}

// ChangesAfter gives the changes in a scope that later transactions than seq
// made, oldest first.
func (w *World) ChangesAfter(tx *state.Tx, scope string, seq uint64) []Change {
	return w.changes.After(tx, scope, seq)
}

// Pending gives the changes that a transaction has recorded so far; a watcher
// of the world sees those of the transaction just committed.
func (w *World) Pending(tx *state.Tx) []Change {
	if w.pending.tx != tx {
		return nil
	}
	return w.pending.changes
}
