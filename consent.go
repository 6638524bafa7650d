package graphwarden

import "time"

// Consent is a question to an administrator that was put as a link, and its answer.
type Consent struct {
	State        string // the fingerprint of what the link carries; it answers once
	Tenant       string // Tenant.Name
	Registration string // Registration.Name
	Until        time.Time
	AnsweredAt   time.Time // zero: not yet
	Problem      string    // what Entra says when it was not given; "" when it was
}
