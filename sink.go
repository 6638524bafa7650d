package graphwarden

import (
	"encoding/json"
	"time"
)

// Sink is where an app's changes go. It reads the change sequence of its flow
// with a cursor of its own.
type Sink struct {
	Name string // unique in the configuration
	App  string
	Flow string
	URL  string // a webhook
}

// Delivery is one change on its way to one sink until it is acknowledged. ID is
// the same at every attempt, so that a receiver can deduplicate by it.
type Delivery struct {
	ID       string
	Sink     string
	Change   Change
	Tenant   string // Tenant.Name
	Mailbox  Mailbox
	Resource string // the feed's resource, e.g. a calendar id
	Title    string // the feed's title
	Attempt  int    // 0 before the first
	DueAt    time.Time
	Reason   string // why the last attempt failed
}

// Envelope is the JSON that a sink receives, CloudEvents-shaped
// (CloudEvents 1.0, structured mode).
type Envelope struct {
	SpecVersion string    `json:"specversion"` // "1.0"
	ID          string    `json:"id"`          // Delivery.ID
	Type        string    `json:"type"`        // "com.graphwarden.event.created" …
	Source      string    `json:"source"`      // "/tenants/{tenant}/mailboxes/{id}/calendars/{id}"
	Subject     string    `json:"subject"`     // the item's id
	Time        time.Time `json:"time"`        // when the change was stored
	Sequence    int64     `json:"sequence"`    // Change.Seq: the order within one sink
	Data        Payload   `json:"data"`
}

// Payload is the data of an Envelope.
type Payload struct {
	Mailbox  string          `json:"mailbox"`  // the mailbox's name
	Calendar string          `json:"calendar"` // the feed's title
	Item     json.RawMessage `json:"item,omitempty"`
}
