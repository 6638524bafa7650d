package graphwarden

// Tried is a request of an app that must not happen twice, and its answer as it
// was given: Status 0 means that there is none yet.
type Tried struct {
	App    string
	Key    string   // that the app gave it
	Print  [32]byte // a digest of what was asked
	Status int
	Body   []byte // nil: none
}
