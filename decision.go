package graphwarden

// Decision says whether a call may be made, and which rule said so. The zero
// Decision refuses.
type Decision struct {
	Allowed bool
	Rule    string // the rule that decided, e.g. "flow:office-calendars"
	Reason  string // one sentence for people
}
