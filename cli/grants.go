package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/grants"
)

// granting is a run of graphwarden grants.
type granting struct {
	connecting
	asked    grants.Asked
	exchange bool
	unused   string
	output   string
	apply    bool
	lent     []string // sign-ins that are thrown away at the end
}

// The forms that grants are shown in.
const (
	asText, asMarkdown, asManifest, asAz, asPowerShell, asConfiguration = "text", "markdown", "manifest", "az", "powershell", "configuration"
)

func outputs() []string {
	return []string{asText, asMarkdown, asManifest, asAz, asPowerShell, asConfiguration}
}

// grants tells what registrations were granted, need and used, and sets it.
func (p Program) grants() *command {
	g := &granting{connecting: connecting{p: p}}
	return &command{
		use:   "grants [TENANT[/REGISTRATION]]",
		short: "Show what apps were granted, need and used, and set it",
		long: `Grants puts side by side what each registration of the configuration was really
granted, in Entra and in Exchange, what its flows need, and what they used, as the
ledger counts it; and says what is not as it should be. The tenant's registration
called reader reads the grants; with --administrator somebody signs in once for
it, and with --exchange also to Exchange; the tokens are thrown away. --output
writes the change as a manifest or as a script; --output configuration proposes for
flows that list their operations only those that they used of late. --apply shows the difference and,
once it is confirmed, has the administrator's sign-in make it up, and reads again
to prove it; cut off, the same command goes on.`,
		examples: []string{"graphwarden grants", "graphwarden grants contoso/calendar --administrator --exchange",
			"graphwarden grants contoso/calendar --apply --dry-run", "graphwarden grants contoso --output markdown", "graphwarden grants --output configuration --unused 30d"},
		args:      cobra.MaximumNArgs(1),
		config:    ofServer,
		prints:    []grants.Report{},
		takes:     "the registration's name",
		rehearses: true,
		flags:     g.flags,
		run: func(c *call) error {
			g.take(c)
			if err := g.check(c); err != nil {
				return err
			}
			return c.desk(func(ctx context.Context, s *client) error {
				g.server = s
				return g.run(ctx, c)
			})
		},
	}
}

func (g *granting) flags(f *pflag.FlagSet) {
	f.BoolVar(&g.administrator, "administrator", false, "have an administrator sign in, who reads what is granted")
	f.BoolVar(&g.exchange, "exchange", false, "have an administrator sign in to Exchange, too, who reads its roles")
	f.BoolVar(&g.apply, "apply", false, "have an administrator sign in, and make up the difference")
	f.StringVar(&g.unused, "unused", "90d", "say of what was not used for this `long`, such as 30d")
	f.StringVar(&g.output, "output", asText, "the `form`: text, markdown, manifest, az, powershell or configuration")
	g.person(f, true)
	g.app(f)
}

func (g *granting) check(c *call) error {
	days, err := wholeDays(g.unused)
	if err != nil {
		return err
	}
	g.asked.UnusedDays, g.asked.By = days, g.p.who()
	switch {
	case !slices.Contains(outputs(), g.output):
		return usage(fmt.Errorf("--output is %q, not %s", g.output, strings.Join(outputs(), ", ")))
	case g.apply && (len(c.args) == 0 || !strings.Contains(c.args[0], "/")):
		return usage(errors.New("--apply takes one registration: graphwarden grants TENANT/REGISTRATION --apply"))
	case g.apply && g.output != asText:
		return usage(errors.New("--apply changes something, and --output writes how that would be done: say one of them"))
	}
	return nil
}

// chosen are the connections that the command is about.
func (g *granting) chosen(ctx context.Context, c *call) ([]connect.View, error) {
	var list []connect.View
	err := everything(ctx, g.server, "/v1/connections", nil, func(v connect.View) error {
		name := v.Tenant + "/" + v.Registration
		if len(c.args) == 0 || c.args[0] == v.Tenant || c.args[0] == name {
			list = append(list, v)
		}
		return nil
	})
	if err == nil && len(list) == 0 {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "grant.unknown",
			Say: "The configuration has no registration that this names.", Do: "Name one of those that graphwarden tenants lists, as TENANT or TENANT/REGISTRATION."}
	}
	return list, err
}

func (g *granting) run(ctx context.Context, c *call) error {
	list, err := g.chosen(ctx, c)
	if err != nil {
		return err
	}
	defer g.forgetAll(ctx)
	if g.apply {
		return g.set(ctx, c, list[0])
	}
	var all []grants.Report
	tenant := ""
	for _, v := range list {
		if tenant != v.Tenant {
			tenant = v.Tenant
			if err := g.visit(ctx, v, connect.Wanted{Administrator: true, ReadOnly: true}); err != nil {
				return err
			}
		}
		var r grants.Report
		if err := g.server.call(ctx, "POST", grantsOf(v), nil, g.asked, &r); err != nil {
			return err
		}
		all = append(all, r)
	}
	table, err := c.table()
	if err != nil {
		return err
	}
	text, err := g.written(all, table)
	if err != nil {
		return err
	}
	return c.print(all, text)
}

func grantsOf(v connect.View) string {
	return "/v1/connections/" + v.Tenant + "/" + v.Registration + "/grants"
}

// visit has an administrator of a tenant sign in, to Exchange too where that is
// asked for; nobody where nobody is asked.
func (g *granting) visit(ctx context.Context, v connect.View, w connect.Wanted) error {
	g.view = v
	g.asked.Administrator, g.asked.Exchange = "", ""
	visits := []connect.Wanted{}
	if g.administrator || g.apply {
		visits = append(visits, w)
	}
	if g.exchange {
		visits = append(visits, connect.Wanted{Administrator: true, For: connect.ForExchange})
	}
	for _, w := range visits {
		w.Device, w.ClientID = g.device, g.adminClient
		g.say("\nAn administrator of the tenant %s signs in once to %s; the token is thrown away at the end.", v.Tenant, service(w))
		if err := g.signIn(ctx, "/v1/connections/"+v.Tenant+"/"+v.Registration, w); err != nil {
			return err
		}
		g.lent = append(g.lent, g.admin)
		if w.For == connect.ForExchange {
			g.asked.Exchange = g.admin
		} else {
			g.asked.Administrator = g.admin
		}
	}
	return nil
}

// forgetAll has everything that administrators lent thrown away.
func (g *granting) forgetAll(ctx context.Context) {
	for _, id := range g.lent {
		g.admin = id
		g.forget(ctx)
	}
}

// set shows the difference and, once it is confirmed, has it made up.
func (g *granting) set(ctx context.Context, c *call, v connect.View) error {
	if err := g.visit(ctx, v, connect.Wanted{Administrator: true, For: connect.ForGrants}); err != nil {
		return err
	}
	g.asked.DryRun = true
	var out grants.Outcome
	if err := g.server.call(ctx, "POST", grantsOf(v)+"/apply", nil, g.asked, &out); err != nil {
		return err
	}
	if c.dry {
		return c.print(out, grantDifference(out.Changes))
	}
	g.say("\n%s", grantDifference(out.Changes))
	if len(out.Changes) > 0 {
		if err := c.confirm(effect{says: "This changes what the app is granted in Entra.", name: c.args[0]}); err != nil {
			return err
		}
	}
	g.asked.DryRun = false
	var done grants.Outcome
	if err := g.server.call(ctx, "POST", grantsOf(v)+"/apply", nil, g.asked, &done); err != nil {
		return err
	}
	return c.print(done, settled(done))
}
