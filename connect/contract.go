package connect

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/flow"
)

// Source obtains new tokens.
type Source interface {
	Obtain(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c entra.Credential) (entra.Token, error)
}

// Store runs a closure in one transaction, on disk when Update returns nil.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
}

// Vault keeps sealed tokens. Versions of a registration's token are 1, 2, 3 …; 0
// means none. PutToken refuses with kind Conflict a version that is not next.
type Vault interface {
	Store
	Token(ctx context.Context, tenant, registration string) (sealed []byte, version int64, expiresAt time.Time, err error)
	PutToken(ctx context.Context, tx graphwarden.Tx, tenant, registration string, version int64, sealed []byte, expiresAt time.Time) error
}

// Pinned keeps which object id a mailbox name was pinned to.
type Pinned interface {
	Store
	Mailbox(ctx context.Context, tenant, upn string) (graphwarden.Mailbox, bool, error)
	PinMailbox(ctx context.Context, tx graphwarden.Tx, tenant string, m graphwarden.Mailbox) error
}

// Directory finds users through a reader's flow.
type Directory interface {
	User(ctx context.Context, reader flow.Flow, name string) (graphwarden.Mailbox, error)
}
