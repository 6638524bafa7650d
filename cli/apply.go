package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
)

// apply has the running server take the configuration file.
func (p Program) apply() *command {
	var file string
	var made assemble.Plan
	var server *client
	return &command{
		use:   "apply",
		short: "Have the running server take a changed configuration",
		long: `Apply has the running server take its configuration file, without a pause: what is
under way is finished, and what is new begins. It shows the plan first. Where the
change takes something away (a flow ends, a mailbox leaves) the name of what goes
has to be typed, or --yes said. With --plan it takes only what that plan says: when
the file or what is in force have changed since, it is refused. What needs a restart
is said and stays as it is. The ledger says who applied what.`,
		examples: []string{"graphwarden apply --dry-run", "graphwarden apply --config graphwarden.yaml --yes", "graphwarden apply --plan change.plan --yes"},
		config:   ofServer,
		prints:   api.Taken{},
		takes:    "the name of what goes",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&file, "plan", "", "take only what this `file` of graphwarden plan --out says")
		},
		changes: func(c *call) (e effect, err error) {
			made, server, err = c.planned()
			if err != nil {
				return e, err
			}
			if err := fresh(file, made); err != nil {
				return e, err
			}
			if server == nil {
				return e, &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "cli.no_server",
					Say: "No server runs on this configuration.", Do: "Start it with graphwarden serve: it takes the file as it is. What would change, graphwarden plan says."}
			}
			e.says = strings.TrimSuffix(planText(made), "\n")
			switch goes := made.Takes(); {
			case len(goes) > 0:
				e.name = strings.Join(goes, " ")
			case !made.Empty():
				e.name = "yes"
			}
			return e, nil
		},
		run: func(c *call) error {
			var out api.Taken
			asked := api.Applying{From: made.From, To: made.To, By: c.who()}
			if err := server.call(c.ctx, "POST", "/v1/configuration", nil, asked, &out); err != nil {
				return err
			}
			text := "Nothing had to change.\n"
			if out.Changed {
				text = planText(made) + "The server has taken it.\n"
			}
			if len(out.Restart) > 0 {
				text += fmt.Sprintf("Not taken while the server runs: %s. Start it again.\n", strings.Join(out.Restart, ", "))
			}
			return c.print(out, text)
		},
	}
}

// fresh refuses a plan that is no longer what would happen.
func fresh(file string, now assemble.Plan) error {
	if file == "" {
		return nil
	}
	raw, err := os.ReadFile(file)
	var then assemble.Plan
	if err == nil {
		err = json.Unmarshal(raw, &then)
	}
	if err != nil {
		return usage(fmt.Errorf("reading the plan: %w", err))
	}
	if then.From != now.From || then.To != now.To {
		return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "config.stale",
			Say: "The plan is stale: the file, or what is in force, is another than when it was made.", Do: "Make it anew with graphwarden plan --out, and read it."}
	}
	return nil
}
