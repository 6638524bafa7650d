package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/connect"
)

// revoke ends connections.
func (p Program) revoke() *command {
	return &command{
		names: connectionNames,
		use:   "revoke TENANT [REGISTRATION]",
		short: "End a connection at once: its tokens are deleted",
		long: `Revoke deletes the tokens of a registration, or of all registrations of a tenant,
and refuses their calls until somebody runs graphwarden connect. Every process
of the cluster heeds it within a second; the ledger says who did it. What
Microsoft was shown before ends at Microsoft: disable the enterprise
application there, or remove its credential.`,
		examples: []string{"graphwarden connect revoke contoso calendar --yes", "graphwarden connect revoke contoso --dry-run"},
		args:     cobra.RangeArgs(1, 2),
		config:   ofServer,
		prints:   api.Revoked{},
		takes:    "the name of what is revoked",
		changes: func(c *call) (effect, error) {
			name := strings.Join(c.args, "/")
			if err := c.declares(c.args); err != nil {
				return effect{}, err
			}
			return effect{says: "This deletes the tokens of " + name + " and refuses its calls until somebody connects it again.", name: name}, nil
		},
		run: func(c *call) error {
			name := strings.Join(c.args, "/")
			return c.desk(func(ctx context.Context, s *client) error {
				var out api.Revoked
				if err := s.call(ctx, "POST", "/v1/connections/"+name+"/revoke", nil, api.By{By: p.who()}, &out); err != nil {
					return err
				}
				return c.print(out, fmt.Sprintf("Revoked %s: %s deleted. To end what Microsoft was shown already, disable the enterprise application in Entra.\n", name, counted(out.Tokens, "token", "tokens")))
			})
		},
	}
}

// declares says whether a configuration has a tenant and, where named, its
// registration.
func (c *call) declares(names []string) error {
	loaded, err := c.load(c.config)
	if err != nil {
		return err
	}
	t := loaded.Tenants[names[0]]
	if t != nil && (len(names) == 1 || t.Registrations[names[1]] != nil) {
		return nil
	}
	return unknownConnection(loaded, names[0], strings.Join(names[1:], " "))
}

// unknownConnection refuses what a configuration does not declare.
func unknownConnection(loaded *assemble.Config, tenant, registration string) error {
	declared := map[string][]string{}
	for name, t := range loaded.Tenants {
		declared[name] = slices.Collect(maps.Keys(t.Registrations))
	}
	return connect.Unknown(declared, tenant, registration)
}

// rotate replaces a credential.
func (p Program) rotate() *command {
	g := &connecting{p: p}
	var fresh, content string
	return &command{
		names: connectionNames,
		use:   "rotate TENANT REGISTRATION",
		until: true,
		short: "Replace a secret or certificate by a new one, without a pause",
		long: `Rotate puts a new credential of the same kind beside the old one, signs in with
it, switches the file that the configuration names, and only then ends the old
one. A running server uses the new one without a restart. While other processes
work on the same database, the old one is not ended: copy the file to each machine
that has its own, then run graphwarden connect tidy. The new one is made
by an administrator who signs in for this once, or by a person beforehand and
named with --new. After a crash, or while Microsoft does not know the new one
yet, the same command goes on; the old one works until the new one does. Another
one named with --new takes the place of one that was not proved.`,
		examples: []string{"graphwarden connect rotate contoso calendar", "graphwarden connect rotate contoso calendar --new new.secret"},
		args:     cobra.ExactArgs(2),
		config:   ofServer,
		prints:   connect.Rotated{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&fresh, "new", "", "a `file` with the new secret, or certificate and key, that a person made; - is the standard input")
			g.person(f, true)
			g.app(f)
		},
		changes: func(c *call) (e effect, err error) {
			e.says = "This replaces the credential of " + strings.Join(c.args, "/") + " by a new one, and ends the old one once the new one works, unless other processes work on the database."
			if err := c.declares(c.args); err != nil {
				return e, err
			}
			if content, err = p.content(fresh); err != nil {
				return e, err
			}
			return e, c.rehearse(func(ctx context.Context, s *client) error {
				asked := connect.Rotation{New: content, By: p.who(), DryRun: true}
				return s.call(ctx, "POST", "/v1/connections/"+c.args[0]+"/"+c.args[1]+"/rotate", nil, asked, nil)
			})
		},
		run: func(c *call) error {
			g.take(c)
			return c.desk(func(ctx context.Context, s *client) error {
				g.server = s
				c.tellStale(ctx, s, c.args[0], c.args[1])
				return g.rotate(ctx, c.args[0], c.args[1], content, g.adminClient)
			})
		},
	}
}

// rotate asks the server to go on until the rotation is through.
func (g *connecting) rotate(ctx context.Context, tenant, registration, content, app string) error {
	path := "/v1/connections/" + tenant + "/" + registration
	if err := g.server.get(ctx, path, nil, &g.view); err != nil {
		return err
	}
	if g.view.Public {
		return connect.NothingToRotate(tenant + "/" + registration)
	}
	if content == "" {
		defer g.forget(ctx)
		if err := g.signIn(ctx, path, connect.Wanted{Administrator: true, Device: g.device, ClientID: app}); err != nil {
			return err
		}
	}
	begun, said := time.Now(), map[string]bool{"": true}
	for {
		var out connect.Rotated
		err := g.server.call(ctx, "POST", path+"/rotate", nil, connect.Rotation{Administrator: g.admin, New: content, By: g.p.who()}, &out)
		for _, one := range []string{out.Replaced, out.Hint} {
			if !said[one] {
				g.say("%s", one)
			}
			said[one] = true
		}
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
				Say: "Entra does not take the new credential yet; the old one is still in use. " + out.Why, Do: "Run the same command again: it goes on with the same credential, or with another that --new names."}
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

// content reads a secret that a person made, from a file or the standard input.
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
		return "", usage(fmt.Errorf("reading the secret: %w", err))
	}
	return strings.TrimSpace(string(raw)), nil
}
