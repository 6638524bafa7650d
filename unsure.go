package graphwarden

import "time"

// Unsure are writes of an app of which nobody knows whether they took effect.
type Unsure struct {
	App   string
	Mail  bool // messages; else events
	Count int64
	Since time.Time // when the first of them was known to be uncertain
}
