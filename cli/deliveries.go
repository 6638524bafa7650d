package cli

import (
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden/api"
)

// deliveries looks at what could not be delivered, and has it told again.
func (p Program) deliveries() *cobra.Command {
	var config, sink string
	var asJSON, failed, dead bool
	c := &cobra.Command{
		Use:   "deliveries [ID]",
		Short: "Show what could not be delivered, and tell it again",
		Long: `Deliveries asks the running server how its sinks are doing, and which deliveries
failed: those that are tried again (--failed) and those that were given up
(--dead). With the id of a delivery, as receivers see it in webhook-id, it shows
its last attempts. docs/deliveries.md explains all of it.`,
		Example: "  graphwarden deliveries\n  graphwarden deliveries --dead --sink office\n  graphwarden deliveries msg_5d1c0e9b7a3f2468_42",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			server, err := dial(config)
			if err != nil {
				return err
			}
			switch {
			case len(args) == 1:
				return p.showDelivery(c, server, args[0], asJSON)
			case failed || dead:
				return p.showFailed(c, server, sink, dead, asJSON)
			}
			return p.showSinks(c, server, sink, asJSON)
		},
	}
	p.ask(c, &config, &asJSON)
	f := c.Flags()
	f.StringVar(&sink, "sink", "", "only those of a `sink`")
	f.BoolVar(&failed, "failed", false, "list the deliveries that failed and are tried again")
	f.BoolVar(&dead, "dead", false, "list the deliveries that were given up")
	c.MarkFlagsMutuallyExclusive("failed", "dead")
	c.AddCommand(p.replayDeliveries(), p.listReplays(), p.stopReplay(), p.enableSink())
	return c
}

func (p Program) showSinks(c *cobra.Command, server *client, only string, asJSON bool) error {
	list := []api.Sink{}
	err := everything(c.Context(), server, "/v1/sinks", nil, func(s api.Sink) error {
		if only == "" || s.Name == only {
			list = append(list, s)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(p.Stdout, list)
	}
	t := table{head: []string{"SINK", "TYPE", "STATE", "PENDING", "OLDEST", "FAILING", "DEAD", "LAST TAKEN", "REASON"}}
	for _, s := range list {
		reason := s.Disabled
		if reason == "" && s.State == "failing" {
			reason = s.Reason
		}
		t.add(s.Name, s.Type, s.State, fmt.Sprint(s.Pending), at(s.OldestAt), fmt.Sprint(s.Failing), fmt.Sprint(s.Dead), at(s.TakenAt), reason)
	}
	return t.print(p.Stdout)
}

func (p Program) showFailed(c *cobra.Command, server *client, sink string, dead, asJSON bool) error {
	list := []api.Delivery{}
	state := "failing"
	if dead {
		state = "dead"
	}
	err := everything(c.Context(), server, "/v1/deliveries", map[string]string{"sink": sink, "state": state, "limit": "1000"}, func(d api.Delivery) error {
		list = append(list, d)
		return nil
	})
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(p.Stdout, list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(p.Stdout, "There is no %s delivery.\n", state)
		return err
	}
	t := table{head: []string{"ID", "SINK", "KIND", "MAILBOX", "STATE", "ATTEMPTS", "NEXT", "REASON"}}
	for _, d := range list {
		t.add(d.ID, d.Sink, d.Kind, d.Mailbox, d.State, fmt.Sprint(d.Attempts), at(d.NextAt), d.Reason)
	}
	return t.print(p.Stdout)
}

func (p Program) showDelivery(c *cobra.Command, server *client, id string, asJSON bool) error {
	var found api.Page[api.Delivery]
	if err := server.get(c.Context(), "/v1/deliveries/"+url.PathEscape(id), nil, &found); err != nil {
		return err
	}
	if asJSON {
		return printJSON(p.Stdout, found.Items)
	}
	if len(found.Items) == 0 {
		_, err := fmt.Fprintln(p.Stdout, "It was taken by every sink, or has not been tried yet.")
		return err
	}
	for _, d := range found.Items {
		fmt.Fprintf(p.Stdout, "%s of %s, %s of %s\n", d.ID, d.Sink, d.Kind, d.Mailbox)
		fmt.Fprintf(p.Stdout, "  item     %s\n  stored   %s\n  state    %s\n  attempts %d\n", d.Item, d.StoredAt.Format(time.RFC3339), d.State, d.Attempts)
		if d.State == "failing" {
			fmt.Fprintf(p.Stdout, "  next     %s\n", at(d.NextAt))
		}
		t := table{head: []string{"  NTH", "AT", "TOOK", "STATUS", "REASON"}}
		for _, x := range d.Last {
			t.add(fmt.Sprintf("  %d", x.Nth), at(&x.At), fmt.Sprintf("%.3fs", x.Took), fmt.Sprint(x.Status), x.Reason)
		}
		if err := t.print(p.Stdout); err != nil {
			return err
		}
	}
	return nil
}

// at writes a time for people.
func at(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// enableSink has a sink go on that its receiver's 410 disabled.
func (p Program) enableSink() *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:   "enable SINK",
		Short: "Have a disabled sink go on where it stopped",
		Long: `A receiver that answers 410 wants nothing any more, and its sink is disabled until
this command or a new URL enables it. It goes on where it stopped.`,
		Example: "  graphwarden deliveries enable office\n  graphwarden deliveries enable office/warehouse",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			server, err := dial(config)
			if err != nil {
				return err
			}
			if err := server.call(c.Context(), "POST", "/v1/sinks/enable", nil, map[string]string{"sink": args[0]}, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "%s goes on where it stopped.\n", args[0])
			return err
		},
	}
	c.Flags().StringVar(&config, "config", "graphwarden.yaml", "the configuration `file` of the server")
	return c
}
