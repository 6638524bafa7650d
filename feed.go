package graphwarden

import "time"

// Feed is one stream of changes out of Microsoft 365: an owner's resource, read
// by delta from a cursor.
type Feed struct {
	ID       int64
	Flow     string // the flow that wants it
	Tenant   string // Tenant.Name
	Mailbox  Mailbox
	Resource string // the delta collection's container, e.g. a calendar id
	Title    string // what people call it, e.g. the calendar's name
	Window   Window
	Cursor   Cursor    // "" before the first round
	Dirty    bool      // something said that there is news
	SweepAt  time.Time // when it is read even if nothing woke it
	ReadAt   time.Time // when the last whole round was stored
	Turn     int64     // of the lease that it was given with; 0 without one
	// Doubted says that Microsoft's word that an item is gone is not believed
	// before somebody has looked (Removal). It is the reader's, and not stored.
	Doubted bool
}

// Cursor is where a feed has been read to: an opaque link that Microsoft gave.
type Cursor string

// Window is the span of time whose events a calendar feed reads, [Start, End).
type Window struct {
	Start, End time.Time
}

// Reach says which window a calendar flow reads: always Fixed where that is
// set, or else a span around now.
type Reach struct {
	Past, Future time.Duration
	Fixed        Window
}
