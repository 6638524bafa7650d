package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
)

// people is about those who sign in so that apps may work in their names.
func (p Program) people() *command {
	return &command{
		use:      "people",
		short:    "See who has signed in for apps, send somebody a link, end a sign-in",
		long:     `People sign in through a registration with people, each for themselves; docs/connecting.md explains it.`,
		examples: []string{"graphwarden connect people list", "graphwarden connect people link contoso people --app crm"},
		under:    []*command{p.peopleList(), p.peopleLink(), p.peopleRevoke()},
	}
}

func (p Program) peopleList() *command {
	var app string
	return &command{
		names: connectionNames,
		use:   "list [TENANT [REGISTRATION]]",
		short: "List who has signed in, for which app, and what that opens",
		long: `List shows everybody who signed in, the app that took them and its flows that their
consent opens. "lost" means that Microsoft refuses their sign-in: they must sign in
again.`,
		examples: []string{"graphwarden connect people list", "graphwarden connect people list contoso people --app crm --json"},
		args:     cobra.RangeArgs(0, 2),
		config:   ofServer,
		prints:   []connect.PersonView{},
		flags:    func(f *pflag.FlagSet) { f.StringVar(&app, "app", "", "only those of this `app`") },
		run: func(c *call) error {
			query := map[string]string{"app": app}
			for i, name := range []string{"tenant", "registration"} {
				if i < len(c.args) {
					query[name] = c.args[i]
				}
			}
			return c.desk(func(ctx context.Context, s *client) error {
				list := []connect.PersonView{}
				t := &table{head: []string{"STATE", "NAME", "APP", "TENANT", "REGISTRATION", "SIGNED IN", "FLOWS", "ID"}}
				err := everything(ctx, s, "/v1/people", query, func(v connect.PersonView) error {
					list = append(list, v)
					t.add(v.State, v.Name, v.App, v.Tenant, v.Registration, v.SignedInAt.Format(time.RFC3339), strings.Join(v.Flows, " "), v.Account)
					return nil
				})
				if err != nil {
					return err
				}
				return c.show(list, t)
			})
		},
	}
}

func (p Program) peopleLink() *command {
	in := api.Inviting{By: p.who()}
	return &command{
		names: connectionNames,
		use:   "link TENANT REGISTRATION",
		short: "Make a link at which somebody signs in for an app",
		long: `Link begins a sign-in and prints its link, which is good for 15 minutes and one
answer. Send it to the one person whom it is for: who follows it is taken for the
app at once. With --account only that person is taken.`,
		examples: []string{"graphwarden connect people link contoso people --app crm",
			"graphwarden connect people link contoso people --app crm --flow crm-calendars --hint anna@contoso.com --json"},
		args:   cobra.ExactArgs(2),
		config: ofServer,
		prints: connect.Invited{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&in.App, "app", "", "the `app` that they sign in for")
			f.StringSliceVar(&in.Flows, "flow", nil, "a `flow` of the app that they are asked for; default is all")
			f.StringVar(&in.Hint, "hint", "", "the `name` to offer at the sign-in page")
			f.StringVar(&in.Account, "account", "", "the object `id` of the only person who may answer")
		},
		changes: func(c *call) (effect, error) {
			if err := c.declares(c.args); err != nil {
				return effect{}, err
			}
			if in.App == "" {
				return effect{}, usage(fmt.Errorf("--app is missing"))
			}
			return effect{says: "This makes a link at which somebody signs in for the app " + in.App + "."}, c.rehearse(func(ctx context.Context, s *client) error {
				asked := in
				asked.Tenant, asked.Registration, asked.DryRun = c.args[0], c.args[1], true
				return s.call(ctx, "POST", "/v1/people/invite", nil, asked, nil)
			})
		},
		run: func(c *call) error {
			in.Tenant, in.Registration = c.args[0], c.args[1]
			return c.desk(func(ctx context.Context, s *client) error {
				var out connect.Invited
				if err := s.call(ctx, "POST", "/v1/people/invite", nil, in, &out); err != nil {
					return err
				}
				return c.print(out, fmt.Sprintf("Send this link to the person. It is good until %s.\n%s\n", out.Until.Local().Format("15:04"), out.Link))
			})
		},
	}
}

func (p Program) peopleRevoke() *command {
	var app string
	return &command{
		names: connectionNames,
		use:   "revoke TENANT REGISTRATION ID",
		short: "End the sign-in of a person, by object id",
		long: `Revoke takes the mailbox of a person out of the flows of an app, or of all apps, and
deletes what is stored of it, of which the app is told. The person's tokens are
deleted once no app works by them. They may sign in again.`,
		examples: []string{"graphwarden connect people revoke contoso people 00000000-0000-0000-0000-000000000001 --app crm --yes",
			"graphwarden connect people revoke contoso people 00000000-0000-0000-0000-000000000001 --dry-run"},
		args:   cobra.ExactArgs(3),
		config: ofServer,
		prints: api.Left{},
		takes:  "the person's object id",
		flags:  func(f *pflag.FlagSet) { f.StringVar(&app, "app", "", "only for this `app`") },
		changes: func(c *call) (effect, error) {
			if err := c.declares(c.args[:2]); err != nil {
				return effect{}, err
			}
			return effect{says: "This ends the sign-in of " + c.args[2] + " and deletes what is stored of that mailbox.", name: c.args[2]}, c.rehearse(personOf(c.args, app))
		},
		run: func(c *call) error {
			return c.desk(func(ctx context.Context, s *client) error {
				var out api.Left
				if err := s.call(ctx, "POST", "/v1/people/"+strings.Join(c.args, "/")+"/revoke", nil, api.Leaving{App: app, By: p.who()}, &out); err != nil {
					return err
				}
				return c.print(out, fmt.Sprintf("%s is signed out.\n", out.Account))
			})
		},
	}
}
