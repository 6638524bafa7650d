package graphwarden

import (
	"errors"
	"fmt"
	"time"
)

// Kind sorts refusals by what the reader can do about them. Each face maps kinds
// to its own codes in one table (HTTP status, exit code).
type Kind string

// The kinds of refusal.
const (
	Invalid Kind = "invalid" // the request or the configuration is wrong
	Denied  Kind = "denied"  // understood, and not allowed
	// Unauthenticated: who asks did not say who that is, or could not prove it.
	Unauthenticated Kind = "unauthenticated"
	Unknown         Kind = "unknown"     // what it names does not exist
	Credential      Kind = "credential"  // a secret, certificate or consent does not work
	Unreachable     Kind = "unreachable" // something outside does not answer
	Storage         Kind = "storage"     // the database or the disk does not work
	Conflict        Kind = "conflict"    // the state has moved on, or a place is taken
)

// Refusal is a "no" that a person reads: what, why, what to do. Say and Do are
// one sentence each and hold no secrets; the cause is for the operator's log.
type Refusal struct {
	Kind Kind
	Code string // stable, e.g. "entra.secret_wrong"; documented in docs/errors.md
	Say  string
	Do   string
	// Field is what of a request it is about, e.g. "event.start.timeZone"; "" when it
	// is about all of it.
	Field string
	Cause error
}

// Error gives what is wrong and what to do in one line.
func (r *Refusal) Error() string {
	if r.Do == "" {
		return r.Say
	}
	return r.Say + " " + r.Do
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

// Later is a "not now": the same call may succeed after the wait.
type Later struct {
	After time.Duration // at least this long
	Cause error
}

// Error says how long to wait.
func (l *Later) Error() string {
	return fmt.Sprintf("asked to wait %s: %v", l.After, l.Cause)
}

// Unwrap gives the cause.
func (l *Later) Unwrap() error { return l.Cause }

// Unanswered says that a request was on its way when its answer was lost, or that the
// answer does not say what came of it: it may have had its effect.
type Unanswered struct{ Cause error }

// Error says what kept the answer away.
func (u *Unanswered) Error() string { return u.Cause.Error() }

// Unwrap gives the cause.
func (u *Unanswered) Unwrap() error { return u.Cause }

// ErrResync says that a cursor no longer works and the feed must be read anew.
var ErrResync = errors.New("the cursor has expired, a full read is needed")
