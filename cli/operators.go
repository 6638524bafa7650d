package cli

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
)

// operators shows the personal tokens of operators, and groups what is done with them.
func (p Program) operators() *command {
	return &command{
		use: "operators", short: "Show the personal tokens of operators, and look after them",
		long: `Operators shows who may ask the running server, and what for. Whoever can read the
file of the operator's token owns the installation; everybody else gets a personal
token with roles, so that the ledger names who did what.

To work with a personal token, keep it in a file of your own (mode 0600) and name that
in GRAPHWARDEN_OPERATOR_TOKEN_FILE.`,
		examples: []string{"graphwarden operators", "graphwarden operators --json"},
		config:   ofServer,
		prints:   []api.OperatorToken{},
		run: func(c *call) error {
			return c.desk(func(ctx context.Context, s *client) error {
				list, err := gather[api.OperatorToken](ctx, s, "/v1/operators", nil)
				if err != nil {
					return err
				}
				t := &table{head: []string{"ID", "OPERATOR", "STATE", "ROLES", "MADE BY", "EXPIRES", "LAST USED", "NOTE"}}
				for _, k := range list {
					t.add(k.ID, k.Operator, k.State, strings.Join(k.Roles, ", "), k.MadeBy, at(&k.ExpiresAt), at(k.UsedAt), k.Note)
				}
				return c.show(list, t)
			})
		},
		under: []*command{p.createOperator(), p.revokeOperator()},
	}
}

func (p Program) createOperator() *command {
	var expires, note string
	var roles []string
	return &command{
		use:   "create NAME",
		short: "Make a personal token for an operator, and show it this once",
		long: `Create makes a personal token and writes it, and nothing else, to the standard
output. NAME is how the ledger names whose it is. Roles are owner, operator, helpdesk,
auditor and reviewer, for all tenants, or for one: auditor@contoso. docs/operators.md
says what each may.`,
		examples: []string{"graphwarden operators create anna --role operator", "graphwarden operators create bert --role auditor@contoso --role helpdesk@contoso --expires 30d"},
		args:     cobra.ExactArgs(1),
		config:   ofServer,
		prints:   api.NewOperatorToken{},
		flags: func(f *pflag.FlagSet) {
			f.StringSliceVar(&roles, "role", nil, "a `role`, or role@tenant; may be said again")
			f.StringVar(&expires, "expires", "90d", "for how long it works, a year at most")
			f.StringVar(&note, "note", "", "a `word` that the list shows")
		},
		changes: func(c *call) (effect, error) {
			if _, err := wholeDays(expires); err != nil {
				return effect{}, err
			}
			for _, text := range roles {
				if _, good := graphwarden.ParsePost(text); !good {
					return effect{}, usage(fmt.Errorf("%q is no role: say owner, operator, helpdesk, auditor or reviewer, alone or as role@tenant", text))
				}
			}
			if len(roles) == 0 {
				return effect{}, usage(fmt.Errorf("a token without a role opens nothing: say --role"))
			}
			return effect{says: "This makes a token with which " + c.args[0] + " is " + strings.Join(roles, ", ") + "."}, nil
		},
		run: func(c *call) error {
			days, err := wholeDays(expires)
			if err != nil {
				return err
			}
			return c.desk(func(ctx context.Context, s *client) error {
				var made struct {
					api.OperatorToken
					Token string `json:"token"`
				}
				want := api.WantedToken{Operator: c.args[0], Roles: roles, ExpiresDays: days, Note: note, By: p.who()}
				if err := s.call(ctx, "POST", "/v1/operators", nil, want, &made); err != nil {
					return err
				}
				if !c.json {
					fmt.Fprintf(c.Stderr, "%s of %s (%s) works until %s. It is not shown again.\n", made.ID, made.Operator, strings.Join(made.Roles, ", "), at(&made.ExpiresAt))
				}
				return c.print(made, made.Token+"\n")
			})
		},
	}
}

func (p Program) revokeOperator() *command {
	return &command{
		use:   "revoke TOKEN",
		short: "End a personal token at once",
		long: `Revoke ends a token, which is named by its id. A second later it lets nobody in, and
streams that were opened with it are closed. It asks for the token's id, unless --yes
is said.`,
		examples: []string{"graphwarden operators revoke tok_4kq7z2xw", "graphwarden operators revoke tok_4kq7z2xw --yes"},
		args:     cobra.ExactArgs(1),
		config:   ofServer,
		prints:   api.OperatorToken{},
		takes:    "the id",
		changes: func(c *call) (effect, error) {
			return effect{says: "Whoever uses " + c.args[0] + " is let in no more.", name: c.args[0]}, c.rehearse(func(ctx context.Context, s *client) error {
				list, err := gather[api.OperatorToken](ctx, s, "/v1/operators", nil)
				if err == nil && !slices.ContainsFunc(list, func(k api.OperatorToken) bool { return k.ID == c.args[0] }) {
					err = &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "staff.unknown",
						Say: fmt.Sprintf("There is no operator's token %q.", c.args[0]), Do: "Name one by its id, as graphwarden operators shows it."}
				}
				return err
			})
		},
		run: func(c *call) error {
			return c.desk(func(ctx context.Context, s *client) error {
				var k api.OperatorToken
				if err := s.call(ctx, "POST", "/v1/operators/"+url.PathEscape(c.args[0])+"/revoke", nil, api.By{By: p.who()}, &k); err != nil {
					return err
				}
				return c.print(k, k.ID+" of "+k.Operator+" is revoked.\n")
			})
		},
	}
}
