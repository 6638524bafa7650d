package graphwarden

import "time"

// Replay tells a sink again what it was told, beside what is new. It survives a
// crash as a row of the store.
type Replay struct {
	ID       int64
	Sink     string
	Snapshot bool       // the items as they are now, in place of the changes
	Dead     bool       // dead letters only
	First    int64      // the first change, by its number; 0 is the beginning
	Last     int64      // the last; 0 is all that the sink has been through
	Mailbox  string     // only this mailbox, by id or name; "" is all
	Item     string     // only this item
	Kind     ChangeKind // only changes of this kind
	MadeAt   time.Time
	EndedAt  time.Time // zero while it is under way
	Total    int       // deliveries when it was made
	Done     int       // those considered so far
	Failed   int       // of these, how many were not taken there and then: they are tried again like any other
	At       ReplayMark
	Disabled bool      // its sink is: nothing is told
	RestsTo  time.Time // until when its sink's receiver is left alone; may be past
}

// ReplayMark is how far a replay has come.
type ReplayMark struct {
	Seq  int64  // of changes, the last one considered
	Feed int64  // of a snapshot, the feed and
	Key  []byte // the key of the last item considered
}
