package connect

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/seal"
)

// Source obtains new tokens: an app's own, and a person's by the refresh token.
type Source interface {
	Obtain(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c entra.Credential, claims entra.Claims) (entra.Token, error)
	Refresh(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c entra.Credential, refresh seal.Secret, scopes []string, claims entra.Claims) (entra.Token, error)
}

// Store runs a closure in one transaction, on disk when Update returns nil.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
}

// Vault keeps sealed tokens. Versions of a registration's token are 1, 2, 3 …; 0
// means none. PutToken refuses with kind Conflict a version that is not next.
type Vault interface {
	Store
	Token(ctx context.Context, tenant, registration string) (graphwarden.SealedToken, error)
	PutToken(ctx context.Context, tx graphwarden.Tx, k graphwarden.SealedToken) error
	DropTokens(ctx context.Context, tx graphwarden.Tx, tenant, registration string) (int, error)
}

// Standings keep how connections are.
type Standings interface {
	Standing(ctx context.Context, tenant, registration string) (graphwarden.Standing, error)
	StandingIn(ctx context.Context, tx graphwarden.Tx, tenant, registration string) (graphwarden.Standing, error)
	PutStanding(ctx context.Context, tx graphwarden.Tx, s graphwarden.Standing) error
}

// Leases let one process in the cluster renew a token while the others wait.
type Leases interface {
	Hold(ctx context.Context, tx graphwarden.Tx, name, holder string, span time.Duration) (bool, error)
	LetGo(ctx context.Context, tx graphwarden.Tx, name, holder string) error
}

// Ledger appends an entry within a transaction.
type Ledger interface {
	Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error)
}

// Pinned keeps which object id a mailbox name was pinned to.
type Pinned interface {
	Store
	Mailbox(ctx context.Context, tenant, upn string) (graphwarden.Mailbox, bool, error)
	PinMailbox(ctx context.Context, tx graphwarden.Tx, tenant string, m graphwarden.Mailbox) error
}

// Members keeps the members of groups as they were last read, and which mailboxes
// and groups are skipped.
type Members interface {
	Skips
	// Members gives them; known is false for a group that was never read.
	Members(ctx context.Context, tenant, group string) (list []graphwarden.Mailbox, known bool, err error)
	PutMembers(ctx context.Context, tx graphwarden.Tx, tenant, group string, list []graphwarden.Mailbox) error
	// RosterVersion grows whenever pins or members change, by whichever process.
	RosterVersion(ctx context.Context) (int64, error)
}

// Skips keeps which mailboxes and groups of a flow are not read, and why.
type Skips interface {
	Skipped(ctx context.Context, flow string) ([]graphwarden.Skipped, error)
	SkipMailbox(ctx context.Context, tx graphwarden.Tx, k graphwarden.Skipped) error
	UnskipMailbox(ctx context.Context, tx graphwarden.Tx, flow, mailbox string) error
}

// Groups reads the members of groups through a house flow.
type Groups interface {
	Members(ctx context.Context, reader flow.Flow, group string) ([]graphwarden.Mailbox, error)
}

// Directory finds users through a reader's flow.
type Directory interface {
	User(ctx context.Context, reader flow.Flow, name string) (graphwarden.Mailbox, error)
}
