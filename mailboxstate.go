package graphwarden

import "time"

// Skipped is a mailbox of a flow's scope that is not read, and why.
type Skipped struct {
	Flow    string
	Tenant  string
	Mailbox Mailbox // without an id when the name could not be found
	Code    string  // of the refusal, or CodeGuest
	Say     string
	Since   time.Time
	LastAt  time.Time // when it was last tried
}

// CodeGuest stands for a member of a group who is a guest: the mailbox, if there
// is one, is in another organisation.
const CodeGuest = "mailbox.guest"
