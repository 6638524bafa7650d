package assemble

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/appkey"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/grants"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/logbook"
	"github.com/graphwarden/graphwarden/mirror"
	"github.com/graphwarden/graphwarden/notify"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/presence"
	"github.com/graphwarden/graphwarden/restrict"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
	"github.com/graphwarden/graphwarden/watch"
)

// Outside is what a Graphwarden has of the world around it. The zero Outside is
// the real one.
type Outside struct {
	Log *slog.Logger
	Now func() time.Time
	// Step does everything that is stored, sent or acknowledged, under one of the
	// names of Steps, so that tests can cut before or after it.
	Step func(name string, act func() error) error
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Listener is where notifications arrive, in place of the configuration's
	// address. It is closed with the gateway.
	Listener net.Listener
	// Operate is where operators are answered, in place of the configuration's
	// address. With Listener given and this not, there is no such place.
	Operate net.Listener
	// Apps is where apps are answered, likewise.
	Apps    net.Listener
	Version string // of the program
	// Logbook has the last lines of Log; nil: operators see none.
	Logbook *logbook.Book

	leaving []endingSink // sinks of flows that end
}

// Graphwarden is a running gateway's parts, introduced to each other.
type Graphwarden struct {
	Store   *store.Store
	Ledger  *ledger.Ledger
	Roster  *connect.Roster
	Custody *connect.Custody
	Act     *act.Act
	// Board says who is available, as presence flows tell it.
	Board *presence.Board

	// Reception is where people sign in for apps.
	Reception *connect.Reception

	self     string // this process, in leases
	config   *Config
	declared *declared
	log      *slog.Logger
	receiver http.Handler
	notified func() notify.Tally
	tokens   *tokenCount
	entra    *entra.Entra
	mirror   *mirror.Mirror
	keeper   *notify.Keeper
	deliver  *deliver.Deliver
	presence *presence.Room
	gate     *gate.Gate
	listener net.Listener
	desk     *connect.Desk
	restrict *restrict.Restrict
	grants   *grants.Grants
	sealer   *seal.Sealer
	skew     *watch.Skew
	watch    *watch.Watch // in the one process that has the duty
	guard    *watch.Watch // in each, for when nobody has
	api      *api.API     // nil when operators are not answered
	operate  net.Listener // where they are
	apps     net.Listener // where apps are answered; nil: nowhere
	forApps  http.Handler // answers them
	keys     *appkey.Desk
	door     doorkeeper   // of apps
	face     http.Handler // at the address that notifications arrive at
	took     api.Configuration
	visits   *connect.Visits // sign-ins under way, whatever configuration is in force

	outside   Outside
	readiness readiness      // as load balancers are told it
	answering sync.WaitGroup // requests that are being answered
	resting   chan struct{}  // closed when its rooms have ended
	denials   *denials
	signing   *signing
	now       func() time.Time
}

// Build introduces the rooms to each other and opens what they need: the store,
// the key, the address that notifications arrive at. Nothing runs yet and
// Microsoft has not been called. The caller closes what Build gives.
func Build(ctx context.Context, c *Config, o Outside) (*Graphwarden, error) {
	return build(ctx, c, o.withDefaults(), nil)
}

// build is Build for one configuration; one that takes the place of another gets
// the other's database and addresses.
func build(ctx context.Context, c *Config, o Outside, before *Graphwarden) (*Graphwarden, error) {
	d, err := c.declare(o.Now(), o.Log)
	if err != nil {
		return nil, err
	}
	for _, e := range o.leaving {
		d.targets, d.sinkCAs = append(d.targets, e.Target), append(d.sinkCAs, e.ca)
	}
	c.warnExposed(o.Log)
	skew := &watch.Skew{Now: o.Now}
	err = newClients(outbound.Options{Admit: d.admit, Now: o.Now, Dial: o.Dial}).give(d, o.Step, skew)
	if err != nil {
		return nil, err
	}
	g := &Graphwarden{config: c, declared: d, log: o.Log, now: o.Now, self: holder(), skew: skew, outside: o, took: &taker{}, visits: connect.NewVisits(), resting: make(chan struct{})}
	if before != nil {
		g.Store, g.Ledger = before.Store, before.Ledger
		o.Listener, o.Operate, o.Apps = before.listener, before.operate, before.apps
		g.took, g.visits, g.door = before.took, before.visits, before.door
		if err := g.Store.Appear(ctx, g.self); err != nil {
			return nil, err
		}
		return g, g.introduce(ctx, o)
	}
	options, err := c.StoreOptions(o)
	if err != nil {
		return nil, err
	}
	if g.Store, err = store.Open(ctx, options); err != nil {
		return nil, err
	}
	g.Ledger = ledger.New(g.Store)
	if err := g.Store.Appear(ctx, g.self); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	if err := g.introduce(ctx, o); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// introduce is where the rooms meet.
func (g *Graphwarden) introduce(ctx context.Context, o Outside) error {
	s, d := g.Store, g.declared
	sealed, err := s.SealedRows(ctx)
	if err != nil {
		return err
	}
	sealer, err := seal.OpenKeyFile(g.config.path(g.config.Key), sealed)
	if err != nil {
		return err
	}
	g.sealer = sealer
	by := deciders{policy.Under(g.config.rules), policy.Under(g.config.rules)}
	bare := gate.New(gate.Config{Decider: by, Routes: d.routes, Ledger: steppedLedger{g.Ledger}, Store: s,
		Now: o.Now, Random: crand.Reader, Cluster: g.cluster(), Holder: g.self})
	g.gate = bare
	source := entra.New(bare, o.Now, crand.Reader)
	g.entra = source
	g.tokens = &tokenCount{Source: steppedTokens{source, o.Step}}
	g.Custody = newCustody(d, g.tokens, s, g.Ledger, sealer, o.Now, g.self, turnedAt(&g.Reception))
	g.desk = newDesk(g.config, d, g.Custody, source, bare, func() *connect.Roster { return g.Roster }, o)
	g.desk.Visits, g.desk.Public, g.desk.Consents, g.desk.Narrowed = g.visits, g.config.consentAddress(), s, narrowed(s, d.table)
	g.desk.Others = others(s, g.self)
	if g.Reception, err = newReception(g.config, d, g.Custody, source, s, sealer, g.desk, o); err != nil {
		return err
	}
	g.Reception.Part, g.Reception.Told, g.desk.Part = g.part, g.turned, g.Reception.PartAll
	g.restrict = newRestrict(g.config, d, g.desk, g.Custody, bare, by, s, g.Ledger, o)
	g.grants = newGrants(g.config, d, g.desk, s, g.Ledger, o)
	microsoft := graph.New(bare.With(g.Custody))
	g.Roster, err = connect.NewRoster(connect.RosterConfig{Declared: d.flows, House: d.house, Pinned: steppedPinned{s}, Users: steppedDirectory{microsoft, o.Step}, InForce: by.flows, Log: o.Log,
		Members: s, Groups: microsoft, People: g.Reception.Scope})
	if err != nil {
		return err
	}
	g.Reception.Moved = g.Roster.CatchUp
	g.Act = g.writing(microsoft, o)
	g.deliver = deliver.New(deliver.Config{Targets: d.targets, Store: steppedDuties{s}, Books: steppedBooks{s}, Origins: s, Holder: g.self,
		Log: o.Log, Now: o.Now, Random: chance()})
	g.keeper = notify.NewKeeper(notify.KeeperConfig{Roster: readingRoster{g.Roster}, Source: steppedSubscriptions{microsoft, o.Step}, Store: s,
		Marks: steppedMarks{s, "keeper:mark", "keeper:store", "keeper:forget"}, Subscriptions: s, Feeds: s, Holds: s, Holder: g.self,
		Log: o.Log, Now: o.Now, Random: chance(), States: crand.Reader, Address: g.config.publicly(notify.Path), Sweep: time.Duration(g.config.Sweep.Woken), Probe: func(ctx context.Context, _ string) error { return g.config.Handshake(ctx, o) }, Marked: func() { g.mirror.Wake() }})
	g.mirror = mirror.New(mirror.Config{Roster: readingRoster{g.Roster}, Source: steppedSource{microsoft, o.Step}, Wakers: g.keeper, Store: s, Feeds: steppedFeeds{s}, Rounds: steppedRounds{s}, Standing: s, Removals: steppedRemovals{s}, Skips: s, Directory: directory{microsoft, d.house}, Old: s, Keep: time.Duration(g.config.Keep),
		Log: o.Log, Now: o.Now, Random: chance(), Holder: g.self, Readers: readers,
		Swept: time.Duration(g.config.Sweep.Alone), Woken: time.Duration(g.config.Sweep.Woken), Changed: g.changed, Recovered: g.keeper.Wake})
	receiver := notify.NewReceiver(s, steppedMarks{s, "notify:mark", "notify:renew", "notify:forget"}, o.Log, g.mirror.Wake, g.keeper.Wake)
	g.receiver, g.notified = steppedAck(o.Step, receiver), receiver.Tally
	g.Roster.OnChange(g.mirror.Discover)
	g.Roster.OnChange(g.keeper.Wake)
	g.people(microsoft, o)
	if g.listener = o.Listener; g.listener == nil {
		if g.listener, err = notify.Listen(ctx, g.config.Listen); err != nil {
			return err
		}
	}
	if err := g.overseer(o); err != nil {
		return err
	}
	return g.faces(ctx, o)
}

// Address is where notifications are received, host:port.
func (g *Graphwarden) Address() string { return g.listener.Addr().String() }

// Run runs the rooms until ctx ends or one of them breaks, and waits for all.
func (g *Graphwarden) Run(ctx context.Context) error {
	return NewServing(g, g.outside).Run(ctx)
}

// rooms are what runs, besides the gate.
func (g *Graphwarden) rooms() []func(context.Context) error {
	rooms := []func(context.Context) error{g.deliver.Run, g.Board.Run, g.Act.Run, g.othersWake, g.mourn, g.watchOver, g.readTimes, g.once("restrict", g.restrict.Run), g.once("grants", g.grants.Run), g.once("ledger", g.sign), g.shareWaits}
	if *g.config.Integrity.Every > 0 {
		rooms = append(rooms, g.once("integrity", func(ctx context.Context) error { return g.inspect(ctx, g.now) }))
	}
	if g.denials != nil {
		rooms = append(rooms, g.denials.Run)
	}
	if len(g.Reception.Flows) > 0 {
		rooms = append(rooms, g.once("people", g.Reception.Run))
	}
	rooms = append(rooms, g.feedRooms()...)
	return rooms
}

// Close gives back what Build opened.
func (g *Graphwarden) Close() error {
	var failed error
	for _, l := range []net.Listener{g.listener, g.operate, g.apps} {
		if l == nil {
			continue
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			failed = errors.Join(failed, err)
		}
	}
	return errors.Join(failed, g.Store.Close())
}

func (o Outside) withDefaults() Outside {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Step == nil {
		o.Step = func(_ string, act func() error) error { return act() }
	}
	return o
}

// holder names this process in leases: for people, and with a part of chance,
// because containers share names and numbers.
func holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unnamed"
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), crand.Text()[:8])
}

// chance spreads sweeps, renewals and repeated attempts; nothing secret is made
// of it.
func chance() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }
