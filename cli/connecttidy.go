package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
)

// tidy removes secrets that a rotation left behind.
func (p Program) tidy() *cobra.Command {
	g := &connecting{p: p}
	var sure bool
	c := &cobra.Command{
		Use:   "tidy TENANT REGISTRATION",
		Short: "Remove secrets in Entra that a rotation left behind",
		Long: `Tidy has an administrator sign in once and lists the secrets of the app that a
rotation made ("graphwarden" and a date) and that no file of this configuration
holds: a rotation was cut off right after Entra had made one. It asks before it
removes them; another Graphwarden that uses the same app may hold them.`,
		Example: "  graphwarden connect tidy contoso calendar\n  graphwarden connect tidy contoso calendar --config graphwarden.yaml",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return p.atDesk(c.Context(), g.config, func(ctx context.Context, s *client) error {
				g.server = s
				return g.tidy(ctx, "/v1/connections/"+args[0]+"/"+args[1], args[1], sure)
			})
		},
	}
	p.ask(c, &g.config, &g.asJSON)
	f := c.Flags()
	f.BoolVar(&sure, "yes", false, "do not ask")
	f.StringVar(&g.adminClient, "administrator-client", "", "the client `id` of a public app that the administrator signs in to; default is Microsoft Graph Command Line Tools")
	f.BoolVar(&g.device, "device", true, "the administrator signs in by a code on another device")
	f.IntVar(&g.port, "redirect-port", 0, "the `port` of this machine that the browser comes back to; 0 is any")
	f.DurationVar(&g.wait, "wait", 15*time.Minute, "how long to wait for people")
	return c
}

func (g *connecting) tidy(ctx context.Context, path, registration string, sure bool) error {
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
		g.say("%s  %s, ends %s", u.ID, u.Name, u.End.Format(time.DateOnly))
	}
	if len(wanted.Remove) > 0 && !sure {
		fmt.Fprintf(g.p.Stderr, "This removes these secrets from the app in Entra. Type the registration's name to go on: ")
		line, _ := bufio.NewReader(g.p.Stdin).ReadString('\n') // nothing typed is a no
		if strings.TrimSpace(line) != registration {
			return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.unconfirmed",
				Say: "Nothing was removed, because the registration's name was not typed.", Do: "Type it, or say --yes."}
		}
	}
	if len(wanted.Remove) > 0 {
		if err := g.server.call(ctx, "POST", path+"/tidy", nil, wanted, &out); err != nil {
			return err
		}
	}
	if g.asJSON {
		return printJSON(g.p.Stdout, out)
	}
	_, err := fmt.Fprintf(g.p.Stdout, "%d unused secrets removed.\n", out.Removed)
	return err
}

// tellUnused says which secrets a rotation left behind, where somebody can see it.
func (g *connecting) tellUnused(ctx context.Context, path string) {
	var out connect.Unuseds
	if g.view.Credential != "secret" || g.server.call(ctx, "POST", path+"/unused", nil, api.Proof{Administrator: g.admin}, &out) != nil || len(out.Unused) == 0 {
		return // what is not known is not told
	}
	g.say("%d secrets of the app are in no file here; a rotation that was cut off left them. To remove them: graphwarden connect tidy %s %s", len(out.Unused), g.view.Tenant, g.view.Registration)
}
