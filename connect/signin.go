package connect

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/seal"
)

// startedLife is how long a sign-in, and what an administrator lent, is kept.
const startedLife = 15 * time.Minute

// Wanted is a sign-in that somebody wants to begin.
type Wanted struct {
	Administrator bool   `json:"administrator"` // to act once as the tenant's administrator
	ReadOnly      bool   `json:"read_only"`     // … who lets grants and ids be read, and nothing be changed
	For           string `json:"for"`           // … or for one thing: ForRestriction, ForExchange, ForGrants, ForApps
	Device        bool   `json:"device"`        // by device code rather than in this browser
	Redirect      string `json:"redirect"`      // where the answer comes to, by code
	// ClientID is the app that an administrator signs in to; "" is Microsoft's own.
	ClientID string `json:"client_id"`
}

// What an administrator may sign in for besides.
const (
	ForRestriction = "restriction" // to take consents away that are for every mailbox
	ForExchange    = "exchange"    // to say in Exchange which mailboxes an app may touch
	ForGrants      = "grants"      // to set what an app is granted
	ForApps        = "apps"        // to have all apps of the tenant read
)

// Begun tells a person what to do.
type Begun struct {
	ID       string    `json:"id"`
	Link     string    `json:"link,omitempty"`      // to open, by code
	UserCode string    `json:"user_code,omitempty"` // to enter at Address, by device
	Address  string    `json:"address,omitempty"`
	Every    int       `json:"every_seconds,omitempty"` // how often to ask
	Until    time.Time `json:"until"`
}

// Finished tells how a sign-in is.
type Finished struct {
	Pending bool   `json:"pending"`
	Every   int    `json:"every_seconds,omitempty"`
	Account string `json:"account,omitempty"`
}

// started is a sign-in under way, or what an administrator lent.
type started struct {
	connection Connection
	wanted     Wanted
	attempt    *entra.Attempt
	device     *entra.Device
	lent       seal.Secret     // the token that an administrator lent
	may        flow.Flow       // of an administrator
	made       map[string]bool // files beside which an administrator made a secret
	until      time.Time
}

// Visits are the sign-ins under way and what administrators lent. They outlive the
// desk that began them: another configuration that comes into force in between sends
// nobody away whose registration it has too.
type Visits struct {
	mu      sync.Mutex
	started map[string]*started
}

// NewVisits is nobody.
func NewVisits() *Visits { return &Visits{started: map[string]*started{}} }

// Begin begins a sign-in: of the person that a connection acts for, or of an
// administrator who helps once.
func (d *Desk) Begin(ctx context.Context, tenant, registration string, w Wanted) (Begun, error) {
	c, err := d.find(tenant, registration)
	if err != nil {
		return Begun{}, err
	}
	var id [16]byte
	if _, err := io.ReadFull(d.Random, id[:]); err != nil {
		return Begun{}, fmt.Errorf("naming a sign-in: %w", err)
	}
	s := &started{connection: c, wanted: w, until: d.Now().Add(startedLife)}
	as, credential, scopes := c.Registration, d.Custody.kept[c.Registration.Name].current().Credential, c.Scopes
	if w.Administrator {
		if s.may, err = may(c.Tenant.Name, w); err != nil {
			return Begun{}, err
		}
		if as, scopes, err = d.administration(c, w.ClientID, s.may.Kind); err != nil {
			return Begun{}, err
		}
		credential = entra.Credential{} // a public app has none
	} else if c.People {
		return Begun{}, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "connect.for_several",
			Say: fmt.Sprintf("People sign in to the registration %s each for themselves, for an app.", c.Registration.Name),
			Do:  "The app sends them there; or make a link: graphwarden connect people link " + command(c) + " --app APP"}
	} else if !c.Registration.Mode.Delegated() {
		return Begun{}, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "connect.not_for_people",
			Say: fmt.Sprintf("The registration %s signs in by itself; nobody signs in to it.", c.Registration.Name),
			Do:  "Grant it application permissions, or write mode: code or mode: device in the configuration."}
	}
	begun := Begun{ID: hex.EncodeToString(id[:]), Until: s.until}
	if w.Device {
		if s.device, err = d.SignIns.BeginDevice(ctx, c.Tenant, as, credential, scopes); err != nil {
			return Begun{}, missingTools(c, w, err)
		}
		begun.UserCode, begun.Address, begun.Every, begun.Until = s.device.UserCode, s.device.Address, seconds(s.device.Every()), s.device.Until
	} else if s.attempt, begun.Link, err = d.SignIns.Begin(c.Tenant, as, credential, scopes, w.Redirect, entra.Claims{}); err != nil {
		return Begun{}, err
	}
	d.remember(begun.ID, s)
	return begun, nil
}

// graphTools is the client id of Microsoft Graph Command Line Tools: Microsoft's
// own public app, which Connect-MgGraph signs in to and every tenant has.
const graphTools = "14d82eec-204b-4c2f-b7e8-296a70dab67e"

// administration is how an administrator signs in, and to what: the least that
// the operations of a kind take. It is never the registration itself: the consent
// would stay with it.
func (d *Desk) administration(c Connection, client string, kind flow.Kind) (graphwarden.Registration, []string, error) {
	toExchange := kind.Name() == flow.ExchangeAdministration().Name()
	own := client == ""
	if client = cmp.Or(client, graphTools); own && toExchange {
		client = exchangeTools
	}
	if strings.EqualFold(client, c.Registration.ClientID) {
		return graphwarden.Registration{}, nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "connect.own_app", Field: "client_id",
			Say: fmt.Sprintf("The registration %s would get an administrator's permissions for good.", c.Registration.Name),
			Do:  "Have the administrator sign in to another public app, or leave it out for Microsoft's own."}
	}
	r := graphwarden.Registration{Name: c.Tenant.Name + "/administrator", Tenant: c.Tenant.Name, ClientID: client, Mode: graphwarden.ByCode}
	if toExchange {
		return r, []string{exchangeScope(c.Tenant.Cloud, own)}, nil
	}
	scopes, err := policy.PermissionsIn(catalog.DelegatedWork, kind, d.Table)
	return r, scopes, err
}

// Finish takes the answer that came to the redirect address (its method and whole
// URL), or by device asks whether the person has signed in.
func (d *Desk) Finish(ctx context.Context, id, method, called string) (Finished, error) {
	s, err := d.recall(id)
	if err != nil {
		return Finished{}, err
	}
	token, err := d.redeem(ctx, s, method, called)
	if errors.Is(err, entra.ErrPending) {
		return Finished{Pending: true, Every: seconds(s.device.Every())}, nil
	}
	if err != nil {
		return Finished{}, missingTools(s.connection, s.wanted, err)
	}
	if s.wanted.Administrator {
		s.lent = token.Access
		d.remember(id, s)
		return Finished{Account: token.Account.Name}, nil
	}
	d.Forget(id)
	return Finished{Account: token.Account.Name}, d.Custody.Accept(ctx, s.connection.Registration, token)
}

func (d *Desk) redeem(ctx context.Context, s *started, method, called string) (entra.Token, error) {
	if s.device != nil {
		return d.SignIns.Poll(ctx, s.device)
	}
	code, err := s.attempt.Answer(method, called, d.Now())
	if err != nil {
		return entra.Token{}, err
	}
	return d.SignIns.Redeem(ctx, s.attempt, code)
}

// Forget throws a sign-in away, with what an administrator lent.
func (d *Desk) Forget(id string) {
	d.Visits.mu.Lock()
	defer d.Visits.mu.Unlock()
	delete(d.Visits.started, id)
}

// remember keeps a sign-in, and throws away those that are over.
func (d *Desk) remember(id string, s *started) {
	d.Visits.mu.Lock()
	defer d.Visits.mu.Unlock()
	for other, o := range d.Visits.started {
		if d.Now().After(o.until) {
			delete(d.Visits.started, other)
		}
	}
	d.Visits.started[id] = s
}

func (d *Desk) recall(id string) (*started, error) {
	d.Visits.mu.Lock()
	defer d.Visits.mu.Unlock()
	if s := d.Visits.started[id]; s != nil && !d.Now().After(s.until) {
		now, err := d.find(s.connection.Tenant.Name, s.connection.short())
		was := s.connection
		if err == nil && now.Registration.ClientID == was.Registration.ClientID && now.Registration.Mode == was.Registration.Mode && now.Tenant.ID == was.Tenant.ID && now.Tenant.Cloud == was.Tenant.Cloud {
			found := *s
			found.connection = now // of the configuration in force
			return &found, nil
		}
	}
	return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "connect.sign_in_unknown", Field: "id",
		Say: "This sign-in is over or was never begun.", Do: "Begin it anew."}
}

// administrator gives Graph by what an administrator of the tenant lent, to
// change app registrations.
func (d *Desk) administrator(tenant, id string) (*graph.Graph, flow.Flow, error) {
	return d.lent(tenant, id, func(w Wanted) bool { return !w.ReadOnly })
}

func (d *Desk) lent(tenant, id string, fits func(Wanted) bool) (*graph.Graph, flow.Flow, error) {
	s, err := d.recall(id)
	if err != nil || s.lent.Empty() || s.wanted.For == ForExchange || s.connection.Tenant.Name != tenant || !fits(s.wanted) {
		return nil, flow.Flow{}, &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "connect.no_administrator", Field: "administrator",
			Say: fmt.Sprintf("No administrator of the tenant %s has signed in for this.", tenant), Do: "Sign in as one when the command asks for it."}
	}
	return d.Lend(s.lent), s.may, nil
}

func seconds(d time.Duration) int { return int(d / time.Second) }
