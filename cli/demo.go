package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/demo"
)

// fewest is the smallest company of the demo: each of its two apps has a mailbox.
const fewest = 2

// fewestCalled is how many people the stories of blueprints are about.
const fewestCalled = 4

// demo tells the story of Graphwarden.
func (p Program) demo() *command {
	o := demo.Options{Out: p.Stdout, Terminal: p.colourful(p.Stdout)}
	return &command{
		names: storyNames,
		use:   "demo [STORY]",
		until: true,
		short: "Watch it work, with a simulated Microsoft 365 tenant",
		long: `Demo starts a simulated Microsoft 365 tenant in a process of its own, connects
two apps to it, brings every calendar into step, and then lets people change
their calendars. It needs no account and no network, and leaves nothing behind.

Of each blueprint it tells the story, with the blueprint's own configuration: demo
presence is of a switchboard that knows who is available, demo crm of a CRM whose
users connect their own calendars.`,
		examples: []string{"graphwarden demo", "graphwarden demo calendars --once --users 5", "graphwarden demo --once --users 50", "graphwarden demo --ics ~/calendars", "graphwarden demo presence", "graphwarden demo crm --once"},
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&o.Once, "once", false, "tell the story and end")
			f.IntVar(&o.Users, "users", 25, "people in the simulated company")
			f.Uint64Var(&o.Seed, "seed", 1, "what the company is generated from")
			f.StringVar(&o.Calendars, "ics", "", "a `folder` of .ics files, also in folders below, to tell the story with")
			f.StringVar(&o.Received, "received", "", "a `file` for every delivery that the app took, a line each")
			f.StringVar(&o.Record, "record", "", "a `file` for every answer of the simulator, a line each")
		},
		args: cobra.MaximumNArgs(1),
		run: func(c *call) error {
			if len(c.args) == 1 {
				o.Story = c.args[0]
				var names []string
				for _, s := range demo.Stories() {
					names = append(names, s.Name)
				}
				if !slices.Contains(names, o.Story) {
					return usage(fmt.Errorf("there is no story %q; there are %s", o.Story, strings.Join(names, ", ")))
				}
			}
			if o.Story != "" && o.Story != demo.Stories()[0].Name && o.Users < fewestCalled {
				return usage(fmt.Errorf("--users is %d, and the story needs %d people", o.Users, fewestCalled))
			}
			if o.Users < fewest || o.Users > most {
				return usage(fmt.Errorf("--users is %d, not between %d and %d", o.Users, fewest, most))
			}
			var err error
			if o.Executable, err = os.Executable(); err != nil {
				return fmt.Errorf("finding the program itself: %w", err)
			}
			return demo.Run(c.ctx, o)
		},
	}
}
