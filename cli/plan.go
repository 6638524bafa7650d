package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/store"
)

// errChanges ends a plan that has differences.
var errChanges = errors.New("there are differences")

// The exit codes of graphwarden plan.
const (
	exitNothing = 0
	exitWrong   = 1
	exitChanges = 2
)

// plan compares the configuration file with what is in force.
func (p Program) plan() *command {
	var out string
	return &command{
		use:   "plan",
		short: "Say what a changed configuration would change",
		long: `Plan compares the configuration file with what is in force: in the running server,
or, when none runs, with what was taken last. It says which flows begin, end and
change, which mailboxes join and leave, which permissions each registration gains
and loses, what needs a restart and whether the database's schema changes. It
changes nothing. It ends with 0 when there is nothing to do, with 2 when there is,
and with 1 when something is wrong.`,
		examples: []string{"graphwarden plan", "graphwarden plan --config graphwarden.yaml --out change.plan", "graphwarden plan --json"},
		config:   ofFile,
		prints:   assemble.Plan{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&out, "out", "", "also write the plan to this `file`, for graphwarden apply --plan")
		},
		run: func(c *call) error {
			made, _, err := c.planned()
			if err != nil {
				return err
			}
			if out != "" {
				text, err := json.MarshalIndent(made, "", "  ")
				if err == nil {
					err = os.WriteFile(out, append(text, '\n'), 0o600)
				}
				if err != nil {
					return usage(fmt.Errorf("writing the plan: %w", err))
				}
			}
			if err := c.print(made, planText(made)); err != nil || made.Empty() {
				return err
			}
			return errChanges
		},
		exit: func(err error) int {
			if errors.Is(err, errChanges) {
				return exitChanges
			}
			return exitWrong
		},
	}
}

// planned compares the file with what is in force; server is nil when none runs.
func (c *call) planned() (p assemble.Plan, server *client, err error) {
	loaded, err := c.load(c.config)
	if err != nil {
		return p, nil, err
	}
	after, err := loaded.Facts()
	if err != nil {
		return p, nil, err
	}
	before, server, err := c.inForce(loaded)
	if err != nil {
		return p, nil, err
	}
	p = assemble.Compare(before, after)
	p.Notes = loaded.Unfound(p)
	options, err := loaded.StoreOptions(assemble.Outside{})
	if err != nil {
		return p, server, err
	}
	if g, err := store.Look(c.ctx, options, false); err == nil && g.Version < g.Newest {
		p.Migration = fmt.Sprintf("the next graphwarden serve changes the database's schema from %d to %d; make a backup first", g.Version, g.Newest)
	}
	return p, server, nil
}

// inForce is what the running server has taken, or what was taken last.
func (c *call) inForce(loaded *assemble.Config) (facts assemble.Facts, server *client, err error) {
	var now api.InForce
	server, err = dialLoaded(loaded)
	if err == nil {
		err = server.get(c.ctx, "/v1/configuration", nil, &now)
	}
	var r *graphwarden.Refusal
	switch {
	case err == nil:
		return facts, server, json.Unmarshal(now.Facts, &facts)
	case !errors.As(err, &r) || r.Code != "cli.no_server" && r.Code != "cli.operate_off":
		return facts, nil, err
	}
	options, err := loaded.StoreOptions(assemble.Outside{})
	if err != nil {
		return facts, nil, err
	}
	last, err := assemble.LastApplied(c.ctx, options)
	return last, nil, err
}

// planText is a plan for people.
func planText(p assemble.Plan) string {
	if p.Empty() {
		return "Nothing would change.\n"
	}
	var b strings.Builder
	sign := map[string]string{"added": "+", "removed": "-", "changed": "~"}
	for _, d := range p.Differences {
		fmt.Fprintf(&b, "%s %s %s\n", sign[d.Change], d.What, d.Name)
		for _, how := range d.How {
			fmt.Fprintf(&b, "    %s\n", how)
		}
		if d.Takes != "" {
			fmt.Fprintf(&b, "  ! %s\n", d.Takes)
		}
		if d.Restart {
			b.WriteString("  ! it is not taken while the server runs: start it again\n")
		}
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&b, "! %s\n", note)
	}
	if p.Migration != "" {
		fmt.Fprintf(&b, "! %s\n", p.Migration)
	}
	return b.String()
}
