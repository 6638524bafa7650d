package graphwarden

import "time"

// Person is somebody who signed in so that an app may work in their name, among
// others who did, too. Only what is theirs may be touched.
type Person struct {
	Tenant       string // Tenant.Name
	Registration string // Registration.Name
	App          string
	Account      Account
	Scopes       []string // delegated permissions that were consented to
	SignedInAt   time.Time
	LostAt       time.Time // since when they must sign in again; zero: they need not
	LostCode     string
}

// SignInAttempt is one person's way through Microsoft's sign-in page, begun for an
// app. State and Code lie in the store as fingerprints only.
type SignInAttempt struct {
	ID           string
	State        string // fingerprint of what comes back with the browser
	Tenant       string // Tenant.Name
	Registration string // Registration.Name
	App          string
	Flows        []string // that the person is asked for
	Account      string   // object id of who must sign in; "": anybody
	ReturnTo     string   // the app's page; "": ours
	AppState     string   // what the app wants back with the browser
	By           string   // who began it
	Sealed       []byte   // what the answer is held against
	BegunAt      time.Time
	Until        time.Time

	AnsweredAt time.Time // when the browser came back; it may only once
	Who        Account   // who signed in
	Scopes     []string  // what they consented to
	Code       string    // fingerprint of what the app takes the person with
	Problem    string    // code of why nobody signed in
	Say, Do    string
	TakenAt    time.Time // when the app took the person
}
