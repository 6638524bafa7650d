package graphwarden

import (
	"encoding/json"
	"time"
)

// ChangeKind is what happened to an item.
type ChangeKind string

// The kinds of change.
const (
	Created ChangeKind = "created"
	Updated ChangeKind = "updated"
	Deleted ChangeKind = "deleted"
	// Snapshot is no change: a replay shows the item as it is now.
	Snapshot ChangeKind = "snapshot"
	// Lost and Restored are about no item: a person must sign in again before more
	// of theirs can be read, and has done so.
	Lost     ChangeKind = "lost"
	Restored ChangeKind = "restored"
)

// OfConnection says whether a change is about a person's connection and no item.
func (k ChangeKind) OfConnection() bool { return k == Lost || k == Restored }

// Change is one thing created, updated or deleted, as a feed saw it. Changes
// have one order per store: Seq grows with every stored change.
type Change struct {
	Seq  int64
	Feed int64
	Item string // the item's immutable id
	Kind ChangeKind
	At   time.Time       // when the change was stored
	Body json.RawMessage // the item as Graph sent it; nil when deleted
}

// Item is one raw item of a page, as Graph sent it.
type Item struct {
	ID      string
	ETag    string
	Removed bool // Graph says that it left the collection
	Body    json.RawMessage
}

// Page is what one delta request brought: items, and where to go on.
type Page struct {
	Items []Item
	Next  Cursor // the cursor that follows these items
	Last  bool   // the round is complete
}
