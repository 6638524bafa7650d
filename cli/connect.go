package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// connecting is a run of graphwarden connect.
type connecting struct {
	p       Program
	config  string
	asJSON  bool
	guide   bool
	noInput bool
	how     string
	multi   bool
	make    bool
	device  bool
	port    int
	wait    time.Duration
	admin   string

	administrator bool
	adminClient   string

	server *client
	view   connect.View
	asked  *connect.Asked // of an administrator in this run
}

// connect guides through connecting a tenant.
func (p Program) connect() *command {
	g := &connecting{p: p}
	return &command{
		names: connectionNames,
		use:   "connect TENANT [REGISTRATION]",
		until: true,
		short: "Connect a tenant: register, consent, sign in, and see what is granted",
		long: `Connect signs in to a registration of the configuration and shows which of the
permissions that its flows need are granted, missing or too much. What is not
there yet it explains: what to click in Entra, or the commands that create the
registration with exactly those permissions; then the link at which an
administrator consents. It waits for the consent to arrive; Ctrl-C leaves, and
the same command goes on from there. Without REGISTRATION it lists how the
tenant's connections are.`,
		examples: []string{"graphwarden connect contoso calendar", "graphwarden connect contoso calendar --guide --how az",
			"graphwarden connect contoso calendar --json --no-input"},
		args:      cobra.RangeArgs(1, 2),
		config:    ofServer,
		prints:    connect.Report{},
		rehearses: true,
		flags:     g.flags,
		run: func(c *call) error {
			g.take(c)
			if !isGuide(g.how) {
				return usage(fmt.Errorf("--how is %q, not portal, az, powershell or graph", g.how))
			}
			if len(c.args) == 1 {
				return c.desk(func(ctx context.Context, s *client) error {
					c.tellStale(ctx, s, c.args[0], "")
					return g.list(ctx, s, c.args[0])
				})
			}
			if g.make && !c.dry {
				if err := g.makeCertificate(c.args[0], c.args[1]); err != nil {
					return err
				}
			}
			desk := c.desk
			if g.guide {
				desk = c.guideDesk
			}
			return desk(func(ctx context.Context, s *client) error {
				g.server = s
				c.tellStale(ctx, s, c.args[0], c.args[1])
				if c.dry {
					return g.rehearse(ctx, c)
				}
				return g.run(ctx, c.args[0], c.args[1])
			})
		},
		under: []*command{p.revoke(), p.rotate(), p.tidy(), p.people()},
	}
}

func (g *connecting) flags(f *pflag.FlagSet) {
	f.BoolVar(&g.guide, "guide", false, "explain how to register the app, and end")
	f.StringVar(&g.how, "how", "portal", "explain by `means` of portal, az, powershell or graph")
	f.BoolVar(&g.multi, "multi-tenant", false, "explain an app for the tenants of several customers")
	f.BoolVar(&g.make, "make-certificate", false, "make the key and the certificate that the configuration names")
	g.person(f, false)
	f.BoolVar(&g.administrator, "administrator", false, "have an administrator sign in once, to read what is granted and to find the mailboxes")
	g.app(f)
}

// person are the flags of how a person signs in.
func (g *connecting) person(f *pflag.FlagSet, device bool) {
	by := "sign in by a code that is entered on another device"
	if device {
		by += "; --device=false: with this machine's browser"
	}
	f.BoolVar(&g.device, "device", device, by)
	f.Var((*portFlag)(&g.port), "redirect-port", "the `port` of this machine that the browser comes back to; 0 is any")
	g.wait = 15 * time.Minute
	f.Var((*waitFlag)(&g.wait), "wait", "how long to wait for people and for Microsoft")
}

// app is the flag of what an administrator signs in to.
func (g *connecting) app(f *pflag.FlagSet) {
	f.StringVar(&g.adminClient, "administrator-client", "", "the client `id` of a public app that the administrator signs in to; default is Microsoft Graph Command Line Tools")
}

// take takes what the mechanism of all commands has read. The standard input does
// not matter to people who sign in elsewhere: only --no-input and CI keep from
// waiting for them.
func (g *connecting) take(c *call) {
	g.config, g.asJSON = c.config, c.json
	g.noInput = c.said("no-input") || c.Env("CI") != ""
}

// rehearse says what connecting would do.
func (g *connecting) rehearse(ctx context.Context, c *call) error {
	if err := g.server.get(ctx, "/v1/connections/"+c.args[0]+"/"+c.args[1], nil, &g.view); err != nil {
		return err
	}
	var needs []string
	for _, n := range g.view.Needed {
		needs = append(needs, n.Name)
	}
	return c.would(effect{says: fmt.Sprintf("This signs in to %s/%s, app %s, by %s, and has an administrator asked for what is not granted of %s.",
		g.view.Tenant, g.view.Registration, g.view.ClientID, g.view.Mode, strings.Join(needs, ", "))})
}

// opening says how a command opens what it works with when no server runs.
type opening struct {
	early bool // before there are secrets
}

// atDesk gives use a client of the server that runs on the configuration, or of
// one that this command opens for itself when none runs. A rehearsal makes no
// database, and changes the schema of none: it works on one that is thrown away.
func (c *call) atDesk(how opening, use func(context.Context, *client) error) (err error) {
	ctx := c.ctx
	loaded, err := c.load(c.config)
	if err != nil {
		return err
	}
	running, err := dialLoaded(loaded)
	if err == nil {
		err = running.get(ctx, "/v1/connections", nil, nil)
	}
	if err == nil {
		return use(ctx, running)
	}
	var r *graphwarden.Refusal
	if !errors.As(err, &r) || r.Code != "cli.no_server" && r.Code != "cli.operate_off" {
		return err
	}
	if how.early {
		loaded = loaded.WithoutSecrets()
	}
	_ = seal.Harden() // what this command holds is gone when it ends
	open := assemble.OpenConnections
	if c.dry && unmade(ctx, loaded) {
		open = assemble.Rehearse
	}
	own, err := open(ctx, loaded, assemble.Outside{Log: slog.New(slog.NewTextHandler(c.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	return served(ctx, own, use)
}

// unmade says whether a server that starts would make the database, or change it.
func unmade(ctx context.Context, loaded *assemble.Config) bool {
	options, err := loaded.StoreOptions(assemble.Outside{})
	if err != nil {
		return false // opening it says why
	}
	g, err := store.Look(ctx, options, false)
	var r *graphwarden.Refusal
	return errors.As(err, &r) && r.Code == "storage.absent" || err == nil && g.Version < g.Newest
}

// served gives use a client of connections that this command opened for itself.
func served(ctx context.Context, own *assemble.Connections, use func(context.Context, *client) error) error {
	l, err := api.Listen(ctx, api.Door{Whose: "this command's own", Address: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- own.API.Run(serving, api.Served{Listener: l, Handler: own.API.Operators}) }()
	err = use(ctx, inside(l.Addr().String(), own.Token))
	stop()
	return errors.Join(err, <-ended)
}

// run connects one registration.
func (g *connecting) run(ctx context.Context, tenant, registration string) error {
	path := "/v1/connections/" + tenant + "/" + registration
	if err := g.server.get(ctx, path, nil, &g.view); err != nil {
		return err
	}
	if g.guide {
		g.warn(ctx, path)
		return g.explain(ctx)
	}
	if err := g.server.call(ctx, "POST", path+"/connect", nil, api.By{By: g.p.who()}, nil); err != nil {
		return err
	}
	g.say("%s/%s: app %s, signs in by %s.", tenant, registration, g.view.ClientID, g.view.Mode)
	if g.view.SignedIn != "" {
		g.say("People sign in to it each for themselves, for an app: the app sends them there, or you send a link.\nRun: graphwarden connect people link %s %s --app APP", tenant, registration)
		return g.show(connect.Report{Source: "nobody was asked", Needed: []string{}, Granted: []string{}, Missing: []string{}, TooMuch: []string{}, Complete: true})
	}
	if g.administrator {
		defer g.forget(ctx)
		g.say("\nAn administrator of the tenant signs in once, so that grants and mailboxes can be read; the token is thrown away at the end.")
		if err := g.signIn(ctx, path, connect.Wanted{Administrator: true, ReadOnly: true, Device: g.device, ClientID: g.adminClient}); err != nil {
			return err
		}
	}
	if g.delegated() && g.view.Account == "" || g.view.RefusedCode != "" && g.delegated() || g.view.State == "revoked" && g.delegated() {
		link, err := g.consentLink(ctx)
		if err != nil {
			return err
		}
		g.say("\nWhere people of the tenant may not consent for themselves, Entra shows them that they need an administrator's\napproval. An administrator consents here, before or meanwhile:\n\n  %s", link)
		if err := g.signIn(ctx, path, connect.Wanted{Device: g.device || g.view.Mode == "device"}); err != nil {
			return err
		}
	}
	report, err := g.prove(ctx, path)
	if err != nil {
		return err
	}
	g.tellUnused(ctx, path)
	return g.show(report)
}

func (g *connecting) delegated() bool { return graphwarden.SignIn(g.view.Mode).Delegated() }

// list shows how the connections of a tenant are.
func (g *connecting) list(ctx context.Context, s *client, tenant string) error {
	list := []connect.View{}
	t := table{head: []string{"REGISTRATION", "SIGN-IN", "STATE", "ACCOUNT", "SINCE", "EXPIRES", "NEEDS"}}
	err := everything(ctx, s, "/v1/connections", nil, func(v connect.View) error {
		if v.Tenant != tenant {
			return nil
		}
		list = append(list, v)
		var needs []string
		for _, n := range v.Needed {
			needs = append(needs, n.Name)
		}
		t.add(v.Registration, v.Mode, v.State, v.Account, date(v.SignedInAt), date(v.ExpiresAt), strings.Join(needs, " "))
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		loaded, err := g.p.load(g.config)
		if err != nil {
			return err
		}
		return unknownConnection(loaded, tenant, "")
	case g.asJSON:
		return printJSON(g.p.Stdout, list)
	}
	return t.print(g.p.Stdout)
}

func date(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Format(time.DateOnly)
}

// say tells a person something on the way; programs read the standard output.
func (g *connecting) say(format string, args ...any) {
	fmt.Fprintf(g.p.Stderr, format+"\n", args...)
}

// who is the person at the command line, for the ledger.
func (p Program) who() string {
	for _, name := range []string{"SUDO_USER", "USER", "USERNAME"} {
		if value := p.Env(name); value != "" {
			return "graphwarden, run by " + value
		}
	}
	return "graphwarden, run by somebody"
}
