package graphwarden

import (
	"encoding/json"
	"time"
)

// Intent is one write into Microsoft 365 that an app asked for. It is on disk
// before anything is sent, and keeps afterwards what came of it.
type Intent struct {
	Seq  int64  // the order in which they were asked for
	ID   string // as apps know it, wrt_…
	App  string
	Key  string   // the app's, by which it repeats the request
	Hash [32]byte // of the request: the same key must mean the same

	Flow    string
	Tenant  string // Tenant.Name
	Mailbox Mailbox
	Kind    WriteKind
	// Container is where a new item goes, e.g. a calendar's id, "" for the default; of
	// an answer to an invitation it is the answer, of mail the folder that keeps it.
	Container string
	Item      string // the immutable id of what is written; "" until it is made
	// Series is what the item is a date of, as far as whoever writes it knows; it is not kept.
	Series    string
	Reference string // what the app calls the item
	Mark      string // a GUID by which the effect is found again

	Request json.RawMessage // what is sent
	Version string          // the ETag that must still be there, or ""
	Before  json.RawMessage // what was there, as far as the effect is known by it

	Attempts int
	Holder   string // who tries it now
	// Abandoned says that whoever tried it last went without a word: nobody knows
	// whether something was sent. It is known of leased ones only.
	Abandoned bool
	// Again says that what came of it was kept, and is told once more; it is not kept here.
	Again   bool
	MadeAt  time.Time
	DueAt   time.Time // when it may be tried next; while held, when the lease ends
	Outcome Outcome
}

// WriteKind is a kind of write; docs/writing.md says of each how its effect is
// found again.
type WriteKind string

// The kinds of write.
const (
	CreateEvent  WriteKind = "event.create"
	UpdateEvent  WriteKind = "event.update"
	DeleteEvent  WriteKind = "event.delete"
	CancelEvent  WriteKind = "event.cancel"
	RespondEvent WriteKind = "event.respond"
	// SendMail sends a message that cannot be looked for, SendMailOnce one that is a
	// marked draft first.
	SendMail     WriteKind = "mail.send"
	SendMailOnce WriteKind = "mail.send_once"
)

// IntentState says what is known of a write.
type IntentState string

// The states.
const (
	IntentOpen      IntentState = "open"      // not known yet; it is tried, or looked for
	IntentDone      IntentState = "done"      // the effect is there
	IntentRefused   IntentState = "refused"   // there is no effect
	IntentLost      IntentState = "lost"      // Microsoft's version won; there is no effect
	IntentUncertain IntentState = "uncertain" // nobody can say whether there is an effect
)

// Outcome is what came of a write. The zero Outcome is that of an open one.
type Outcome struct {
	State   IntentState
	EndedAt time.Time
	Refusal *Refusal        // why not; nil when it is done
	ETag    string          // the version that was written
	Result  json.RawMessage // what Microsoft answered
	Looked  bool            // the effect was found, its answer was lost
}

// Loser is a version of an item that lost when both sides had changed it.
type Loser struct {
	Seq     int64
	Intent  string // Intent.ID
	App     string
	Flow    string
	Tenant  string
	Mailbox Mailbox
	Item    string
	Side    string // whose version it is: "app" or "microsoft"
	ETag    string // of Microsoft's version
	Body    json.RawMessage
	At      time.Time
}

// Origin says what a change has to do with the app that is told of it.
type Origin struct {
	Reference string // what the app calls the item
	// Write is the Intent.ID of the app's write that made this version, or a later one:
	// the app knows the item as it is told, or newer.
	Write string
	// Pending says that a write of the app on the item has no outcome yet, so that
	// nobody knows whether this version is its own.
	Pending bool
}
