package grants

import (
	"context"
	"log/slog"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/exchange"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Administrators give what a signed-in administrator lent, by the id of the sign-in,
// or the tenant's reader where no id is given.
type Administrators interface {
	// Onlooker lets grants be read; by is "" where nobody may.
	Onlooker(tenant, id string) (g *graph.Graph, as flow.Flow, by string, err error)
	Granter(tenant, id string) (*graph.Graph, flow.Flow, error)
	// Census lets all apps of a tenant be read.
	Census(tenant, id string) (g *graph.Graph, as flow.Flow, by string, err error)
	Exchange(tenant, id string) (*exchange.Exchange, flow.Flow, error)
}

// Store keeps what was seen and what was used.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	CountUses(ctx context.Context) error
	Uses(ctx context.Context, tenant string) ([]graphwarden.Use, error)
	PutGrantsSeen(ctx context.Context, tx graphwarden.Tx, g graphwarden.GrantsSeen) error
	GrantsSeen(ctx context.Context) ([]graphwarden.GrantsSeen, error)
	// MadeAt is since when the ledger has been kept.
	MadeAt(ctx context.Context) (time.Time, error)
}

// Ledger appends an entry within a transaction.
type Ledger interface {
	Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error)
}

// Config is what the room is made of; every field is needed but Step and Narrowed.
type Config struct {
	Tenants       []graphwarden.Tenant
	Registrations []graphwarden.Registration
	Flows         []flow.Flow // those that go through a registration, the house's own among them
	// Tries says of a flow that it takes what there is, so that nothing is needed for it.
	Tries          func(flow.Flow) bool
	Administrators Administrators
	Store          Store
	Ledger         Ledger
	// Narrowed says which of the needed permissions a registration has as roles in
	// Exchange, as far as was written down here.
	Narrowed func(ctx context.Context, r graphwarden.Registration, needed []string) ([]string, error)
	// Role gives the role of Exchange that stands for a permission; "" for none.
	Role func(permission string) string
	// Every is how often the server looks; 0: never.
	Every time.Duration
	Table *catalog.Catalog // from which permissions follow
	Log   *slog.Logger
	Now   func() time.Time
	Step  func(name string, act func() error) error // wraps each step; nil runs it
}

// Grants is the room.
type Grants struct {
	Config
}

// New makes the room.
func New(c Config) *Grants {
	if c.Step == nil {
		c.Step = func(_ string, act func() error) error { return act() }
	}
	if c.Narrowed == nil {
		c.Narrowed = func(context.Context, graphwarden.Registration, []string) ([]string, error) { return nil, nil }
	}
	return &Grants{c}
}

// Steps names what the room changes, in Entra and in the store, as Config.Step and the
// store's own hear
// it.
func Steps() []string {
	return []string{"grants:begin", "grants:assign", "grants:consent", "grants:revoke", "grants:scopes", "grants:store", "grants:see", "grants:count"}
}
