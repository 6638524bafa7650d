package graphwarden

import "time"

// Skipped is a mailbox of a flow's scope that is not read, or a group of it whose
// members cannot be, and why.
type Skipped struct {
	Flow    string
	Tenant  string
	Mailbox Mailbox // without an id when the name could not be found; none of a group
	Group   string  // the object id of a group; "" for a mailbox
	Code    string  // of the refusal, or CodeGuest
	Say     string
	Since   time.Time
	LastAt  time.Time // when it was last tried
}

// CodeGuest stands for a member of a group who is a guest: the mailbox, if there
// is one, is in another organisation.
const CodeGuest = "mailbox.guest"
