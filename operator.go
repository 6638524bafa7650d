package graphwarden

import (
	"slices"
	"strings"
	"time"
)

// Role is what an operator is there for. What each may ask for is one table, in api.
type Role string

// The roles of operators.
const (
	Owner    Role = "owner"    // all there is, tokens of operators among it
	Runs     Role = "operator" // runs the server: all but operators' tokens and the key that seals
	Helpdesk Role = "helpdesk" // helps people: sees how things are, and looks after sign-ins
	Auditor  Role = "auditor"  // sees what was done, and changes nothing
	Reviewer Role = "reviewer" // sees what apps may do and were granted, and changes nothing
)

// Roles lists all of them.
func Roles() []Role { return []Role{Owner, Runs, Helpdesk, Auditor, Reviewer} }

// Post is a role at a tenant.
type Post struct {
	Role   Role
	Tenant string // by its name in the configuration; "" is every tenant, and what is of none
}

// String writes a post as ParsePost reads it: auditor, or auditor@contoso.
func (p Post) String() string {
	if p.Tenant == "" {
		return string(p.Role)
	}
	return string(p.Role) + "@" + p.Tenant
}

// ParsePost reads a post; false says that it has no such role, or names no tenant
// behind its @.
func ParsePost(text string) (Post, bool) {
	role, tenant, at := strings.Cut(text, "@")
	return Post{Role(role), tenant}, slices.Contains(Roles(), Role(role)) && (tenant != "") == at && !strings.ContainsAny(tenant, "@ \t\r\n")
}

// OperatorToken is a personal token of somebody who runs Graphwarden. The token
// itself is known to that person only; ID names it to others and stands in the ledger.
type OperatorToken struct {
	ID        string
	Operator  string // whose it is, as the ledger names him
	Note      string
	Posts     []Post
	MadeBy    string // the operator who made it
	MadeAt    time.Time
	ExpiresAt time.Time // never zero
	RevokedAt time.Time // zero: not revoked
	UsedAt    time.Time // when it was last used, to the hour; zero: never
}

// State says in a word how a token is at a time: active, expired or revoked.
func (t OperatorToken) State(now time.Time) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked"
	case !now.Before(t.ExpiresAt):
		return "expired"
	}
	return "active"
}
