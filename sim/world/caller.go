package world

import (
	"slices"
	"time"
)

// Caller is who an access token speaks for, as the token's claims say
// (graph-facts §1.7).
type Caller struct {
	TokenID   string    // the token's uti
	Tenant    string    // tid
	AppID     string    // appid: the client
	AppName   string    // the client's display name, for the truth ledger
	Principal string    // oid of the client's service principal
	User      string    // oid of the signed-in user; empty for an application's own token
	Audience  string    // aud
	Resource  string    // application id of whom aud names: Microsoft Graph or Exchange Online
	Roles     []string  // application permissions; nil in a delegated token
	Scopes    []string  // delegated permissions; nil in an application's own token
	DirRoles  []string  // template ids of the user's directory roles (wids)
	IssuedAt  time.Time // iat
	ExpiresAt time.Time // exp
	CAE       bool      // the client understands claims challenges (xms_cc)
	Contexts  []string  // authentication contexts (acrs)
	Seq       uint64    // of the transaction that issued the token
}

// Delegated says whether the token speaks for a user.
func (c Caller) Delegated() bool { return c.User != "" }

// OID is the object id that Graph sees as the caller: the user's, or else the
// service principal's.
func (c Caller) OID() string {
	if c.Delegated() {
		return c.User
	}
	return c.Principal
}

// Permissions are the token's permissions in its scheme.
func (c Caller) Permissions() []string {
	if c.Delegated() {
		return c.Scopes
	}
	return c.Roles
}

// Is says whether the user holds the directory role with this template id.
func (c Caller) Is(role string) bool { return slices.Contains(c.DirRoles, role) }
