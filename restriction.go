package graphwarden

import "time"

// Restriction is how far Exchange keeps a registration to the mailboxes of its
// flows, and what is known of that.
type Restriction struct {
	Tenant       string // Tenant.Name
	Registration string // Registration.Name
	By           RestrictedBy
	State        RestrictionState
	// Inside and Outside are mailboxes by which it is proven: the one must be
	// reached, the other must not.
	Inside, Outside Mailbox
	// Reads says that reading proves it. Where the registration may only send, it is
	// Exchange's own test that does: no mail is ever sent for it.
	Reads     bool
	ChangedAt time.Time // when Exchange was last told something new
	FreedAt   time.Time // when no consent for every mailbox was left; zero: not yet
	LookAt    time.Time // when it is looked at again
	Code, Say string    // why it is not proven, "" when nothing is known against it
	// Wanted is a fingerprint of the scopes and roles that Exchange was told: what the
	// flows want now may be something else. "" is not known, from an older version.
	Wanted string
	// Roles are the permissions that roles in Exchange stand for, as it was told, with
	// blanks between them; "" while it is being told, and from an older version.
	Roles    string
	ProvenAt time.Time // when it was first proven since Exchange was told; zero: not yet
	Account  string    // the administrator who signed in
}

// RestrictedBy is by which means of Exchange.
type RestrictedBy string

// The means of Exchange.
const (
	ByRoles  RestrictedBy = "roles"         // RBAC for Applications
	ByPolicy RestrictedBy = "access-policy" // application access policies
)

// RestrictionState is how far a restriction has come.
type RestrictionState string

// The states of a restriction.
const (
	RestrictionWaiting RestrictionState = "waiting"      // Exchange takes up to two hours
	RestrictionOpen    RestrictionState = "consent left" // a consent for every mailbox stands beside it
	RestrictionProven  RestrictionState = "proven"
	RestrictionPast    RestrictionState = "outdated" // the flows want something else by now
	RestrictionFailed  RestrictionState = "failed"
)
