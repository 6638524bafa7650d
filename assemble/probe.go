package assemble

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/notify"
	"github.com/graphwarden/graphwarden/outbound"
)

// Place is somewhere that a Graphwarden of a configuration calls.
type Place struct {
	Kind string // login, graph, sink or notices
	Name string // for people
	url  string
	ca   string
}

// Places are all that a Graphwarden of this configuration calls, but for its
// database.
func (c *Config) Places() []Place {
	var all []Place
	for _, name := range slices.Sorted(maps.Keys(c.Tenants)) {
		t := c.Tenants[name]
		cloud := t.Cloud.cloud()
		all = append(all, Place{"login", "Entra, for " + name, cloud.Login, c.path(t.CA)}, Place{"graph", "Microsoft Graph, for " + name, cloud.Graph, c.path(t.CA)})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		sinks := c.Flows[name].sinks(name)
		for _, sink := range slices.Sorted(maps.Keys(sinks)) {
			if s := sinks[sink]; s.kind() == graphwarden.Webhook {
				all = append(all, Place{"sink", "the receiver of " + sink, s.URL, c.path(s.CA)})
			}
		}
	}
	if c.Notices.URL != "" {
		all = append(all, Place{"notices", "the receiver of notices", c.Notices.URL, ""})
	}
	return all
}

// Reach tries whether a place can be reached from here; it is not asked anything.
func (c *Config) Reach(ctx context.Context, p Place, o Outside) error {
	options := outbound.Options{Admit: c.Admit, Now: o.Now, Dial: o.Dial}
	if p.ca != "" {
		options.CAFiles = []string{p.ca}
	}
	return outbound.Reach(ctx, options, p.url)
}

// Ports tries whether this process could listen where the configuration says.
func (c *Config) Ports(ctx context.Context) (listen, operate error) {
	l, listen := notify.Listen(ctx, c.Listen)
	if listen == nil {
		listen = l.Close()
	}
	if at := c.Operate(); at.Address != "" {
		if l, operate = api.Listen(ctx, c.operateDoor()); operate == nil {
			operate = l.Close()
		}
	}
	return listen, operate
}

// AppsPort tries whether this process could listen where apps are to be answered.
func (c *Config) AppsPort(ctx context.Context) error {
	if c.AppsAt == off {
		return nil
	}
	l, err := api.Listen(ctx, c.appsDoor())
	if err != nil {
		return err
	}
	return l.Close()
}

// Handshake asks the public address what Microsoft asks it before it notifies. The
// address is admitted wherever it is: naming it says that it is meant.
func (c *Config) Handshake(ctx context.Context, o Outside) error {
	address, err := url.Parse(strings.TrimSuffix(c.PublicURL, "/") + notify.Path)
	if err != nil {
		return fmt.Errorf("reading public_url: %w", err)
	}
	client, err := outbound.New(outbound.Options{Admit: append(slices.Clone(c.Admit), outbound.HostPort(address)), Now: o.Now, Dial: o.Dial})
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	return probe(client)(ctx, address.String())
}

// Rehearse opens connections over a database that is thrown away when they are
// closed, so that sign-ins can be tried where no server runs and nothing is
// changed.
func Rehearse(ctx context.Context, c *Config, o Outside) (*Connections, error) {
	folder, err := os.MkdirTemp("", "graphwarden-")
	if err != nil {
		return nil, fmt.Errorf("making a folder to rehearse in: %w", err)
	}
	own := *c
	own.Database, own.DatabasePassword, own.Key = filepath.Join(folder, "graphwarden.db"), "", filepath.Join(folder, "graphwarden.key")
	out, err := OpenConnections(ctx, &own, o)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	out.folder = folder
	return out, nil
}
