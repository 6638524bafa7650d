package assemble

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/duty"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/store"
	"github.com/graphwarden/graphwarden/watch"
)

// Notices is where operators are told, besides the log.
type Notices struct {
	URL    string `yaml:"url" form:"web"`
	Secret string `yaml:"secret_file"` // a Standard Webhooks secret, whsec_…
}

// promise is how long a feed goes unread at most, with time for the reading.
func (c *Config) promise() time.Duration {
	return 2*time.Duration(max(c.Sweep.Woken, c.Sweep.Alone)) + time.Minute
}

// overseer makes the room that tells operators what is wrong.
func (g *Graphwarden) overseer(o Outside) (err error) {
	if g.signing, err = g.newSigning(o); err != nil {
		return err
	}
	c := watch.Config{Store: g.Store, Tellings: g.Store, Log: o.Log, Now: o.Now, Random: rand.Reader, DocURL: api.Documents + "operations.md"}
	if n := g.config.Notices; n.URL != "" {
		text, err := readText(g.config.path(n.Secret), "the signing secret of notices")
		if err != nil {
			return err
		}
		secret, err := deliver.ParseSecret(text)
		if err != nil {
			return err
		}
		client, err := outbound.New(outbound.Options{Admit: g.declared.admit, Now: o.Now, Dial: o.Dial})
		if err != nil {
			return err
		}
		c.Webhook = &watch.Webhook{URL: n.URL, Secret: secret, Doer: client}
	}
	seen := g.declaredOnly()
	c.Looks = []watch.Look{
		watch.Database(g.Store.Writable),
		watch.Stale(seen, g.config.promise()),
		watch.Refusals(seen),
		watch.Connections(seen, g.expiries),
		watch.Sinks(g.Store),
		watch.Budgets(g.Store),
		watch.Restrictions(seen),
		watch.Grants(g.Store, func(registration string) bool { return g.config.Grants.Every > 0 && seen.registrations[registration] }),
		watch.Writes(g.Store),
		watch.Clock(g.skew.Off),
		watch.Backup(g.lastBackup, time.Duration(*g.config.BackupWithin), g.Store.MadeAt),
		watch.Integrity(g.Store.Inspected, time.Duration(*g.config.Integrity.Every), g.Store.MadeAt),
		watch.Ledger(g.signed),
		watch.Notices(func(ctx context.Context) (int, time.Time, string, error) { return g.Store.Untold(ctx, watch.ToWebhook) }),
	}
	if folder, is := g.config.databaseFolder(); is {
		c.Looks = append(c.Looks, watch.Disk(folder, watch.RoomOf))
	}
	if g.config.PublicURL != "" {
		c.Looks = append(c.Looks, watch.Subscriptions(seen))
	}
	g.watch = watch.New(c)
	g.guard = watch.New(c)
	return nil
}

// notices gives what operators are told, with what could not be kept; fresh asks
// for a look first.
func (g *Graphwarden) notices(fresh bool) watch.Shelf {
	shelf := watch.Shelf{Rows: g.Store, Watches: []*watch.Watch{g.watch, g.guard}}
	if fresh {
		shelf.Fresh = g.watch
	}
	return shelf
}

// watchOver runs the watch: in the one process that has the duty, while each sees
// to it that the database answers. Where there is only one process it needs no
// duty, which a full disk would take from it.
func (g *Graphwarden) watchOver(ctx context.Context) error {
	if _, alone := g.config.databaseFolder(); alone {
		return g.watch.Run(ctx)
	}
	ended := make(chan error, 1)
	go func() { ended <- g.guard.Guard(ctx, g.Store.Ping) }()
	err := duty.Duty{Store: g.Store, Name: "watch", Holder: g.self, Log: g.log}.Run(ctx, g.watch.Run)
	return firstOf(err, <-ended)
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// expiries tells when credentials end.
func (g *Graphwarden) expiries(ctx context.Context, now time.Time) ([]graphwarden.Standing, error) {
	list, err := g.Custody.Expiries(ctx, now)
	out := make([]graphwarden.Standing, len(list))
	for i, e := range list {
		out[i] = graphwarden.Standing{Tenant: e.Tenant, Registration: registrationName(e.Tenant, e.Registration), ExpiresAt: e.At, ExpiryBy: e.By}
	}
	return out, err
}

func (g *Graphwarden) lastBackup(ctx context.Context) (time.Time, error) {
	u, err := g.Store.Upkeep(ctx)
	return u.Backup, err
}

// databaseFolder is where the database's file lies, if it is one: where a link leads,
// it is that disk that fills.
func (c *Config) databaseFolder() (string, bool) {
	if c.onServer() {
		return "", false
	}
	return filepath.Dir(store.Resolve(c.path(c.Database))), true
}

// checkNotices refuses a place for notices that cannot work.
func (c *Config) checkNotices(found *faults) {
	found.address("notices.url", c.Notices.URL)
	found.when(c.Notices.URL != "" && c.Notices.Secret == "", "notices.secret_file", "it is missing; make one with: echo whsec_$(openssl rand -base64 32) > notices.secret")
	found.when(c.Notices.URL == "" && c.Notices.Secret != "", "notices.url", "it is missing, and there is a secret to sign with")
}
