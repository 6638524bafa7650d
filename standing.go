package graphwarden

import "time"

// Account is the person whom a delegated connection acts for.
type Account struct {
	ID   string // the user's object id
	Name string // the user principal name, for people to read
}

// Standing is how a connection is. The zero Standing is that of one which has
// never been tried.
type Standing struct {
	Tenant       string // Tenant.Name
	Registration string // Registration.Name
	Account      Account

	Mark        int64 // grows whenever copies of its tokens are no longer good
	RevokedAt   time.Time
	ConnectedAt time.Time // when somebody last connected it
	SignedInAt  time.Time // when Entra last gave a token
	RefusedAt   time.Time // when Entra last refused one; zero once it gave one again
	RefusedCode string
	RefusedSay  string
	RefusedDo   string

	WaitingSince time.Time // since when something in Microsoft 365 is waited for
	WaitingFor   string

	ExpiresAt time.Time // of the credential; zero when nobody knows
	ExpiryBy  string    // who said so
}

// Revoked says whether no token may be lent.
func (s Standing) Revoked() bool { return !s.RevokedAt.IsZero() }

// SealedToken is a connection's token as it lies in the store.
type SealedToken struct {
	Tenant       string
	Registration string // where it lies: the registration, and what it follows from
	Version      int64  // 1, 2, 3 …; 0 means that there is none
	Account      string // object id of the person it speaks for, or ""
	Sealed       []byte
	ExpiresAt    time.Time
}
