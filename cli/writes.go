package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/api"
)

// writes shows what apps have written into Microsoft 365.
func (p Program) writes() *command {
	var state, app string
	return &command{
		use:   "writes",
		short: "Show what apps have written, what is uncertain first",
		long: `Writes asks the running server for the writes of apps: what each was, what came of
it and, if it was not made, why. Those that are uncertain stand first: nobody can
say whether they took effect, and they are not repeated. Look in Microsoft 365, and have
the app send what is still wanted with a new idempotency key. docs/writing.md
explains the states.`,
		examples: []string{"graphwarden writes", "graphwarden writes --state uncertain --json", "graphwarden writes --app crm"},
		config:   ofServer,
		prints:   []api.Write{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&state, "state", "", "only those in a `state`: open, done, refused, lost or uncertain")
			f.StringVar(&app, "app", "", "only those of an `app`")
		},
		run: func(c *call) error {
			server, err := c.server()
			if err != nil {
				return err
			}
			list, err := gather[api.Write](c.ctx, server, "/v1/writes", map[string]string{"state": state, "app": app, "limit": "1000"})
			if err != nil {
				return err
			}
			slices.SortStableFunc(list, func(a, b api.Write) int { return urgency(a.State) - urgency(b.State) })
			if c.json {
				return printJSON(p.Stdout, list)
			}
			return p.printWrites(list, state, app)
		},
	}
}

// urgency puts first what somebody should look at.
func urgency(state string) int {
	switch state {
	case "uncertain":
		return 0
	case "open":
		return 1
	}
	return 2
}

// noWrites says that there are none, of those that were asked for.
func noWrites(state, app string) string {
	switch {
	case state != "" && app != "":
		return fmt.Sprintf("No write of the app %s is %s.", app, state)
	case state != "":
		return fmt.Sprintf("No write is %s.", state)
	case app != "":
		return fmt.Sprintf("The app %s has written nothing in the last days.", app)
	}
	return "No app has written anything in the last days."
}

func (p Program) printWrites(list []api.Write, state, app string) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.Stdout, noWrites(state, app))
		return err
	}
	t := table{head: []string{"WRITE", "STATE", "KIND", "APP", "MAILBOX", "REFERENCE", "ASKED", "TRIES", "WHY"}}
	for _, w := range list {
		reason := ""
		if w.Refusal != nil {
			reason = w.Refusal.Detail + " (" + w.Refusal.Code + ")"
		}
		t.add(w.ID, w.State, w.Kind, w.App, w.Mailbox, w.Reference, w.MadeAt.UTC().Format("2006-01-02 15:04:05Z"), fmt.Sprint(w.Attempts), reason)
	}
	return t.print(p.Stdout)
}
