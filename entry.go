package graphwarden

import (
	"strings"
	"time"
)

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
	// Note is the reason of a refusal, what an operator says of an act, or how a call ended:
	// Ending writes that, and Ended reads it.
	Note string `json:"note,omitempty"`
}

// EntryKind tells an entry that decides from one that closes.
type EntryKind string

// The kinds of ledger entry.
const (
	Decided EntryKind = "decision"
	Closed  EntryKind = "close"
	Acted   EntryKind = "act" // what an operator did here, such as revoking a connection
)

// ofRequest begins the note of a close that was answered.
const ofRequest = "request-id "

// Ending is the note of a close: the id by which Microsoft knows the request that was
// answered, "" for none, and why there was no answer, or no whole one.
func Ending(request, reason string) string {
	if request == "" {
		return reason
	}
	return strings.TrimSuffix(ofRequest+request+"; "+reason, "; ")
}

// Ended gives what Ending wrote into the note of a close.
func (e Entry) Ended() (request, reason string) {
	rest, answered := strings.CutPrefix(e.Note, ofRequest)
	if e.Kind != Closed || !answered {
		return "", e.Note
	}
	request, reason, _ = strings.Cut(rest, "; ")
	return request, reason
}
