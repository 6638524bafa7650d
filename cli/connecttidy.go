package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
)

// tidy removes secrets that a rotation left behind.
func (p Program) tidy() *command {
	g := &connecting{p: p}
	return &command{
		names: connectionNames,
		use:   "tidy TENANT REGISTRATION",
		short: "Remove secrets in Entra that a rotation left behind",
		long: `Tidy has an administrator sign in once and lists the secrets of the app that a
rotation made ("graphwarden" and a date) and that no file of this configuration
holds: another replaced it, or the rotation was cut off. Besides, it lists the
secret or certificate that a rotation replaced and left to the other processes of
a cluster: remove it when every machine has the new one. It asks before it removes
them; another Graphwarden that uses the same app may hold them.`,
		examples:  []string{"graphwarden connect tidy contoso calendar", "graphwarden connect tidy contoso calendar --dry-run"},
		args:      cobra.ExactArgs(2),
		config:    ofServer,
		prints:    connect.Unuseds{},
		takes:     "the registration's name",
		rehearses: true,
		flags: func(f *pflag.FlagSet) {
			g.person(f, true)
			g.app(f)
		},
		run: func(c *call) error {
			g.take(c)
			return c.desk(func(ctx context.Context, s *client) error {
				g.server = s
				return g.tidy(ctx, c)
			})
		},
	}
}

func (g *connecting) tidy(ctx context.Context, c *call) error {
	path := "/v1/connections/" + c.args[0] + "/" + c.args[1]
	if err := g.server.get(ctx, path, nil, &g.view); err != nil {
		return err
	}
	defer g.forget(ctx)
	if err := g.signIn(ctx, path, connect.Wanted{Administrator: true, Device: g.device, ClientID: g.adminClient}); err != nil {
		return err
	}
	var out connect.Unuseds
	if err := g.server.call(ctx, "POST", path+"/tidy", nil, connect.Tidying{Administrator: g.admin}, &out); err != nil {
		return err
	}
	wanted := connect.Tidying{Administrator: g.admin, By: g.p.who()}
	for _, u := range out.Unused {
		wanted.Remove = append(wanted.Remove, u.ID)
		what := ""
		if u.Replaced {
			what = ", replaced by a rotation: every machine must have the new one first"
		}
		g.say("%s  %s, ends %s%s", u.ID, u.Name, u.End.Format(time.DateOnly), what)
	}
	if c.dry {
		return c.print(out, "It would remove "+counted(len(out.Unused), "unused secret", "unused secrets")+".\n")
	}
	if len(wanted.Remove) > 0 {
		if err := c.confirm(effect{says: "This removes them from the app in Entra.", name: c.args[1]}); err != nil {
			return err
		}
		if err := g.server.call(ctx, "POST", path+"/tidy", nil, wanted, &out); err != nil {
			return err
		}
	}
	return c.print(out, counted(out.Removed, "unused secret", "unused secrets")+" removed.\n")
}

// tellUnused says which secrets a rotation left behind, where somebody can see it.
func (g *connecting) tellUnused(ctx context.Context, path string) {
	var out connect.Unuseds
	if g.view.Credential != "secret" || g.server.call(ctx, "POST", path+"/unused", nil, api.Proof{Administrator: g.admin}, &out) != nil || len(out.Unused) == 0 {
		return // what is not known is not told
	}
	g.say("%s in no file here: replaced by another, or left by a rotation that was cut off. Where nothing else uses what is left over, remove it: graphwarden connect tidy %s %s",
		counted(len(out.Unused), "secret that a rotation made for the app is", "secrets that rotations made for the app are"), g.view.Tenant, g.view.Registration)
}
