package graphwarden

import "time"

// Entry is one line of the ledger: a decision before a call, or the close of one.
type Entry struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Kind    EntryKind `json:"kind"`
	Call    string    `json:"call"` // ties a close to its decision; sent as client-request-id
	App     string    `json:"app,omitempty"`
	Flow    string    `json:"flow,omitempty"`
	Tenant  string    `json:"tenant,omitempty"`
	Method  string    `json:"method,omitempty"`
	Path    string    `json:"path,omitempty"` // the operation's template, never values
	Mailbox string    `json:"mailbox,omitempty"`
	Allowed bool      `json:"allowed"`
	Rule    string    `json:"rule,omitempty"`
	Status  int       `json:"status,omitempty"` // HTTP status of the answer; 0 when none came
	Bytes   int64     `json:"bytes,omitempty"`  // size of the answer's body
	Note    string    `json:"note,omitempty"`   // why there was no answer
}

// EntryKind tells an entry that decides from one that closes.
type EntryKind string

// The kinds of ledger entry.
const (
	Decided EntryKind = "decision"
	Closed  EntryKind = "close"
	Acted   EntryKind = "act" // what an operator did here, such as revoking a connection
)
