package assemble

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/seal"
)

// off, in place of an address, says that there is no such face.
const off = "off"

// Operate is where operators reach a running server, with their token: what a
// client on the same machine needs to know. Address is "" when there is none.
type Operate struct {
	Address string // as configured
	TLS     bool
	// Certificate is the PEM file that the server shows.
	Certificate string
	Token       string // the file of the operator's token
}

// Operate says where operators reach the server of this configuration.
func (c *Config) Operate() Operate {
	o := Operate{Address: c.OperateAt, TLS: c.OperateCertificate != "", Certificate: c.path(c.OperateCertificate), Token: c.path(c.OperatorToken)}
	if o.Token == "" {
		o.Token = c.besideDatabase("operator.token")
	}
	if o.Address == off {
		o.Address = ""
	}
	return o
}

// operators opens the face that operators talk to, unless there is to be none.
func (g *Graphwarden) operators(ctx context.Context, o Outside) (err error) {
	at := g.config.Operate()
	if g.operate = o.Operate; g.operate == nil {
		if at.Address == "" || o.Listener != nil {
			return nil
		}
		if g.operate, err = api.Listen(ctx, at.Address, g.config.path(g.config.OperateCertificate)); err != nil {
			return err
		}
	}
	token, err := seal.MakeTokenFile(at.Token, rand.Reader)
	if err != nil {
		return err
	}
	since := o.Now()
	g.api = api.New(api.Config{Token: token, Log: o.Log, Now: o.Now, Random: rand.Reader, Declared: g.config.declaredForOperators(), Feeds: g.Store, Notices: g.Store, Conditions: g.conditions(), Metrics: g.measure(o.Now, since),
		Deliveries: g.Store, Sinks: deliver.Desk{Deliver: g.deliver, Shelf: steppedShelf{g.Store}, Ledger: g.Ledger},
		Connections: g.desk, SignIns: g.desk, RotateKey: keyRotation(g.Store, g.Ledger, g.sealer),
		Status: func(context.Context) (api.Status, error) {
			return api.Status{Version: o.Version, Process: holder(), Since: since.UTC().Truncate(time.Second),
				Database: g.config.DatabaseName(), Public: g.config.PublicURL}, nil
		}})
	return nil
}

// declaredForOperators is the configuration as operators see it.
func (c *Config) declaredForOperators() api.Declared {
	var d api.Declared
	for _, name := range slices.Sorted(maps.Keys(c.Tenants)) {
		t := c.Tenants[name]
		cloud := t.Cloud.cloud()
		seen := api.Tenant{Name: name, ID: t.ID, Cloud: cloud.Name, Login: cloud.Login, Graph: cloud.Graph}
		for _, r := range slices.Sorted(maps.Keys(t.Registrations)) {
			mode := t.Registrations[r].mode()
			seen.Registrations = append(seen.Registrations, api.Registration{Name: r, ClientID: t.Registrations[r].ClientID, SignIn: string(mode)})
		}
		d.Tenants = append(d.Tenants, seen)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		f := c.Flows[name]
		d.Flows = append(d.Flows, api.Flow{Name: name, App: f.App, Kind: f.Kind, Tenant: f.Tenant, Registration: f.Registration,
			Mailboxes: f.Mailboxes, Sink: f.shownSinks(name)})
	}
	return d
}

// OperateAddress is where operators are answered, host:port; "" when nowhere.
func (g *Graphwarden) OperateAddress() string {
	if g.operate == nil {
		return ""
	}
	return g.operate.Addr().String()
}

// shownSinks names where a flow's changes go.
func (f *Flow) shownSinks(flow string) string {
	sinks := f.sinks(flow)
	var all []string
	for _, name := range slices.Sorted(maps.Keys(sinks)) {
		if s := sinks[name]; s.kind() == graphwarden.Webhook {
			all = append(all, s.URL)
		} else {
			all = append(all, string(s.kind()))
		}
	}
	return strings.Join(all, ", ")
}

// conditions are what the gateway needs to work.
func (g *Graphwarden) conditions() []api.Condition {
	return []api.Condition{
		{Name: "the database answers", Ask: g.Store.Ping},
		{Name: "the database takes what is written", Ask: func(ctx context.Context) error {
			return g.Store.Update(ctx, func(context.Context, graphwarden.Tx) error { return nil })
		}},
	}
}

// KeyFile is the file with the key that seals tokens.
func (c *Config) KeyFile() string { return c.path(c.Key) }

// DatabaseFolder is the folder of the database's file; false when a server has it.
func (c *Config) DatabaseFolder() (string, bool) { return c.databaseFolder() }

// SecretFiles are the files with secrets, by what they are for.
func (c *Config) SecretFiles() map[string]string {
	out := map[string]string{}
	for tenant, t := range c.Tenants {
		for name, r := range t.Registrations {
			if file := c.credentialFile(r); file != "" {
				out["the credential of "+registrationName(tenant, name)] = file
			}
		}
	}
	for name, f := range c.Flows {
		for at, s := range f.sinks(name) {
			if s.Secret != "" {
				out["the signing secret of "+at] = c.path(s.Secret)
			}
			if s.Previous != "" {
				out["the previous signing secret of "+at] = c.path(s.Previous)
			}
		}
	}
	for what, file := range map[string]string{"the database's password": c.DatabasePassword, "the operators' certificate and key": c.OperateCertificate} {
		if file != "" {
			out[what] = c.path(file)
		}
	}
	if c.Notices.Secret != "" {
		out["the signing secret of notices"] = c.path(c.Notices.Secret)
	}
	return out
}

// Declares says whether everything that the configuration names can be read.
func (c *Config) Declares() error {
	_, err := c.declare(time.Now(), slog.New(slog.DiscardHandler))
	return err
}
