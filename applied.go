package graphwarden

import "time"

// Applied is a configuration that was taken: what it says, in the form that the
// frame compares, without secrets.
type Applied struct {
	Seq         int64
	Fingerprint string // the same for configurations that say the same
	At          time.Time
	By          string // who took it
	Facts       []byte // JSON
}
