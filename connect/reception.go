package connect

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/meant"
	"github.com/graphwarden/graphwarden/seal"
)

const (
	// SignedInPath is where people's browsers come back to at the gateway's own
	// address.
	SignedInPath = "/connect/signed-in"
	// takeLife is how long after a sign-in began an app may take who signed in.
	takeLife = 2 * startedLife
	// atOnceLimit is how many sign-ins of one app may be under way.
	atOnceLimit = 1000
	longestText = 1024 // of what an app wants back
)

// Persons keeps who signed in for which app, and sign-ins under way.
type Persons interface {
	Store
	People(ctx context.Context, tenant, registration string) ([]graphwarden.Person, error)
	PeopleIn(ctx context.Context, tx graphwarden.Tx, tenant, registration string) ([]graphwarden.Person, error)
	PersonIn(ctx context.Context, tx graphwarden.Tx, tenant, registration, account string) ([]graphwarden.Person, error)
	PutPerson(ctx context.Context, tx graphwarden.Tx, p graphwarden.Person) error
	DropPerson(ctx context.Context, tx graphwarden.Tx, p graphwarden.Person) (left int, err error)
	TellConnection(ctx context.Context, tx graphwarden.Tx, flow string, one graphwarden.Person, kind graphwarden.ChangeKind, body []byte) error

	BeginSignIn(ctx context.Context, tx graphwarden.Tx, a graphwarden.SignInAttempt, limit int) (under bool, err error)
	SignIn(ctx context.Context, id string) (graphwarden.SignInAttempt, error)
	SignInByState(ctx context.Context, state string) (graphwarden.SignInAttempt, error)
	ClaimSignIn(ctx context.Context, tx graphwarden.Tx, id string) (mine bool, err error)
	EndSignIn(ctx context.Context, tx graphwarden.Tx, a graphwarden.SignInAttempt) error
	TakeSignIn(ctx context.Context, tx graphwarden.Tx, id, code string) (mine bool, err error)
	OldSignIns(ctx context.Context, before time.Time, limit int) ([]graphwarden.SignInAttempt, error)
	DropSignIn(ctx context.Context, tx graphwarden.Tx, id string) error
}

// Resumes takes up a sign-in that another process may have begun.
type Resumes interface {
	Begin(t graphwarden.Tenant, r graphwarden.Registration, c entra.Credential, scopes []string, redirect string, claims entra.Claims) (*entra.Attempt, string, error)
	Resume(t graphwarden.Tenant, r graphwarden.Registration, c entra.Credential, kept seal.Secret) (*entra.Attempt, error)
	Redeem(ctx context.Context, a *entra.Attempt, c entra.Code) (entra.Token, error)
}

// PeopleFlow is a flow that works in people's own mailboxes.
type PeopleFlow struct {
	Name, App, Tenant, Registration string
	Scopes                          []string // delegated permissions that it needs
}

// ReceptionConfig is what a reception is made of; every field is needed up to
// Ask.
type ReceptionConfig struct {
	Custody  *Custody
	SignIns  Resumes
	Persons  Persons
	Flows    []PeopleFlow
	ReturnTo map[string][]string // pages of apps, by registration name; compared whole
	Sealer   *seal.Sealer
	Now      func() time.Time
	Random   io.Reader
	Log      *slog.Logger
	Table    *catalog.Catalog // says what includes what
	// Public is the whole address at which people come back here; "": none, and
	// nobody can sign in.
	Public string
	// Ask gives the link at which an administrator consents.
	Ask func(ctx context.Context, tenant, registration string) (Asked, error)
	// Part ends the subscriptions of a flow on the mailbox of somebody who is about
	// to leave, while there is a token for it; nil leaves them to lapse.
	Part func(ctx context.Context, flow, account string) error
	// Told is called when the connection of somebody in a flow was lost or restored,
	// of which the app is to be told; it does not block. nil: their sinks look by
	// themselves.
	Told func(flow, account string)
	// Moved is called when somebody has joined or left, before that is answered: what
	// is known of the flows here has to follow. nil: it follows by itself.
	Moved func(ctx context.Context) error
	// AtOnce is how many sign-ins of one app may be under way; 0 is 1,000.
	AtOnce int
}

// Reception is where people sign in so that an app may work in their names, and
// where that is looked at and ended. It may be used by any number of goroutines,
// and any process takes up what another has begun.
type Reception struct{ ReceptionConfig }

// NewReception opens a reception.
func NewReception(c ReceptionConfig) *Reception { return &Reception{c} }

// Invitation is what an app wants of a person.
type Invitation struct {
	Tenant       string   `json:"tenant" doc:"the tenant, by its name in the configuration"`
	Registration string   `json:"registration" doc:"its name within the tenant"`
	Flows        []string `json:"flows" doc:"that the person is asked for; none means all of the app's"`
	ReturnTo     string   `json:"return_to" doc:"the app's page that the browser goes back to"`
	State        string   `json:"state" doc:"comes back there as it is"`
	Hint         string   `json:"hint" doc:"the name to offer at the sign-in page"`
	Account      string   `json:"account" doc:"the object id of who must sign in, if that is known"`
	DryRun       bool     `json:"dry_run,omitempty"` // only refuse what would be refused
}

// Invited tells where the person signs in.
type Invited struct {
	ID    string    `json:"id"`
	Link  string    `json:"link"`
	Until time.Time `json:"until"`
}

// Invite begins a sign-in for an app, in somebody's name: authorization code with
// PKCE, a state and a nonce, all of which is sealed in the store.
func (p *Reception) Invite(ctx context.Context, app, by string, w Invitation) (Invited, error) {
	k, flows, err := p.check(app, w)
	if err != nil || w.DryRun {
		return Invited{}, err
	}
	of := k.current()
	scopes := []string{}
	for _, f := range flows {
		scopes = append(scopes, f.Scopes...)
	}
	if w.Account != "" {
		if scopes, err = p.more(ctx, of, w.Account, scopes); err != nil {
			return Invited{}, err
		}
	}
	slices.Sort(scopes)
	attempt, link, err := p.SignIns.Begin(of.Tenant, of.Registration, of.Credential, slices.Compact(scopes), p.Public, entra.Claims{})
	if err != nil {
		return Invited{}, err
	}
	if w.Hint != "" {
		link += "&login_hint=" + url.QueryEscape(w.Hint)
	}
	id, err := p.draw("si_")
	if err != nil {
		return Invited{}, err
	}
	a := graphwarden.SignInAttempt{ID: id, Tenant: of.Tenant.Name, Registration: of.Registration.Name, App: app, Account: strings.ToLower(w.Account),
		ReturnTo: w.ReturnTo, AppState: w.State, By: by, BegunAt: p.Now(), Until: p.Now().Add(startedLife)}
	for _, f := range flows {
		a.Flows = append(a.Flows, f.Name)
	}
	if a.State, a.Sealed, err = p.sealed(a, attempt); err != nil {
		return Invited{}, err
	}
	limit := p.AtOnce
	if limit == 0 {
		limit = atOnceLimit
	}
	err = p.Persons.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		under, err := p.Persons.BeginSignIn(ctx, tx, a, limit)
		if err == nil && !under {
			err = &graphwarden.Later{After: time.Minute, Cause: fmt.Errorf("%d sign-ins of the app %s are under way", limit, app)}
		}
		if err != nil {
			return err
		}
		return p.Custody.note(ctx, tx, of, "person.invite", by)
	})
	return Invited{ID: id, Link: link, Until: a.Until}, err
}

// more adds what a person consented to before, so that one token opens both.
func (p *Reception) more(ctx context.Context, of Connection, account string, scopes []string) ([]string, error) {
	list, err := p.Persons.People(ctx, of.Tenant.Name, of.Registration.Name)
	for _, one := range list {
		if one.Account.ID == strings.ToLower(account) {
			scopes = append(scopes, one.Scopes...)
		}
	}
	return scopes, err
}

// check refuses an invitation that cannot work or may not be.
// called is what flows of an app, through a registration or "" for any, are called.
func (p *Reception) called(app, registration string, by func(PeopleFlow) string) (names []string) {
	for _, f := range p.Flows {
		if f.App == app && (registration == "" || f.Registration == registration) {
			names = append(names, by(f))
		}
	}
	return names
}

func (p *Reception) check(app string, w Invitation) (*kept, []PeopleFlow, error) {
	refuse := func(code, field, say, do string) (*kept, []PeopleFlow, error) {
		return nil, nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: code, Field: field, Say: say, Do: do}
	}
	k := p.registration(w.Tenant, w.Registration)
	var flows []PeopleFlow
	for _, f := range p.Flows {
		if k != nil && f.App == app && f.Registration == k.connection.Registration.Name && (len(w.Flows) == 0 || slices.Contains(w.Flows, f.Name)) {
			flows = append(flows, f)
		}
	}
	switch {
	case k == nil || len(flows) == 0 && len(w.Flows) == 0:
		return refuse("connect.no_such_flow", "registration", fmt.Sprintf("The app %s has no flow for people through the registration %q of a tenant %s.", app, w.Registration, w.Tenant),
			meant.Rather(w.Tenant+"/"+w.Registration, p.called(app, "", func(f PeopleFlow) string { return f.Registration }), "Name a registration through which a flow of the app works with people: true."))
	case len(w.Flows) > len(flows):
		at := slices.IndexFunc(w.Flows, func(name string) bool {
			return !slices.ContainsFunc(flows, func(f PeopleFlow) bool { return f.Name == name })
		})
		at = max(at, 0) // one stands there twice
		return refuse("connect.no_such_flow", fmt.Sprintf("flows[%d]", at), fmt.Sprintf("The app %s has no flow %q for people through the registration %s.", app, w.Flows[at], w.Registration),
			meant.Rather(w.Flows[at], p.called(app, k.connection.Registration.Name, func(f PeopleFlow) string { return f.Name }), "Name flows of the app with people: true, each once, or none for all of them."))
	case p.Public == "":
		return refuse("connect.no_public", "", "People cannot come back to this gateway: it has no public address.", "Set public_url in the configuration.")
	case w.ReturnTo != "" && !slices.Contains(p.ReturnTo[k.connection.Registration.Name], w.ReturnTo):
		return refuse("connect.return_to", "return_to", fmt.Sprintf("The browser may not be sent to %q.", w.ReturnTo), "List exactly this page under people.return_to of the registration.")
	case len(w.State) > longestText:
		return refuse("connect.too_long", "state", fmt.Sprintf("The state is longer than %d bytes.", longestText), "Send a short one, such as a random number.")
	case len(w.Hint) > longestText:
		return refuse("connect.too_long", "hint", fmt.Sprintf("The hint is longer than %d bytes.", longestText), "Send the name that the person signs in with.")
	case w.Account != "" && !isObjectID(w.Account):
		return refuse("connect.account", "account", fmt.Sprintf("%q is not the object id of a person.", w.Account), "Send the id that the person was taken with, or none.")
	}
	return k, flows, nil
}

// registration finds the custody of a registration for people, nil when there is
// none.
func (p *Reception) registration(tenant, name string) *kept {
	for _, c := range p.Custody.Connections {
		if c.People && c.Tenant.Name == tenant && c.short() == name {
			return p.Custody.kept[c.Registration.Name]
		}
	}
	return nil
}

// isObjectID says whether a text is a GUID.
func isObjectID(s string) bool {
	return len(s) == 36 && strings.Count(s, "-") == 4 && strings.Trim(strings.ToLower(s), "0123456789abcdef-") == ""
}

// draw makes a random name.
func (p *Reception) draw(prefix string) (string, error) {
	var random [24]byte
	if _, err := io.ReadFull(p.Random, random[:]); err != nil {
		return "", fmt.Errorf("drawing a name: %w", err)
	}
	return prefix + base64.RawURLEncoding.EncodeToString(random[:]), nil
}

// sealed gives the fingerprint of an attempt's state, and the attempt sealed.
func (p *Reception) sealed(a graphwarden.SignInAttempt, attempt *entra.Attempt) (state string, sealed []byte, err error) {
	kept, err := attempt.Keep()
	if err != nil {
		return "", nil, err
	}
	if sealed, err = p.Sealer.Seal(kept, sealedAbout(a)); err != nil {
		return "", nil, err
	}
	attempt.State().Reveal(func(plain []byte) {
		sum := sha256.Sum256(plain)
		state = hex.EncodeToString(sum[:])
	})
	return state, sealed, nil
}

// sealedAbout binds what is sealed to the one sign-in.
func sealedAbout(a graphwarden.SignInAttempt) seal.About {
	return seal.About{Tenant: a.Tenant, Registration: "sign-in/" + a.ID, Account: a.Account, Version: 1}
}
