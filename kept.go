package graphwarden

import (
	"encoding/json"
	"time"
)

// Kept is an item of the local copy, as a feed last saw it.
type Kept struct {
	Feed     int64
	Calendar string // the feed's resource
	Title    string // what people call that
	ID       string
	At       KeptAt
	End      time.Time
	SeenAt   time.Time // when it was stored as it is
	Body     json.RawMessage
}

// KeptAt is the place of an item in the order of time; the zero KeptAt is before
// all.
type KeptAt struct {
	Start time.Time
	Feed  int64
	Key   []byte // of the item, in the copy
}

// Sought says which items of the copy are looked for: those of one mailbox, as one
// flow reads it, that are at some time within a window.
type Sought struct {
	Flow     string
	Mailbox  string // object id
	Calendar string // the feed's resource; "" is any
	Window   Window
	After    KeptAt
	Limit    int
}
