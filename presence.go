package graphwarden

import (
	"encoding/json"
	"time"
)

// Told is what apps are told of a person by a presence flow: the last state of
// each, and no history. Seq grows with everything that is told, in one order per
// store.
type Told struct {
	Seq     int64
	Flow    string
	Mailbox Mailbox
	At      time.Time
	Gone    bool            // the person is no longer of the flow
	Body    json.RawMessage // the state as it is told; nil when Gone
}

// FeedSight is how lately a feed has been read, without more.
type FeedSight struct {
	Feed    int64
	Mailbox Mailbox
	ReadAt  time.Time // zero before the first time
	Code    string    // of what keeps it from being read, or ""
	Say     string
}
