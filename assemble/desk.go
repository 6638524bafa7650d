package assemble

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/appkey"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/exchange"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
	"github.com/graphwarden/graphwarden/watch"
)

// forPeople are the house's flows that people need to connect a tenant.
func forPeople(t graphwarden.Tenant) []flow.Flow {
	administrator := graphwarden.Registration{Name: t.Name + "/administrator", Tenant: t.Name}
	return []flow.Flow{flow.ForSignIn(administrator), flow.ForAdministrator(t.Name), flow.ForVisit(t.Name),
		flow.ForRestriction(t.Name), flow.ForExchange(t.Name), flow.ForGranting(t.Name), flow.ForCensus(t.Name)}
}

// newDesk opens the desk at which people connect tenants.
func newDesk(c *Config, d *declared, custody *connect.Custody, source *entra.Entra, bare *gate.Gate, roster func() *connect.Roster, o Outside) *connect.Desk {
	config := connect.DeskConfig{Custody: custody, SignIns: source, Needed: func(r graphwarden.Registration) ([]string, error) { return c.permissions(d, r) },
		Together: func(r graphwarden.Registration) ([]string, error) { return c.least(d, r) }, Graph: graph.New(bare.With(custody)),
		Lend: func(token seal.Secret) *graph.Graph { return graph.New(bare.With(connect.Once(token))) },
		LendExchange: func(token seal.Secret) *exchange.Exchange {
			return exchange.New(bare.With(connect.Once(token)), c.tenantIDs())
		},
		Readers: map[string]flow.Flow{}, Files: map[string]string{}, Now: o.Now, Random: crand.Reader, Step: o.Step,
		Registered: c.consentAddress(), Table: d.table,
		Pin: func(ctx context.Context, tenant string, users connect.Directory, as flow.Flow) (connect.Visit, error) {
			return roster().PinBy(ctx, tenant, users, as)
		}}
	for _, f := range d.house {
		if f.Kind.Name() == flow.Grants().Name() {
			config.Readers[f.Tenant] = f
		}
	}
	for tenant, t := range c.Tenants {
		for name, r := range t.Registrations {
			config.Files[registrationName(tenant, name)] = c.credentialFile(r)
		}
	}
	return connect.NewDesk(config)
}

// tenantIDs are the ids of the tenants, by name.
func (c *Config) tenantIDs() map[string]string {
	out := map[string]string{}
	for name, t := range c.Tenants {
		out[name] = t.ID
	}
	return out
}

// consentAddress is where administrators come back to at the public address; ""
// when there is none.
func (c *Config) consentAddress() string { return c.publicly(connect.ConsentPath) }

// publicly is a path at the public address; "" when there is none.
func (c *Config) publicly(path string) string {
	if c.PublicURL == "" {
		return ""
	}
	return strings.TrimSuffix(c.PublicURL, "/") + path
}

// Connections is what people need of a Graphwarden to connect tenants while no
// server runs: the store, and the operators' API with the connections only.
type Connections struct {
	API   *api.API
	Token seal.Secret // that the API wants
	Store *store.Store

	folder string // thrown away at the end; "" for none
}

// OpenConnections opens the store of a configuration for connecting. A server
// that runs on it already is a Refusal of the code storage.owned.
func OpenConnections(ctx context.Context, c *Config, o Outside) (*Connections, error) {
	o = o.withDefaults()
	d, err := c.declare(o.Now(), o.Log)
	if err != nil {
		return nil, err
	}
	err = newClients(outbound.Options{Admit: d.admit, Now: o.Now, Dial: o.Dial}).give(d, o.Step, &watch.Skew{Now: o.Now})
	if err != nil {
		return nil, err
	}
	options, err := c.StoreOptions(o)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	out := &Connections{Store: s}
	if err := out.introduce(ctx, c, d, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return out, nil
}

func (out *Connections) introduce(ctx context.Context, c *Config, d *declared, o Outside) error {
	sealed, err := out.Store.SealedRows(ctx)
	if err != nil {
		return err
	}
	sealer, err := seal.OpenKeyFile(c.path(c.Key), sealed)
	if err != nil {
		return err
	}
	inForce := policy.Under(c.rules)
	by := deciders{inForce, policy.Under(c.rules)}
	l := ledger.New(out.Store)
	bare := gate.New(gate.Config{Decider: by, Routes: d.routes, Ledger: l, Store: out.Store, Now: o.Now, Random: crand.Reader})
	source := entra.New(bare, o.Now, crand.Reader)
	var reception *connect.Reception
	custody := newCustody(d, source, out.Store, l, sealer, o.Now, holder(), turnedAt(&reception))
	roster, err := connect.NewRoster(connect.RosterConfig{Declared: d.flows, House: d.house, Pinned: out.Store, Users: graph.New(bare.With(custody)), InForce: inForce, Log: o.Log})
	if err != nil {
		return err
	}
	desk := newDesk(c, d, custody, source, bare, func() *connect.Roster { return roster }, o)
	desk.Narrowed, desk.Others = narrowed(out.Store, d.table), others(out.Store, "")
	if reception, err = newReception(c, d, custody, source, out.Store, sealer, desk, o); err != nil {
		return err
	}
	out.Token = seal.FromString(crand.Text())
	out.API = api.New(api.Config{Token: out.Token, Staff: newStaff(c, out.Store, l, o.Now), Cursors: out.Token, Log: o.Log, Now: o.Now, Random: crand.Reader, Declared: c.declaredForOperators(), Feeds: out.Store,
		Record: recorder(out.Store, l), Connections: desk, SignIns: desk, People: reception, RotateKey: keyRotation(out.Store, l, sealer, ""),
		Restrictions: newRestrict(c, d, desk, custody, bare, by, out.Store, l, o), Grants: newGrants(c, d, desk, out.Store, l, o),
		AppKeys: appkey.New(appkey.Config{Store: out.Store, Ledger: l, Now: o.Now, Random: crand.Reader, Apps: c.apps()})})
	return nil
}

// Close gives the store back.
func (out *Connections) Close() error {
	err := out.Store.Close()
	if out.folder != "" {
		err = errors.Join(err, os.RemoveAll(out.folder))
	}
	return err
}

// others counts the processes besides self.
func others(s *store.Store, self string) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) { return s.Others(ctx, self) }
}

// keyRotation seals what lies in the store anew.
func keyRotation(s *store.Store, l *ledger.Ledger, sealer *seal.Sealer, self string) func(context.Context) (connect.KeyRotation, error) {
	return func(ctx context.Context) (connect.KeyRotation, error) {
		besides, err := s.Others(ctx, self)
		if err != nil {
			return connect.KeyRotation{}, err
		}
		out, err := connect.RotateKey(ctx, s, sealer, besides)
		if err != nil {
			return out, err
		}
		return out, s.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := l.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House, Path: "key.rotate", Allowed: true,
				Rule: "operator", Note: fmt.Sprintf("%d tokens sealed anew, stage %s", out.Resealed, out.Stage)})
			return err
		})
	}
}
