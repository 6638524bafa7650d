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
	Note   string    `json:"note,omitempty"`   // why there was no answer
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
