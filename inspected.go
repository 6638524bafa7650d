package graphwarden

import "time"

// Inspected says when the database was last read through for damage.
type Inspected struct {
	At      time.Time // when it was last read to its end; zero for never
	Wrong   string    // what was found then; "" when nothing was
	TriedAt time.Time // when that was last tried
	Problem string    // why it did not come to its end then
}
