package restrict

import (
	"context"
	"log/slog"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/exchange"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Administrators give what a signed-in administrator lent, by the id of the sign-in.
type Administrators interface {
	Restrictor(tenant, id string) (*graph.Graph, flow.Flow, error)
	Exchange(tenant, id string) (*exchange.Exchange, flow.Flow, error)
}

// Store keeps how far registrations are restricted.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	PutRestriction(ctx context.Context, tx graphwarden.Tx, r graphwarden.Restriction) error
	DropRestriction(ctx context.Context, tx graphwarden.Tx, registration string) error
	Restrictions(ctx context.Context) ([]graphwarden.Restriction, error)
	Mailbox(ctx context.Context, tenant, upn string) (graphwarden.Mailbox, bool, error)
}

// Ledger appends an entry within a transaction.
type Ledger interface {
	Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error)
}

// Prober tries whether a mailbox can be reached.
type Prober interface {
	Calendars(ctx context.Context, f flow.Flow, m graphwarden.Mailbox) ([]graph.Calendar, error)
}

// Custody signs a registration in anew and says what its token opens.
type Custody interface {
	Prove(ctx context.Context, r graphwarden.Registration) (entra.Rights, error)
}

// Config is what the room is made of; every field is needed but Step.
type Config struct {
	Tenants        []graphwarden.Tenant
	Registrations  []graphwarden.Registration
	Flows          []flow.Flow // of apps, as they are declared
	Administrators Administrators
	Store          Store
	Ledger         Ledger
	Prober         Prober
	Custody        Custody
	Table          *catalog.Catalog // from which permissions follow
	// Admit lets these flows probe, and no others, from now on.
	Admit func([]flow.Flow) error
	Log   *slog.Logger
	Now   func() time.Time
	Step  func(name string, act func() error) error // wraps each step; nil runs it
}

// Restrict is the room.
type Restrict struct {
	Config
	wake chan struct{}
}

// New makes the room.
func New(c Config) *Restrict {
	if c.Step == nil {
		c.Step = func(_ string, act func() error) error { return act() }
	}
	return &Restrict{Config: c, wake: make(chan struct{}, 1)}
}

// Steps names what the room changes, in Exchange, in Entra and in the store, as
// Config.Step hears it.
func Steps() []string {
	return []string{"restrict:principal", "restrict:scope", "restrict:assign", "restrict:unassign", "restrict:unscope",
		"restrict:policy", "restrict:unpolicy", "restrict:revoke", "restrict:begin", "restrict:store", "restrict:look"}
}
