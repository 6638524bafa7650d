// Package rig puts up what the tests of the gateway's rooms stand on: a store in
// a file, its ledger, a network in memory and a gate between them, all real.
package rig

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/memnet"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// What every rig knows.
const (
	Alice  = "6e7b768e-07e2-4810-8459-485f84f8f204"
	Bob    = "87d349ed-44d7-43e1-9a83-5f2406dee5bd"
	Tenant = "84841066-274d-4ec0-a5c1-276be684bdd3"
	Client = "0f7d3b1e-1c34-4a4f-9c1e-1f8d3f0c9a11"
	Token  = "a-token-that-never-shows"
)

// Engine is the environment's word for the engine that rigs stand on: SQLite, unless it
// is "postgres". Only tests outside of bubbles can stand on a server.
const Engine = "GRAPHWARDEN_TEST_ENGINE"

// Rig is a gateway without rooms.
type Rig struct {
	Store  *store.Store
	Ledger *ledger.Ledger
	Net    *memnet.Network
	Policy *policy.InForce
	Gate   *gate.Gate // lends Token
	// Microsoft is what answers at the tenant's login and Graph addresses.
	Microsoft *Microsoft
	Path      string // of the database, or beside which it would be
	url       string // of the database on a server

	Tenant       graphwarden.Tenant
	Registration graphwarden.Registration
	Flow         flow.Flow
}

// New puts up a rig whose store and network are cut as the plan says; a nil plan
// cuts nothing. In a synctest bubble its clock is the bubble's.
func New(t testing.TB, plan *faulty.Plan) *Rig {
	t.Helper()
	if plan == nil {
		plan = faulty.NewPlan(t)
	}
	r := &Rig{
		Net: memnet.New(t), Policy: &policy.InForce{}, Path: filepath.Join(t.TempDir(), "graphwarden.db"),
		Tenant: graphwarden.Tenant{Name: "contoso", ID: Tenant, Cloud: graphwarden.Cloud{
			Name: "test", Login: "http://login.test", Graph: "http://graph.test"}},
		Registration: graphwarden.Registration{Name: "main", Tenant: "contoso", ClientID: Client, Mode: graphwarden.BySecret},
	}
	r.Flow = flow.Flow{
		Name: "office", App: "crm", Kind: flow.Calendar(), Tenant: "contoso", Registration: "main",
		Mailboxes: graphwarden.MailboxScope{{ID: Alice, UPN: "alice@contoso.com"}, {ID: Bob, UPN: "bob@contoso.com"}},
	}
	r.Microsoft = &Microsoft{}
	r.Net.Serve("graph.test:80", r.Microsoft)
	r.Net.Serve("login.test:80", r.Microsoft)
	r.Open(t, plan)
	p, err := policy.New(r.Flows())
	if err != nil {
		t.Fatal(err)
	}
	r.Policy.Replace(p)
	client := r.Net.Client()
	client.Transport = faulty.RoundTripper{Plan: plan, Next: client.Transport}
	r.Gate = gate.New(r.Config(t, client)).With(Lender{})
	return r
}

// Open opens the rig's store; one that was open must be closed.
func (r *Rig) Open(t testing.TB, plan *faulty.Plan) {
	t.Helper()
	o := store.Options{Path: r.Path, Step: plan.Step}
	if os.Getenv(Engine) == "postgres" {
		if r.url == "" {
			r.url = pg.NewSchema(t)
		}
		o.Path, o.URL = "", r.url
	}
	s, err := store.Open(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r.Store, r.Ledger = s, ledger.New(s)
}

// Flows are the rig's flow and those of the house.
func (r *Rig) Flows() []flow.Flow {
	return []flow.Flow{r.Flow, flow.ForReader(r.Registration), flow.ForSignIn(r.Registration), flow.ForKeeper(r.Registration), flow.ForMembers(r.Registration), flow.ForCallers(r.Tenant)}
}

// Config is what the rig's gate is made of, calling through doer.
func (r *Rig) Config(t testing.TB, doer gate.Doer) gate.Config {
	t.Helper()
	routes, err := gate.Routes(r.Flows(), []graphwarden.Tenant{r.Tenant}, []graphwarden.Registration{r.Registration})
	if err != nil {
		t.Fatal(err)
	}
	return gate.Config{
		Decider: r.Policy, Routes: routes, Ledger: r.Ledger, Store: r.Store,
		Doer: doer, Now: time.Now, Random: rand.Reader,
	}
}

// Entries are the ledger's entries so far.
func (r *Rig) Entries(t testing.TB) []graphwarden.Entry {
	t.Helper()
	var all []graphwarden.Entry
	r.Store.Settle()
	err := r.Store.EntriesAfter(t.Context(), 0, 10_000, func(e graphwarden.Entry, _ [32]byte) error {
		all = append(all, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Log is a log that nobody reads.
func Log() *slog.Logger { return slog.New(slog.DiscardHandler) }

// Lender lends Token, and another one to who was refused it.
type Lender struct{}

// Bearer lends Token.
func (Lender) Bearer(context.Context, graphwarden.Registration) (seal.Secret, error) {
	return seal.FromString(Token), nil
}

// Renew lends Token with an end.
func (Lender) Renew(context.Context, graphwarden.Registration, seal.Secret, string) (seal.Secret, error) {
	return seal.FromString(Token + "-anew"), nil
}
