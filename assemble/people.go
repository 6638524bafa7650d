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

func (p *People) check(at string, mode graphwarden.SignIn) error {
	if p == nil {
		return nil
	}
	if mode != graphwarden.ByCode {
		return wrong(at, "people sign in by mode: code")
	}
	for _, page := range p.ReturnTo {
		u, err := url.Parse(page)
		local := err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")
		if err != nil || u.Host == "" || u.Fragment != "" || u.User != nil || u.Scheme != "https" && !(local && u.Scheme == "http") {
			return wrong(at+".return_to", "%q is not a page such as https://app.example/connected; http is for localhost only", page)
		}
	}
	return nil
}

// turned hears how Entra takes one of several people.
type turned = func(ctx context.Context, tx graphwarden.Tx, r graphwarden.Registration, who graphwarden.Account, no *graphwarden.Refusal) error

// turnedAt has a reception hear it that is opened later than the custody that tells.
func turnedAt(at **connect.Reception) turned {
	return func(ctx context.Context, tx graphwarden.Tx, r graphwarden.Registration, who graphwarden.Account, no *graphwarden.Refusal) error {
		return (*at).Turned(ctx, tx, r, who, no)
	}
}

// newReception opens the reception at which people sign in for apps.
func newReception(c *Config, d *declared, custody *connect.Custody, source connect.Resumes, s *store.Store, sealer *seal.Sealer, desk *connect.Desk, o Outside) (*connect.Reception, error) {
	config := connect.ReceptionConfig{Custody: custody, SignIns: source, Persons: s, ReturnTo: map[string][]string{}, Sealer: sealer,
		Now: o.Now, Random: crand.Reader, Log: o.Log, Ask: desk.AskConsent}
	if c.PublicURL != "" {
		config.Public = strings.TrimSuffix(c.PublicURL, "/") + connect.SignedInPath
	}
	for _, f := range d.flows {
		if !f.People {
			continue
		}
		scopes, err := policy.PermissionsIn(catalog.DelegatedWork, f.Kind, catalog.Load())
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
