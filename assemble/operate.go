package assemble

import (
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/outbound"
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
			Mailboxes: f.Mailboxes, Groups: f.Groups, People: f.People, Sink: f.shownSinks(name)})
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
		{Name: "the database takes what is written", Ask: g.Store.Writable},
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
			if s.Previous != "" && exists(c.path(s.Previous)) { // removed once receivers have changed over
				out["the previous signing secret of "+at] = c.path(s.Previous)
			}
		}
	}
	for what, file := range map[string]string{"the database's password": c.DatabasePassword, "the operators' certificate and key": c.OperateCertificate, "the apps' certificate and key": c.AppsCertificate} {
		if file != "" {
			out[what] = c.path(file)
		}
	}
	if c.Notices.Secret != "" {
		out["the signing secret of notices"] = c.path(c.Notices.Secret)
	}
	return out
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return !errors.Is(err, fs.ErrNotExist)
}

// Declares says whether everything that the configuration names can be read.
func (c *Config) Declares() error {
	d, err := c.declare(time.Now(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	trusted := newClients(outbound.Options{Admit: d.admit})
	for _, ca := range slices.Concat(slices.Sorted(maps.Values(d.authorities)), d.sinkCAs) {
		if _, err := trusted.trusting(ca); err != nil {
			return err
		}
	}
	return nil
}
