package graphwarden

// Registration is an Entra app registration that Graphwarden uses in a tenant.
// Its credential is not part of it: credentials live in package seal's types
// and are handed only to the room that obtains tokens.
type Registration struct {
	Name     string // what the configuration calls it, e.g. "calendar"
	Tenant   string // Tenant.Name
	ClientID string // the application (client) id, a GUID
	Mode     SignIn
	// Account is the object id of the one of several people whom it acts for; "" where
	// it acts for itself or for one person only.
	Account string
}

// For is the registration as it acts for one of several people.
func (r Registration) For(account string) Registration {
	r.Account = account
	return r
}

// SignIn is how a registration proves itself to Entra.
type SignIn string

// The ways of signing in that Graphwarden knows. The last two act for a person
// who has signed in; with a secret or certificate beside them the client is a
// confidential one.
const (
	BySecret      SignIn = "secret"      // client credentials with a client secret
	ByCertificate SignIn = "certificate" // client credentials with a signed assertion
	ByCode        SignIn = "code"        // a person, by authorization code with PKCE
	ByDevice      SignIn = "device"      // a person, by device code
)

// Delegated says whether tokens speak for a person rather than for the app.
func (s SignIn) Delegated() bool { return s == ByCode || s == ByDevice }
