package graphwarden

import "time"

// Use is how often a flow did one of its operations, and from when to when.
type Use struct {
	Tenant, Flow string
	Method, Path string // as the ledger writes them
	First, Last  time.Time
	Calls        int64
}

// GrantsSeen is what a tenant had granted to a registration when it was last read.
// Permissions are written as Scheme/Name, such as application/Calendars.Read.
type GrantsSeen struct {
	Registration string // Registration.Name
	Tenant       string
	TriedAt      time.Time
	ReadAt       time.Time // zero: never
	Problem      string    // why it could not be read last; "" when it could
	Held         []string
	Beyond       []string // of these, what no flow needs
	Missing      []string // what flows need besides
	// Added and Removed are what the last change at Microsoft was, seen at ChangedAt;
	// the first reading is no change.
	Added, Removed []string
	ChangedAt      time.Time
}
