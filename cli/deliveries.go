package cli

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/api"
)

// deliveries looks at what could not be delivered, and has it told again.
func (p Program) deliveries() *command {
	var sink string
	var failed, dead bool
	return &command{
		use:   "deliveries [ID]",
		short: "Show what could not be delivered, and tell it again",
		long: `Deliveries asks the running server how its sinks are doing, and which deliveries
failed: those that are tried again (--failed) and those that were given up
(--dead). With the id of a delivery, as receivers see it in webhook-id, it shows
what became of it at each sink, and the last attempts of what failed.
docs/deliveries.md explains all of it.`,
		examples: []string{"graphwarden deliveries", "graphwarden deliveries --dead --sink office", "graphwarden deliveries msg_5d1c0e9b7a3f2468_42"},
		args:     cobra.MaximumNArgs(1),
		config:   ofServer,
		prints:   []api.Sink{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&sink, "sink", "", "only those of a `sink`")
			f.BoolVar(&failed, "failed", false, "list the deliveries that failed and are tried again")
			f.BoolVar(&dead, "dead", false, "list the deliveries that were given up")
		},
		run: func(c *call) error {
			if failed && dead {
				return usage(errors.New("--failed and --dead do not go together"))
			}
			server, err := c.server()
			if err != nil {
				return err
			}
			switch {
			case len(c.args) == 1:
				return c.showDelivery(server, c.args[0])
			case failed || dead:
				return c.showFailed(server, sink, dead)
			}
			return c.showSinks(server, sink)
		},
		under: []*command{p.replayDeliveries(), p.listReplays(), p.stopReplay(), p.enableSink()},
	}
}

func (c *call) showSinks(server *client, only string) error {
	list, err := gather[api.Sink](c.ctx, server, "/v1/sinks", map[string]string{"sink": only})
	if err != nil {
		return err
	}
	if c.json {
		return printJSON(c.Stdout, list)
	}
	t := table{head: []string{"SINK", "TYPE", "STATE", "PENDING", "OLDEST", "FAILING", "DEAD", "LAST TAKEN", "REASON"}}
	for _, s := range list {
		reason := s.Disabled
		if reason == "" && s.State == "failing" {
			reason = s.Reason
		}
		t.add(s.Name, s.Type, s.State, fmt.Sprint(s.Pending), at(s.OldestAt), fmt.Sprint(s.Failing), fmt.Sprint(s.Dead), at(s.TakenAt), reason)
	}
	return t.print(c.Stdout)
}

func (c *call) showFailed(server *client, sink string, dead bool) error {
	list := []api.Delivery{}
	state := "failing"
	if dead {
		state = "dead"
	}
	err := everything(c.ctx, server, "/v1/deliveries", map[string]string{"sink": sink, "state": state, "limit": "1000"}, func(d api.Delivery) error {
		list = append(list, d)
		return nil
	})
	if err != nil {
		return err
	}
	if c.json {
		return printJSON(c.Stdout, list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(c.Stdout, "There is no %s delivery.\n", state)
		return err
	}
	t := table{head: []string{"ID", "SINK", "KIND", "MAILBOX", "STATE", "ATTEMPTS", "NEXT", "REASON"}}
	for _, d := range list {
		t.add(d.ID, d.Sink, d.Kind, d.Mailbox, d.State, fmt.Sprint(d.Attempts), at(d.NextAt), d.Reason)
	}
	return t.print(c.Stdout)
}

func (c *call) showDelivery(server *client, id string) error {
	var found api.Page[api.Delivery]
	if err := server.get(c.ctx, "/v1/deliveries/"+url.PathEscape(id), nil, &found); err != nil {
		return err
	}
	if c.json {
		return printJSON(c.Stdout, found.Items)
	}
	for _, d := range found.Items {
		fmt.Fprintf(c.Stdout, "%s of %s, %s of %s\n", d.ID, d.Sink, d.Kind, d.Mailbox)
		fmt.Fprintf(c.Stdout, "  item     %s\n  stored   %s\n  state    %s\n", d.Item, d.StoredAt.Format(time.RFC3339), became(d.State))
		if d.State == "passed" || d.State == "pending" {
			continue
		}
		fmt.Fprintf(c.Stdout, "  attempts %d\n", d.Attempts)
		if d.State == "failing" {
			fmt.Fprintf(c.Stdout, "  next     %s\n", at(d.NextAt))
		}
		t := table{head: []string{"  NTH", "AT", "TOOK", "STATUS", "REASON"}}
		for _, x := range d.Last {
			t.add(fmt.Sprintf("  %d", x.Nth), at(&x.At), fmt.Sprintf("%.3fs", x.Took), fmt.Sprint(x.Status), x.Reason)
		}
		if err := t.print(c.Stdout); err != nil {
			return err
		}
	}
	return nil
}

// became says what became of a delivery.
func became(state string) string {
	switch state {
	case "passed":
		return "taken, or left out by the sink's filter"
	case "pending":
		return "not tried yet"
	case "disabled":
		return "not tried: the sink is disabled until graphwarden deliveries enable"
	case "waiting":
		return "waiting for an earlier change of its item"
	case "dead":
		return "dead: it was given up"
	}
	return state
}

// at writes a time for people.
func at(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// Done is what a changing command prints with --json that has nothing else to
// tell.
type Done struct {
	Done string `json:"done"`
}

// enableSink has a sink go on that its receiver's 410 disabled.
func (p Program) enableSink() *command {
	return &command{
		names: sinkNames,
		use:   "enable SINK",
		short: "Have a disabled sink go on where it stopped",
		long: `A receiver that answers 410 wants nothing any more, and its sink is disabled until
this command or a new URL enables it. It goes on where it stopped. Where a sink is
not disabled, what failed there is tried again at once.`,
		examples: []string{"graphwarden deliveries enable office", "graphwarden deliveries enable office --dry-run"},
		args:     cobra.ExactArgs(1),
		config:   ofServer,
		prints:   Done{},
		changes: func(c *call) (effect, error) {
			return effect{says: fmt.Sprintf("This has the sink %s go on where it stopped.", c.args[0])}, c.rehearse(sinkOf(c.args[0]))
		},
		run: func(c *call) error {
			server, err := c.server()
			if err != nil {
				return err
			}
			before, err := gather[api.Sink](c.ctx, server, "/v1/sinks", nil)
			if err != nil {
				return err
			}
			if err := server.call(c.ctx, "POST", "/v1/sinks/enable", nil, map[string]string{"sink": c.args[0]}, nil); err != nil {
				return err
			}
			text := c.args[0] + " goes on where it stopped."
			if !slices.ContainsFunc(before, func(s api.Sink) bool { return s.Name == c.args[0] && s.State == "disabled" }) {
				text = c.args[0] + " was not disabled; what failed there is tried again now."
			}
			return c.print(Done{text}, text+"\n")
		},
	}
}
