package ledger

import (
	"time"

	"github.com/graphwarden/graphwarden"
)

// Outcome says what became of what an entry is about.
type Outcome string

// The outcomes.
const (
	Refused  Outcome = "refused"  // nothing was sent
	Answered Outcome = "answered" // with a status below 400
	Failed   Outcome = "failed"   // with a status from 400 on, or nobody answered
	Unclosed Outcome = "unknown"  // it was let through, and how it ended is not recorded
	Done     Outcome = "done"     // an act of an operator's
)

// Outcomes are all that there are.
func Outcomes() []Outcome { return []Outcome{Refused, Answered, Failed, Unclosed, Done} }

// Record is an entry of the ledger as people look for it. Of a call that is the decision,
// with how it ended.
type Record struct {
	graphwarden.Entry
	// Name is the mailbox's, where it is known.
	Name    string  `json:"mailbox_name,omitempty"`
	Outcome Outcome `json:"outcome"`
	Closed  *End    `json:"closed,omitempty"`
}

// End is how a call ended.
type End struct {
	Seq    int64     `json:"seq"` // of the entry that says so
	At     time.Time `json:"at"`
	Status int       `json:"status,omitempty"` // of the answer; 0: none came
	Bytes  int64     `json:"bytes,omitempty"`  // of its body
	// Request is the id by which Microsoft knows the request, which it asks for when a
	// support case is opened; the entry's Call is our own, client-request-id.
	Request string `json:"request_id,omitempty"`
	Note    string `json:"note,omitempty"` // why there was no answer
}

// begun makes the record of a decision or an act.
func begun(e graphwarden.Entry, name string) Record {
	e.At = e.At.UTC()
	r := Record{Entry: e, Name: name, Outcome: Unclosed}
	switch {
	case !e.Allowed:
		r.Outcome = Refused
	case e.Kind == graphwarden.Acted:
		r.Outcome = Done
	}
	return r
}

// ended is the outcome that an end tells.
func ended(e graphwarden.Entry) Outcome {
	if e.Status == 0 || e.Status >= 400 {
		return Failed
	}
	return Answered
}

// end notes how the call of a record ended.
func (r *Record) end(e graphwarden.Entry) {
	request, reason := e.Ended()
	r.Outcome, r.Closed = ended(e), &End{Seq: e.Seq, At: e.At.UTC(), Status: e.Status, Bytes: e.Bytes, Request: request, Note: reason}
}
