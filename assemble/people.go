package assemble

import (
	"context"
	crand "crypto/rand"
	"net/url"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// People is how people sign in through a registration so that apps may work in
// their names.
type People struct {
	// ReturnTo are the pages of apps that browsers may be sent back to; they are
	// compared whole.
	ReturnTo []string `yaml:"return_to"`
}

func (p *People) check(found *faults, at string, mode graphwarden.SignIn) {
	if p == nil {
		return
	}
	found.when(mode != graphwarden.ByCode, at, "people sign in by mode: code")
	for _, page := range p.ReturnTo {
		u, err := url.Parse(page)
		local := err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")
		found.when(err != nil || u.Host == "" || u.Fragment != "" || u.User != nil || u.Scheme != "https" && !(local && u.Scheme == "http"),
			at+".return_to", "%q is not a page such as https://app.example/connected; http is for localhost only", page)
	}
}

// turned hears how Entra takes one of several people.
type turned = func(ctx context.Context, tx graphwarden.Tx, r graphwarden.Registration, who graphwarden.Account, no *graphwarden.Refusal) error

// turnedAt has a reception hear it that is opened later than the custody that tells.
func turnedAt(at **connect.Reception) turned {
	return func(ctx context.Context, tx graphwarden.Tx, r graphwarden.Registration, who graphwarden.Account, no *graphwarden.Refusal) error {
		return (*at).Turned(ctx, tx, r, who, no)
	}
}

// part has the keeper, which is made later, end the subscriptions of who leaves.
func (g *Graphwarden) part(ctx context.Context, flow, account string) error {
	return g.keeper.Part(ctx, flow, account)
}

// turned has the app told that somebody's connection was lost or restored, and their
// subscription looked after at once.
func (g *Graphwarden) turned(flow, account string) {
	g.changed()
	g.keeper.Retry(flow, account)
}

// newReception opens the reception at which people sign in for apps.
func newReception(c *Config, d *declared, custody *connect.Custody, source connect.Resumes, s *store.Store, sealer *seal.Sealer, desk *connect.Desk, o Outside) (*connect.Reception, error) {
	config := connect.ReceptionConfig{Custody: custody, SignIns: steppedSignIns{source, o.Step}, Persons: steppedPersons{s}, ReturnTo: map[string][]string{}, Sealer: sealer,
		Now: o.Now, Random: crand.Reader, Log: o.Log, Ask: desk.AskConsent, Table: d.table}
	if c.PublicURL != "" {
		config.Public = strings.TrimSuffix(c.PublicURL, "/") + connect.SignedInPath
	}
	for _, f := range d.flows {
		if !f.People {
			continue
		}
		scopes, err := policy.PermissionsIn(catalog.DelegatedWork, f.Kind, d.table)
		if err != nil {
			return nil, err
		}
		config.Flows = append(config.Flows, connect.PeopleFlow{Name: f.Name, App: f.App, Tenant: f.Tenant, Registration: f.Registration, Scopes: scopes})
	}
	for name, t := range c.Tenants {
		for registration, r := range t.Registrations {
			if r.People != nil {
				config.ReturnTo[registrationName(name, registration)] = r.People.ReturnTo
			}
		}
	}
	return connect.NewReception(config), nil
}
