// Package simulated puts a simulated tenant before the gateway's rooms, for tests
// that want to hear what Microsoft 365 says rather than what a script does. The
// rooms are wired as assemble wires them, down to the connection.
package simulated

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/exchange"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/grants"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/answers"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/restrict"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/sim"
	"github.com/graphwarden/graphwarden/store"
)

// host is where the tenant is, as far as the gateway knows.
const host = "tenant.example"

// Tenant is a simulated tenant.
type Tenant struct {
	*sim.Sim
	Ready sim.Ready
	Cloud graphwarden.Cloud
}

// New puts up a tenant of some people, until the test ends.
func New(t *testing.T) *Tenant {
	t.Helper()
	o := sim.Options{Seed: 1, Users: 4, HTTPNotifications: true, Hosts: []string{host}, Record: answers.File(t)}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the simulator ended with %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	origin := "https://" + host
	ready, err := s.Ready(origin)
	if err != nil {
		t.Fatal(err)
	}
	return &Tenant{Sim: s, Ready: ready, Cloud: graphwarden.Cloud{Name: "sim", Login: origin, Graph: origin, Exchange: origin}}
}

// App finds an app of the tenant by name.
func (n *Tenant) App(t *testing.T, name string) sim.ReadyApp {
	t.Helper()
	i := slices.IndexFunc(n.Ready.Apps, func(a sim.ReadyApp) bool { return a.Name == name })
	if i < 0 {
		t.Fatalf("the tenant has no app %s", name)
	}
	return n.Ready.Apps[i]
}

// Ask sends the tenant a request with its token for everything, and gives the
// answer's JSON.
func (n *Tenant) Ask(t *testing.T, method, path string, body any) map[string]any {
	t.Helper()
	return n.AskAs(t, n.Ready.Tokens.Everything, method, path, body)
}

// AskAs is Ask with another token.
func (n *Tenant) AskAs(t *testing.T, token, method, path string, body any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, "https://"+host+path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	n.Handler().ServeHTTP(w, r)
	var out map[string]any
	if w.Code >= 300 || w.Body.Len() > 0 && json.Unmarshal(w.Body.Bytes(), &out) != nil {
		t.Fatalf("%s %s answered %d %s", method, path, w.Code, w.Body)
	}
	return out
}

// Door is how a gateway knocks: with what it may be told wrong.
type Door struct {
	TenantID    string
	ClientID    string
	Credential  entra.Credential
	Expires     time.Time // of the credential, as a configuration says it
	Mode        graphwarden.SignIn
	File        string                                    // that the credential stands in
	Step        func(name string, act func() error) error // of a rotation
	Others      func(context.Context) (int, error)        // that live on the database
	Commit      func(name string, act func() error) error // of what is stored, as store.Options.Step
	Scopes      []string                                  // of a person's sign-in
	Now         func() time.Time
	Distrusting bool // does not know the tenant's authority
	Mailboxes   graphwarden.MailboxScope
	Kind        flow.Kind // of the flow; the zero Kind is that which reads calendars
	Conflicts   flow.Conflicts
	// ShowsPrivate has the flow's app shown private events whole.
	ShowsPrivate bool
	Every        time.Duration // how often grants are looked at
	Folder       string        // where the gateway's files are, or are made; "" is a new one
	FileSystem   string        // of the database, as store.Options.FileSystem
}

// Door gives the right way for an app that signs in by its secret.
func (n *Tenant) Door(t *testing.T, app string) Door {
	t.Helper()
	a := n.App(t, app)
	return Door{
		TenantID: n.Ready.Tenant.ID, ClientID: a.ClientID,
		Credential: entra.Credential{Secret: seal.FromString(a.ClientSecret)}, Now: time.Now,
	}
}

// Rooms are the gateway's rooms that speak with Microsoft.
type Rooms struct {
	Graph        *graph.Graph
	Custody      *connect.Custody
	Desk         *connect.Desk
	Entra        *entra.Entra
	Tenant       graphwarden.Tenant
	Flow, Reader flow.Flow
	Registration graphwarden.Registration
	Ledger       *ledger.Ledger
	Store        *store.Store
	Gate         *gate.Gate // that lends the connection's tokens
	Sealer       *seal.Sealer
	// Restrict acts as the tenant's administrator, whoever signs in.
	Restrict *restrict.Restrict
	// Grants acts as the tenant's administrator for whoever names one.
	Grants *grants.Grants
	folder string
}

// Files are the gateway's files, by name.
func (r Rooms) Files(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	paths, err := filepath.Glob(filepath.Join(r.folder, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		if out[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Knock wires the rooms together behind a door.
func (n *Tenant) Knock(t *testing.T, d Door) Rooms {
	t.Helper()
	folder := cmp.Or(d.Folder, t.TempDir())
	s, err := store.Open(context.WithoutCancel(t.Context()), store.Options{Path: filepath.Join(folder, "graphwarden.db"), Now: d.Now, Step: d.Commit, FileSystem: d.FileSystem})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	sealer, err := seal.OpenKeyFile(filepath.Join(folder, "key"), 0)
	if err != nil {
		t.Fatal(err)
	}
	o := outbound.Options{Admit: []string{host + ":443"}, Dial: n.Dial, Roots: x509.NewCertPool(), Now: time.Now}
	if !d.Distrusting {
		o.Roots.AddCert(n.Authority())
	}
	client, err := outbound.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	tenant := graphwarden.Tenant{Name: "contoso", ID: d.TenantID, Cloud: n.Cloud}
	r := Rooms{folder: folder, Store: s, Tenant: tenant, Registration: graphwarden.Registration{Name: "contoso/main", Tenant: "contoso", ClientID: d.ClientID, Mode: d.Mode}}
	r.Flow = flow.Flow{Name: "office", App: "crm", Kind: flow.Calendar(), Tenant: "contoso", Registration: "contoso/main", Mailboxes: d.Mailboxes}
	if d.Kind.Name() != "" {
		r.Flow.Kind, r.Flow.Conflicts, r.Flow.ShowsPrivate = d.Kind, d.Conflicts, d.ShowsPrivate
	}
	r.Reader = flow.ForReader(r.Registration)
	flows := []flow.Flow{r.Flow, r.Reader, flow.ForSignIn(r.Registration), flow.ForGrants(r.Registration),
		flow.ForCallers(tenant), flow.ForAdministrator("contoso"), flow.ForRestriction("contoso"), flow.ForExchange("contoso"), flow.ForSignIn(graphwarden.Registration{Name: "contoso/administrator", Tenant: "contoso"})}
	flows = append(flows, grantFlows(r.Registration)...)
	inForce := &policy.InForce{}
	admit := func(probes []flow.Flow) error {
		p, err := policy.New(slices.Concat(flows, probes))
		if err == nil {
			inForce.Replace(p)
		}
		return err
	}
	if err := admit(nil); err != nil {
		t.Fatal(err)
	}
	routes, err := gate.Routes(append(flows, flow.ForProbe(r.Registration, nil)), []graphwarden.Tenant{tenant}, []graphwarden.Registration{r.Registration})
	if err != nil {
		t.Fatal(err)
	}
	r.Ledger = ledger.New(s)
	bare := gate.New(gate.Config{Decider: inForce, Routes: routes, Ledger: r.Ledger, Store: s, Doer: client, Now: d.Now, Random: rand.Reader})
	r.Entra = entra.New(bare, d.Now, rand.Reader)
	r.Custody = connect.NewCustody(connect.CustodyConfig{
		Connections: []connect.Connection{{Tenant: tenant, Registration: r.Registration, Credential: d.Credential, Expires: d.Expires, Scopes: d.Scopes}},
		Source:      r.Entra, Vault: s, Standings: s, Leases: s, Ledger: r.Ledger, Sealer: sealer, Now: d.Now, Holder: "simulated",
	})
	r.Gate, r.Sealer = bare.With(r.Custody), sealer
	r.Graph = graph.New(r.Gate)
	needed := func(graphwarden.Registration) ([]string, error) { return []string{"Calendars.Read"}, nil }
	r.Desk = connect.NewDesk(connect.DeskConfig{Table: catalog.Load(), Custody: r.Custody, SignIns: r.Entra, Graph: r.Graph, Now: d.Now, Random: rand.Reader, Step: d.Step, Others: d.Others,
		Needed: needed, Together: needed,
		Lend:    func(token seal.Secret) *graph.Graph { return graph.New(bare.With(connect.Once(token))) },
		Readers: map[string]flow.Flow{"contoso": flow.ForGrants(r.Registration)}, Files: map[string]string{"contoso/main": d.File}})
	r.Restrict = restrict.New(restrict.Config{Table: catalog.Load(), Tenants: []graphwarden.Tenant{tenant}, Registrations: []graphwarden.Registration{r.Registration},
		Flows: []flow.Flow{r.Flow}, Administrators: boss{n, bare}, Store: s, Ledger: r.Ledger, Prober: r.Graph, Custody: r.Custody, Admit: admit,
		Log: slog.New(slog.DiscardHandler), Now: d.Now, Step: d.Step})
	r.Grants = n.grantsOf(r, bare, d)
	return r
}

// boss lends what the tenant's administrator may, whoever asks.
type boss struct {
	tenant *Tenant
	bare   *gate.Gate
}

// Restrictor lends Graph.
func (b boss) Restrictor(string, string) (*graph.Graph, flow.Flow, error) {
	return graph.New(b.bare.With(connect.Once(seal.FromString(b.tenant.Ready.Tokens.Admin)))), flow.ForRestriction("contoso"), nil
}

// Exchange lends Exchange.
func (b boss) Exchange(string, string) (*exchange.Exchange, flow.Flow, error) {
	e := exchange.New(b.bare.With(connect.Once(seal.FromString(b.tenant.Ready.Tokens.Exchange))), map[string]string{"contoso": b.tenant.Ready.Tenant.ID})
	return e, flow.ForExchange("contoso"), nil
}
