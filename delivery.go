package graphwarden

import (
	"encoding/json"
	"time"
)

// Delivery is one change on its way to one sink until it is acknowledged. ID is
// the same at every attempt, so that a receiver can deduplicate by it.
type Delivery struct {
	ID       string
	Sink     string
	Change   Change
	Tenant   string // Tenant.Name
	Mailbox  Mailbox
	Resource string    // the feed's resource, e.g. a calendar id
	Title    string    // the feed's title
	Attempt  int       // 0 before the first
	FirstAt  time.Time // when it failed first
	DueAt    time.Time
	Reason   string // why the last attempt failed
	Origin   Origin // of a flow that writes: what it has to do with the app's writes
	// BecamePrivate says that the item is private by now, or was when it was last seen,
	// whatever it was at this change.
	BecamePrivate bool
	Snapshot      int64 // the replay that shows the item as it is, 0 for a change
	Test          bool  // it never was: an operator tries the receiver
}

// DeliveryState is a delivery as people look at it.
type DeliveryState struct {
	Delivery           // DueAt is not before its sink's receiver is tried again, zero when nothing is tried
	Waits    bool      // behind an earlier change of its item
	Disabled bool      // its sink is: it is not tried
	Pending  bool      // the sink has not come to it yet
	Passed   bool      // the sink took it, or its filter left it out
	DiedAt   time.Time // when it was given up; zero while it is tried
	Attempts []Attempt // the last ones, if they were asked for
}

// Attempt is one attempt of a delivery that failed.
type Attempt struct {
	Sink   string
	Seq    int64 // Change.Seq
	Nth    int
	At     time.Time
	Took   time.Duration
	Status int // of the answer, 0 when there was none
	Reason string
}

// Envelope is the JSON that a sink receives, CloudEvents-shaped
// (CloudEvents 1.0, structured mode).
type Envelope struct {
	SpecVersion string    `json:"specversion"`    // "1.0"
	ID          string    `json:"id"`             // Delivery.ID
	Type        string    `json:"type"`           // "com.graphwarden.event.created" …
	Source      string    `json:"source"`         // "/tenants/{tenant}/mailboxes/{id}/calendars/{id}"
	Subject     string    `json:"subject"`        // the item's id
	Time        time.Time `json:"time"`           // when the change was stored
	Sequence    int64     `json:"sequence"`       // Change.Seq: the order within one sink; 0 in a test
	Test        bool      `json:"test,omitempty"` // an operator tries the receiver: it never was
	Data        Payload   `json:"data"`
}

// Payload is the data of an Envelope.
type Payload struct {
	Mailbox  string `json:"mailbox"`        // the mailbox's name
	Calendar string `json:"calendar"`       // the feed's title
	ETag     string `json:"etag,omitempty"` // by reference: the item's version
	Link     string `json:"link,omitempty"` // by reference: where Graph has the item
	// Reference is what the app calls the item, if it made or named it; Write is the
	// app's write that made this version or a later one.
	Reference string          `json:"reference,omitempty"`
	Write     string          `json:"write,omitempty"`
	LeftOut   string          `json:"leftOut,omitempty"` // why an item that is sent by value is not here
	Item      json.RawMessage `json:"item,omitempty"`
	// Connection is of a type com.graphwarden.connection.… in place of an item.
	Connection json.RawMessage `json:"connection,omitempty"`
}
