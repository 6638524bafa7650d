package assemble

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/appkey"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/lookup"
	"github.com/graphwarden/graphwarden/seal"
)

// faces opens the addresses at which operators and apps are answered, as far as
// there are to be any.
func (g *Graphwarden) faces(ctx context.Context, o Outside) error {
	g.face = g.notifications()
	if err := g.doors(ctx, o); err != nil || g.operate == nil && g.apps == nil {
		return err
	}
	token, err := seal.MakeTokenFile(g.config.Operate().Token, rand.Reader)
	if err != nil {
		return err
	}
	cursors, err := g.Store.HouseSecret(ctx, "cursors", seal.FromString(rand.Text()+rand.Text()))
	if err != nil {
		return err
	}
	since := o.Now()
	g.denials = newDenials(g.Store, g.Ledger, o.Log)
	desk := deliver.Desk{Deliver: g.deliver, Shelf: steppedShelf{g.Store}, Ledger: g.Ledger, Random: rand.Reader}
	g.keys = appkey.New(appkey.Config{Store: g.Store, Ledger: g.Ledger, Now: o.Now, Random: rand.Reader, Apps: g.config.apps()})
	g.door = doorkeeper{g.keys, g.byTokens(o)}
	operators := newStaff(g.config, g.Store, g.Ledger, o.Now)
	g.api = api.New(api.Config{Token: token, Staff: operators, Log: o.Log, Now: o.Now, Random: rand.Reader, Declared: g.config.declaredForOperators(), Feeds: g.Store, Notices: g.notices(true), Conditions: g.conditions(), Metrics: g.measure(o.Now, since),
		Deliveries: g.Store, Sinks: desk,
		Connections: g.desk, SignIns: g.desk, People: g.Reception, Restrictions: g.restrict, Grants: g.grants, RotateKey: keyRotation(g.Store, g.Ledger, g.sealer, g.self),
		Configuration: g.took, Keys: g.door, AppKeys: g.keys, Flows: g.Roster.Flows, CatchUp: g.Roster.CatchUp, Tries: g.Store, Cursors: cursors, Reading: lookup.Lookup{Copy: g.Store, Private: g.config.privacy()},
		Following: deliver.Follower{Desk: desk, Head: g.Store}, Shapes: g.config.shapes(), Rate: g.config.AppsRate, Acts: g.Act, Asks: g.Act, Mails: g.Act, Known: lookup.Lookup{Copy: g.Store}, Hiding: g.Act, Intents: g.Store, Refused: g.denials.Refused, Record: recorder(g.Store, g.Ledger),
		Presences: g.Board, Entries: g.Store, Logbook: o.Logbook,
		Status: func(context.Context) (api.Status, error) {
			return api.Status{Version: o.Version, Process: holder(), Since: since.UTC().Truncate(time.Second),
				Database: g.config.DatabaseName(), Public: g.config.PublicURL}, nil
		}})
	g.forApps = g.toApps()
	return nil
}

// doors listens where operators and apps are to be answered.
func (g *Graphwarden) doors(ctx context.Context, o Outside) (err error) {
	g.operate, g.apps = o.Operate, o.Apps
	if g.operate == nil && g.config.OperateAt != off && o.Listener == nil {
		if g.operate, err = api.Listen(ctx, g.config.operateDoor()); err != nil {
			return err
		}
	}
	if g.apps == nil && g.config.AppsAt != off && o.Listener == nil {
		g.apps, err = api.Listen(ctx, g.config.appsDoor())
	}
	return err
}

func (c *Config) operateDoor() api.Door {
	return api.Door{Whose: "operators'", Setting: "operate", Address: c.OperateAt, Certificate: c.path(c.OperateCertificate)}
}

func (c *Config) appsDoor() api.Door {
	return api.Door{Whose: "apps'", Setting: "apps", Address: c.AppsAt, Certificate: c.path(c.AppsCertificate)}
}

// apps gives the flows of each app.
func (c *Config) apps() map[string][]string {
	out := map[string][]string{}
	for name, f := range c.Flows {
		out[f.App] = append(out[f.App], name)
	}
	return out
}

// privacy says what each flow's app is shown of private events when it reads them.
func (c *Config) privacy() map[string]lookup.Privacy {
	out := map[string]lookup.Privacy{}
	for name, f := range c.Flows {
		out[name] = lookup.Privacy(f.Private)
	}
	return out
}

// shapes says how each flow's changes are told to an app that reads them.
func (c *Config) shapes() map[string]deliver.Shape {
	out := map[string]deliver.Shape{}
	for name, f := range c.Flows {
		out[name] = deliver.Shape{Private: deliver.Privacy(f.Private), Graph: c.Tenants[f.Tenant].Cloud.cloud().Graph}
	}
	return out
}

// readTimes notes when items are that were stored by a version that did not, in
// slices between other work, and then waits for the end.
func (g *Graphwarden) readTimes(ctx context.Context) error {
	for {
		done, err := g.Store.ReadTimes(ctx, 200)
		if err != nil && ctx.Err() == nil {
			g.log.Warn("noting when items are", "reason", err)
		}
		if done {
			<-ctx.Done()
			return nil
		}
		wait := time.Duration(0)
		if err != nil {
			wait = 10 * time.Second
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
	}
}

// AppsAddress is where apps are answered, host:port; "" when nowhere.
func (g *Graphwarden) AppsAddress() string {
	if g.apps == nil {
		return ""
	}
	return g.apps.Addr().String()
}
