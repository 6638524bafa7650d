package connect

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/exchange"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/meant"
	"github.com/graphwarden/graphwarden/seal"
)

// SignIns lets people sign in.
type SignIns interface {
	Begin(t graphwarden.Tenant, r graphwarden.Registration, c entra.Credential, scopes []string, redirect string, claims entra.Claims) (*entra.Attempt, string, error)
	Redeem(ctx context.Context, a *entra.Attempt, c entra.Code) (entra.Token, error)
	BeginDevice(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c entra.Credential, scopes []string) (*entra.Device, error)
	Poll(ctx context.Context, d *entra.Device) (entra.Token, error)
}

// DeskConfig is what a desk is made of; every field down to Random is needed.
type DeskConfig struct {
	Custody *Custody
	SignIns SignIns
	Needed  func(graphwarden.Registration) ([]string, error) // the permissions of its flows, of each by itself
	// Together are those that all its flows need, where each serves all of them.
	Together func(graphwarden.Registration) ([]string, error)
	Lend     func(token seal.Secret) *graph.Graph // Graph by a token that is not kept
	// Narrowed says which of the needed permissions a registration has as roles in
	// Exchange, where no consent shows them; nil: none.
	Narrowed func(ctx context.Context, r graphwarden.Registration, needed []string) ([]string, error)
	// LendExchange gives Exchange's administration by a token that is not kept.
	LendExchange func(token seal.Secret) *exchange.Exchange
	Readers      map[string]flow.Flow                                   // of grants, by tenant
	Graph        *graph.Graph                                           // by tokens in custody
	Prove        func(context.Context, Connection) (entra.Token, error) // signs in and keeps nothing
	Files        map[string]string                                      // of credentials, by registration name
	Table        *catalog.Catalog                                       // where Microsoft's ids stand
	Now          func() time.Time
	Random       io.Reader
	Step         func(name string, act func() error) error // wraps each step of a rotation; nil runs it
	// Public is the whole address at which administrators come back here; "": none.
	Public   string
	Consents Consents // goes with Public
	// Registered is the address of the same kind that registrations are to know, also
	// where no server runs.
	Registered string
	// Visits are the sign-ins under way; nil: none yet. A desk that takes the place of
	// another goes on with its.
	Visits *Visits
	// Pin pins the mailboxes of a tenant's flows, found by what an administrator
	// lent; nil: nobody does.
	Pin func(ctx context.Context, tenant string, users Directory, as flow.Flow) (Visit, error)
	// Others says how many other processes live on the database, which may have copies
	// of their own of what stands in files; nil: none.
	Others func(ctx context.Context) (int, error)
	// Part ends the subscriptions of the people of a registration that is about to be
	// revoked; nil leaves them to lapse.
	Part func(ctx context.Context, tenant, registration string) error
}

// Desk is where people connect, look at, rotate and revoke connections. What a
// signed-in administrator lends is kept in memory only, and for minutes.
type Desk struct {
	DeskConfig
}

// NewDesk opens a desk.
func NewDesk(c DeskConfig) *Desk {
	if c.Visits == nil {
		c.Visits = NewVisits()
	}
	return &Desk{DeskConfig: c}
}

// View is a connection as people see it.
type View struct {
	Tenant       string     `json:"tenant"`
	TenantID     string     `json:"tenant_id"`
	Cloud        string     `json:"cloud"`
	Registration string     `json:"registration"`
	ClientID     string     `json:"client_id"`
	Mode         string     `json:"mode"`
	Public       bool       `json:"public"`               // without a credential
	Credential   string     `json:"credential,omitempty"` // secret or certificate
	State        string     `json:"state"`                // connected, revoked, refused, never tried
	Account      string     `json:"account,omitempty"`
	Needed       []Need     `json:"needed"`
	ConnectedAt  *time.Time `json:"connected_at"`
	SignedInAt   *time.Time `json:"signed_in_at"`
	RefusedAt    *time.Time `json:"refused_at"`
	RefusedCode  string     `json:"refused_code,omitempty"`
	Refused      string     `json:"refused,omitempty"`
	WaitingSince *time.Time `json:"waiting_since"`
	WaitingFor   string     `json:"waiting_for,omitempty"`
	ExpiresAt    *time.Time `json:"expires_at"`
	ExpiryBy     string     `json:"expiry_by,omitempty"`
	// Redirect is the public address that the registration should know besides.
	Redirect string `json:"redirect,omitempty"`
	// SignedIn is the public address at which several people come back; "" where
	// the registration is not for them.
	SignedIn string `json:"signed_in,omitempty"`
	Login    string `json:"login"`
	Graph    string `json:"graph"`
}

// Need is a permission that a connection's flows need, with the id that a
// registration asks for it by.
type Need struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	Type string `json:"type"` // Role for an app, Scope for a person
}

// List gives every connection of the configuration.
func (d *Desk) List(ctx context.Context) ([]View, error) {
	var out []View
	for _, c := range d.Custody.Connections {
		v, err := d.view(ctx, c)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// One gives one connection.
func (d *Desk) One(ctx context.Context, tenant, registration string) (View, error) {
	c, err := d.find(tenant, registration)
	if err != nil {
		return View{}, err
	}
	return d.view(ctx, c)
}

func (d *Desk) view(ctx context.Context, c Connection) (View, error) {
	s, err := d.Custody.Standing(ctx, c.Registration)
	if err != nil {
		return View{}, err
	}
	needed, err := d.needs(ctx, c)
	if err != nil {
		return View{}, err
	}
	current := d.Custody.kept[c.Registration.Name].current()
	_, _, opens := d.Custody.stored(ctx, current)
	if opens != nil && !wrongKey(opens) {
		return View{}, opens
	}
	expiry := d.Custody.expiry(current, s)
	v := View{Tenant: c.Tenant.Name, TenantID: c.Tenant.ID, Cloud: c.Tenant.Cloud.Name, Registration: c.short(), ClientID: c.Registration.ClientID,
		Mode: string(c.Registration.Mode), Public: c.Credential.Secret.Empty() && c.Credential.Certificate == nil, State: state(s),
		Account: s.Account.Name, Needed: needed, ConnectedAt: moment(s.ConnectedAt), SignedInAt: moment(s.SignedInAt), RefusedAt: moment(s.RefusedAt),
		RefusedCode: s.RefusedCode, WaitingSince: moment(s.WaitingSince), WaitingFor: s.WaitingFor, ExpiresAt: moment(expiry.At), ExpiryBy: expiry.By,
		Redirect: d.Registered, Login: c.Tenant.Cloud.Login, Graph: c.Tenant.Cloud.Graph}
	if c.People {
		v.SignedIn = strings.TrimSuffix(d.Registered, ConsentPath) + SignedInPath
	}
	if !v.Public {
		v.Credential = expiry.Kind
	}
	if s.RefusedCode != "" {
		v.Refused = (&graphwarden.Refusal{Say: s.RefusedSay, Do: s.RefusedDo}).Error()
	}
	if opens != nil && !s.Revoked() { // nothing is lent, whatever Entra said last
		v.State, v.RefusedCode, v.Refused = "refused", codeWrongKey, opens.Error()
	}
	return v, nil
}

// state is how a connection is, in one word or two.
func state(s graphwarden.Standing) string {
	switch {
	case s.Revoked():
		return "revoked"
	case !s.RefusedAt.IsZero():
		return "refused"
	case s.SignedInAt.IsZero():
		return "never tried"
	}
	return "connected"
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// needs lists what the connection's flows need, with Microsoft's ids; what another of
// them covers is left out, but where roles in Exchange stand for some, each in the
// mailboxes of its own flows.
func (d *Desk) needs(ctx context.Context, c Connection) ([]Need, error) {
	names, err := d.Needed(c.Registration)
	if err != nil {
		return nil, err
	}
	scheme, kind := c.scheme()
	var narrowed []string
	if d.Narrowed != nil {
		if narrowed, err = d.Narrowed(ctx, c.Registration, names); err != nil {
			return nil, err
		}
	}
	if len(narrowed) == 0 {
		if names, err = d.Together(c.Registration); err != nil {
			return nil, err
		}
	}
	out := []Need{}
	for _, name := range names {
		p, _ := d.Table.PermissionOf(catalog.MicrosoftGraph, name)
		info, _ := p.In(scheme)
		out = append(out, Need{Name: name, ID: info.ID, Type: kind})
	}
	return out, nil
}

func (c Connection) scheme() (catalog.Scheme, string) {
	if c.Registration.Mode.Delegated() {
		return catalog.DelegatedWork, "Scope"
	}
	return catalog.Application, "Role"
}

func (d *Desk) find(tenant, registration string) (Connection, error) {
	i := slices.IndexFunc(d.Custody.Connections, func(c Connection) bool { return c.Tenant.Name == tenant && c.short() == registration })
	if i < 0 {
		return Connection{}, d.unknown(tenant, registration)
	}
	return d.Custody.Connections[i], nil
}

// unknown refuses a registration that is not declared, with what was perhaps meant.
func (d *Desk) unknown(tenant, registration string) *graphwarden.Refusal {
	declared := map[string][]string{}
	for _, c := range d.Custody.Connections {
		declared[c.Tenant.Name] = append(declared[c.Tenant.Name], c.short())
	}
	return Unknown(declared, tenant, registration)
}

// Unknown refuses a registration that is not among those declared, by tenant, or
// with registration "" a tenant, with what was perhaps meant.
func Unknown(declared map[string][]string, tenant, registration string) *graphwarden.Refusal {
	field, typed, say := "tenant", tenant, fmt.Sprintf("The configuration has no tenant %s.", tenant)
	if registration != "" {
		typed, say = tenant+" "+registration, fmt.Sprintf("The configuration has no registration %s in a tenant %s.", registration, tenant)
	}
	if len(declared[tenant]) > 0 {
		field = "registration"
	}
	var all []string
	for name, registrations := range declared {
		if registration == "" {
			all = append(all, name)
			continue
		}
		for _, one := range registrations {
			all = append(all, name+" "+one)
		}
	}
	slices.Sort(all)
	do := meant.Rather(typed, all, "Name one of those that graphwarden tenants lists.")
	return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "connect.unknown", Field: field, Say: say, Do: do}
}

// Revoke ends a connection in somebody's name, or with registration "" all of a
// tenant, and gives the number of tokens that were deleted.
func (d *Desk) Revoke(ctx context.Context, tenant, registration, by string) (int, error) {
	all, found := 0, false
	for _, c := range d.Custody.Connections {
		if c.Tenant.Name != tenant || registration != "" && c.short() != registration {
			continue
		}
		found = true
		if c.People && d.Part != nil {
			if err := d.Part(ctx, tenant, c.short()); err != nil {
				return all, err
			}
		}
		n, err := d.Custody.Revoke(ctx, c.Registration, by)
		if err != nil {
			return all, err
		}
		all += n
	}
	if !found {
		_, err := d.find(tenant, registration)
		return 0, err
	}
	return all, nil
}

// Connect lets a connection work, in somebody's name.
func (d *Desk) Connect(ctx context.Context, tenant, registration, by string) error {
	c, err := d.find(tenant, registration)
	if err != nil {
		return err
	}
	return d.Custody.Connect(ctx, c.Registration, by)
}

// Await writes down what is waited for, "" for nothing more, and gives since when.
func (d *Desk) Await(ctx context.Context, tenant, registration, what string) (time.Time, error) {
	c, err := d.find(tenant, registration)
	if err != nil {
		return time.Time{}, err
	}
	return d.Custody.Await(ctx, c.Registration, what)
}
