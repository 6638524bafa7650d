package gate

import (
	"context"
	"net/http"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/seal"
)

// Decider says what is allowed. It is asked before anything else.
type Decider interface {
	Judge(app, flow string, op flow.Operation, mailbox string, c policy.Circumstances) graphwarden.Decision
}

// Bearer hands out tokens. A token it hands out is already on disk.
type Bearer interface {
	Bearer(ctx context.Context, r graphwarden.Registration) (seal.Secret, error)
	// Renew gives a token other than the stale one, which Microsoft refused.
	// Challenge is what Microsoft said to it: the answer's WWW-Authenticate.
	Renew(ctx context.Context, r graphwarden.Registration, stale seal.Secret, challenge string) (seal.Secret, error)
}

// Ages is a Bearer that knows how old its tokens are. A token says what its
// registration was allowed when it was made, so that a consent that was given
// since is in a new one only.
type Ages interface {
	// Aged says whether a token that was denied something may be replaced for that.
	Aged(r graphwarden.Registration, token seal.Secret) bool
}

// Whose is a Bearer that knows for whom a connection acts.
type Whose interface {
	// Account gives the object id of the person, "" when nobody has signed in.
	Account(ctx context.Context, r graphwarden.Registration) (string, error)
}

// Store runs a closure in one transaction, on disk when Update returns nil.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	// UpdateUnsynced returns when it is committed: a process that dies loses nothing. It is
	// on disk very soon, and before anything that is updated later.
	UpdateUnsynced(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	// UpdateLater returns at once; the closure runs soon, with others, and done is
	// told when it is committed. A crash before loses it.
	UpdateLater(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error, done func(error))
	// UpdateNext is UpdateLater with the next Update, whosever that is.
	UpdateNext(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error, done func(error))
}

// Ledger appends an entry within a transaction.
type Ledger interface {
	Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error)
}

// Doer sends a request; it follows no redirect.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}
