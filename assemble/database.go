package assemble

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// onServer says whether the database is a PostgreSQL server's, not a file.
func (c *Config) onServer() bool { return store.IsURL(c.Database) }

// DatabaseName is the database as a person may read it: without a password.
func (c *Config) DatabaseName() string {
	if c.onServer() {
		return store.Shown(c.Database)
	}
	return c.path(c.Database)
}

// besideDatabase is a file in the folder of the database, or of the configuration
// when the database is a server's.
func (c *Config) besideDatabase(name string) string {
	if c.onServer() {
		return filepath.Join(c.folder, name)
	}
	return filepath.Join(filepath.Dir(c.path(c.Database)), name)
}

// OpensTokens refuses a key file that is missing, or does not open every token, and the
// ledger's signing key, that is sealed in the database, whether or not a process works on it.
func (c *Config) OpensTokens(ctx context.Context, o Outside) (err error) {
	options, err := c.StoreOptions(o)
	if err != nil {
		return err
	}
	s, err := store.OpenBeside(ctx, options, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rows, err := s.SealedRows(ctx)
	if err != nil || rows == 0 {
		return err
	}
	sealer, err := seal.OpenKeyFile(c.KeyFile(), rows)
	if err != nil {
		return err
	}
	if err := connect.Opens(ctx, s, sealer); err != nil {
		return err
	}
	return ledger.Opens(ctx, s, sealer)
}

// checkDatabase refuses what names no database.
func (c *Config) checkDatabase(found *faults) {
	file := !c.onServer()
	found.when(file && c.DatabasePassword != "", "database_password_file", "an SQLite file has no password; it goes with a database postgres://…")
	found.when(file && strings.Contains(c.Database, "://"), "database", "%q is neither a file nor postgres://user@host:5432/database", c.Database)
	if u, err := url.Parse(c.Database); !file && err == nil && c.DatabasePassword != "" {
		_, there := u.User.Password()
		found.when(there, "database_password_file", "the password stands in the URL already")
	}
}

// cluster is where budgets are kept that several processes share; none on a file,
// which one process has alone.
func (g *Graphwarden) cluster() gate.Cluster {
	if !g.config.onServer() {
		return nil
	}
	return g.Store
}

// othersWake wakes the rooms for what other processes wrote.
func (g *Graphwarden) othersWake(ctx context.Context) error {
	return g.Store.Woken(ctx, func(what string) {
		switch what {
		case store.TouchedMarks:
			g.mirror.Wake()
		case store.TouchedChanges:
			g.changed()
		case store.TouchedPresence:
			g.Board.Wake()
		}
	})
}

// leaveWithin bounds how long it may take to say that this process ends.
const leaveWithin = 5 * time.Second

// mourn frees what processes held that have died, so that work goes on.
func (g *Graphwarden) mourn(ctx context.Context) error {
	return g.Store.Mourn(ctx, func(ctx context.Context, holder string) error {
		err := g.free(ctx, holder)
		if err == nil {
			g.mirror.Wake()
		}
		return err
	})
}

// mourning does something while what dead processes held is freed: a process that
// starts may have to wait for it.
func (g *Graphwarden) mourning(ctx context.Context, do func() error) error {
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() { _ = g.mourn(ctx) })
	defer all.Wait()
	defer stop()
	return do()
}

// leave frees what this process held and did not put down, as it ends: the others
// need not wait until it is thought dead.
func (g *Graphwarden) leave(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, leaveWithin)
	defer stop()
	if err := g.free(ctx, g.self); err != nil {
		g.log.Warn("the others wait until leases of this process run out", "reason", err)
	}
}

func (g *Graphwarden) free(ctx context.Context, holder string) error {
	return g.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		tx.Step("life:free")
		return g.Store.Free(ctx, tx, holder)
	})
}

// StoreOptions say how the configuration's database is opened. The database's own
// address is admitted, wherever it is: naming it says that it is meant.
func (c *Config) StoreOptions(o Outside) (store.Options, error) {
	options := store.Options{Log: o.Log, Now: o.Now, Step: o.Step}
	if !c.onServer() {
		options.Path = c.path(c.Database)
		return options, nil
	}
	options.URL = c.Database
	hosts, err := store.Hosts(c.Database)
	if err != nil {
		return options, err
	}
	if options.Dial, err = outbound.NewDial(outbound.Options{Dial: o.Dial}, hosts...); err != nil {
		return options, err
	}
	if c.DatabasePassword != "" {
		text, err := readText(c.path(c.DatabasePassword), "the password of the database")
		if err != nil {
			return options, err
		}
		options.Password = seal.FromString(text)
	}
	return options, nil
}
