package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
)

// revoke ends connections.
func (p Program) revoke() *cobra.Command {
	var config string
	var asJSON bool
	c := &cobra.Command{
		Use:   "revoke TENANT [REGISTRATION]",
		Short: "End a connection at once: its tokens are deleted",
		Long: `Revoke deletes the tokens of a registration, or of all registrations of a tenant,
and refuses their calls until somebody runs graphwarden connect. Every process
of the cluster heeds it within a second; the ledger says who did it. What
Microsoft was shown before ends at Microsoft: disable the enterprise
application there, or remove its credential.`,
		Example: "  graphwarden connect revoke contoso calendar\n  graphwarden connect revoke contoso",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			return p.atDesk(c.Context(), config, func(ctx context.Context, s *client) error {
				var out api.Revoked
				if err := s.call(ctx, "POST", "/v1/connections/"+strings.Join(args, "/")+"/revoke", nil, api.By{By: p.who()}, &out); err != nil {
					return err
				}
				if asJSON {
					return printJSON(p.Stdout, out)
				}
				_, err := fmt.Fprintf(p.Stdout, "Revoked %s: %d tokens deleted. To end what Microsoft was shown already, disable the enterprise application in Entra.\n", strings.Join(args, "/"), out.Tokens)
				return err
			})
		},
	}
	p.ask(c, &config, &asJSON)
	return c
}

// rotate replaces a credential.
func (p Program) rotate() *cobra.Command {
	g := &connecting{p: p}
	var fresh, app string
	c := &cobra.Command{
		Use:   "rotate TENANT REGISTRATION",
		Short: "Replace a secret or certificate by a new one, without a pause",
		Long: `Rotate puts a new credential of the same kind beside the old one, signs in with
it, switches the file that the configuration names, and only then ends the old
one. A running server uses the new one without a restart. The new one is made
by an administrator who signs in for this once, or by a person beforehand and
named with --new. After a crash, or while Microsoft does not know the new one
yet, the same command goes on; the old one works until the new one does.`,
		Example: "  graphwarden connect rotate contoso calendar\n  graphwarden connect rotate contoso calendar --new new.secret",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			content, err := p.content(fresh)
			if err != nil {
				return err
			}
			return p.atDesk(c.Context(), g.config, func(ctx context.Context, s *client) error {
				g.server = s
				return g.rotate(ctx, args[0], args[1], content, app)
			})
		},
	}
	p.ask(c, &g.config, &g.asJSON)
	f := c.Flags()
	f.StringVar(&fresh, "new", "", "a `file` with the new secret, or certificate and key, that a person made; - is the standard input")
	f.StringVar(&app, "administrator-client", "", "the client `id` of a public app that the administrator signs in to; default is Microsoft Graph Command Line Tools")
	f.BoolVar(&g.device, "device", true, "the administrator signs in by a code on another device")
	f.IntVar(&g.port, "redirect-port", 0, "the `port` of this machine that the browser comes back to; 0 is any")
	f.DurationVar(&g.wait, "wait", 15*time.Minute, "how long to wait for people and for Microsoft")
	f.BoolVar(&g.noInput, "no-input", false, "wait for nobody")
	return c
}

// rotate asks the server to go on until the rotation is through.
func (g *connecting) rotate(ctx context.Context, tenant, registration, content, app string) error {
	path := "/v1/connections/" + tenant + "/" + registration
	if err := g.server.get(ctx, path, nil, &g.view); err != nil {
		return err
	}
	if content == "" {
		defer g.forget(ctx)
		if err := g.signIn(ctx, path, connect.Wanted{Administrator: true, Device: g.device, ClientID: app}); err != nil {
			return err
		}
	}
	begun := time.Now()
	for {
		var out connect.Rotated
		err := g.server.call(ctx, "POST", path+"/rotate", nil, connect.Rotation{Administrator: g.admin, New: content, By: g.p.who()}, &out)
		switch {
		case err != nil:
			return err
		case !out.Pending && g.asJSON:
			return printJSON(g.p.Stdout, out)
		case !out.Pending:
			_, err := fmt.Fprintln(g.p.Stdout, strings.TrimSpace("The new credential is in use. "+out.Left))
			return err
		case time.Since(begun) > g.wait:
			return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "cli.rotation_waits",
				Say: "Entra does not take the new credential yet; the old one is still in use. " + out.Why, Do: "Run the same command again: it goes on with the same credential."}
		}
		g.say("  %s so far: waiting for Entra to know the new credential. Ctrl-C leaves, the same command goes on.", span(time.Since(begun)))
		timer := time.NewTimer(5 * time.Second)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// content reads a credential that a person made.
func (p Program) content(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	var raw []byte
	var err error
	if file == "-" {
		raw, err = io.ReadAll(io.LimitReader(p.Stdin, 1<<20))
	} else {
		raw, err = os.ReadFile(file)
	}
	if err == nil && strings.TrimSpace(string(raw)) == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", usage(fmt.Errorf("reading the new credential: %w", err))
	}
	return strings.TrimSpace(string(raw)), nil
}
