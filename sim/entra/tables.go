package entra

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
)

// code is an authorization code, stored under its own text.
type code struct {
	App       string         `json:"app"` // client id
	User      string         `json:"user"`
	SignedIn  time.Time      `json:"signedIn"`
	Session   string         `json:"session"`
	Realm     realmKind      `json:"realm"`
	Redirect  string         `json:"redirect"`
	Platform  world.Platform `json:"platform"`
	Scope     string         `json:"scope"`
	Nonce     string         `json:"nonce,omitempty"`
	Challenge string         `json:"challenge,omitempty"`
	Method    string         `json:"method,omitempty"`
	Issued    time.Time      `json:"issued"`
	Redeemed  bool           `json:"redeemed,omitempty"`
}

// refresh is a refresh token, stored under its own text.
type refresh struct {
	App      string         `json:"app"`
	User     string         `json:"user"`
	SignedIn time.Time      `json:"signedIn"`
	Session  string         `json:"session"`
	Platform world.Platform `json:"platform,omitempty"` // of the code that it goes back to, if any
	Public   bool           `json:"public,omitempty"`   // its client showed no credential
	Scope    string         `json:"scope"`
	Issued   time.Time      `json:"issued"`
	Ends     time.Time      `json:"ends"`
}

// device is a device code, stored under its own text.
type device struct {
	App      string      `json:"app"`
	Realm    realmKind   `json:"realm"`
	Scope    string      `json:"scope"`
	UserCode string      `json:"userCode"`
	Issued   time.Time   `json:"issued"`
	State    deviceState `json:"state"`
	User     string      `json:"user,omitempty"`
	SignedIn time.Time   `json:"signedIn"`
	Session  string      `json:"session,omitempty"`
}

type deviceState string

const (
	pending  deviceState = "pending"
	approved deviceState = "approved"
	declined deviceState = "declined"
	redeemed deviceState = "redeemed"
)

// session is a browser's sign-in, stored under its cookie's text.
type session struct {
	User     string    `json:"user"`
	SignedIn time.Time `json:"signedIn"`
}

// How long things live (graph-facts §1.2, §1.3, §1.6). A browser session that is
// not kept lasts a day (documentation of session lifetimes).
const (
	codeLife       = 10 * time.Minute
	deviceLife     = 15 * time.Minute
	deviceInterval = 5 * time.Second
	refreshLife    = 90 * 24 * time.Hour
	spaRefreshLife = 24 * time.Hour
	sessionLife    = 24 * time.Hour
)
