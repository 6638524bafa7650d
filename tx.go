package graphwarden

import "time"

// Tx is one transaction of the store. Rooms that must change state together are
// handed the same Tx; only the store can look inside.
type Tx interface {
	// Now is the time at which this update began, and stays so; others that share its
	// commit have their own.
	Now() time.Time
	// AfterCommit has f called once the transaction is committed, and on disk where
	// whoever began it waits for that, and never if it is not.
	AfterCommit(f func())
	// Step names something that the transaction does, so that tests can cut before
	// or after it is on disk. It does nothing else.
	Step(name string)
}
