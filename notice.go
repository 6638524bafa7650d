package graphwarden

import "time"

// Severity is how urgent a notice is.
type Severity string

// The severities, the least first.
const (
	Info     Severity = "info"     // good to know
	Warning  Severity = "warning"  // needs somebody within days
	Critical Severity = "critical" // needs somebody now
)

// Above says whether s is more urgent than other.
func (s Severity) Above(other Severity) bool { return s.rank() > other.rank() }

func (s Severity) rank() int {
	switch s {
	case Critical:
		return 3
	case Warning:
		return 2
	case Info:
		return 1
	}
	return 0
}

// Notice is something that an operator has to know of: open from when it was
// first told until what it tells of is over. There is at most one open notice
// for each Code and Subject.
type Notice struct {
	Seq        int64     `json:"-"`
	ID         string    `json:"id"`
	Code       string    `json:"code"`    // stable, e.g. "notice.feed_stale"; docs/operations.md explains each
	Subject    string    `json:"subject"` // what it is about, e.g. a flow's name
	Severity   Severity  `json:"severity"`
	Say        string    `json:"what"`
	Do         string    `json:"fix"` // a command, or what to do in a sentence
	DocURL     string    `json:"doc_url,omitempty"`
	Since      time.Time `json:"since"` // since when it is so
	OpenedAt   time.Time `json:"opened_at"`
	RemindedAt time.Time `json:"reminded_at,omitzero"`
	ClosedAt   time.Time `json:"closed_at,omitzero"`
	GoneSince  time.Time `json:"gone_since,omitzero"` // since when it is not seen any more, while it is open; not stored
	Told       int       `json:"told"`                // how often
}

// Telling is one event of a notice on its way to one channel. ID is the same at
// every attempt, so that a receiver can deduplicate by it.
type Telling struct {
	ID      string
	Channel string // "log", "webhook"
	Event   string // "opened", "reminded", "closed"
	Notice  Notice // as it was then
	At      time.Time
	DueAt   time.Time
	Attempt int
	Reason  string // why the last attempt failed
}
