package cli

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/deliver"
)

// manyReplayed is how many deliveries a replay may have before its sink's name
// has to be typed.
const manyReplayed = 1000

// replayDeliveries tells a sink again.
func (p Program) replayDeliveries() *cobra.Command {
	var config, from, to, since, until string
	var asJSON, sure bool
	var asked deliver.Asked
	c := &cobra.Command{
		Use:   "replay SINK",
		Short: "Tell a sink again what it was told, or the items as they are",
		Long: `Replay tells a sink again what it has been through, under the same ids, so that a
receiver that removes doubles by id sees each change once. What is new goes on
meanwhile. With --snapshot it tells every item as it is now, under new ids.

Begin with --dry-run, which only counts. More than 1,000 deliveries want the
sink's name typed, or --yes.`,
		Example: "  graphwarden deliveries replay office --dead\n  graphwarden deliveries replay office --since 2026-03-02T08:00:00Z --mailbox anna@contoso.com --dry-run\n" +
			"  graphwarden deliveries replay office --id msg_5d1c0e9b7a3f2468_42\n  graphwarden deliveries replay office/warehouse --snapshot --yes",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			asked.Sink = args[0]
			if asked.First, err = sequence("from", from); err != nil {
				return err
			}
			if asked.Last, err = sequence("to", to); err != nil {
				return err
			}
			if asked.Since, err = moment("since", since); err != nil {
				return err
			}
			if asked.Until, err = moment("until", until); err != nil {
				return err
			}
			server, err := dial(config)
			if err != nil {
				return err
			}
			return p.replay(c, server, asked, sure, asJSON)
		},
	}
	p.ask(c, &config, &asJSON)
	f := c.Flags()
	f.StringVar(&asked.ID, "id", "", "one delivery, by its `id`")
	f.StringVar(&from, "from", "", "from this `sequence` on")
	f.StringVar(&to, "to", "", "up to this `sequence`")
	f.StringVar(&since, "since", "", "what was stored from this `time` on, such as 2026-03-02T08:00:00Z")
	f.StringVar(&until, "until", "", "what was stored before this `time`")
	f.StringVar(&asked.Mailbox, "mailbox", "", "only those of a `mailbox`, by name or id")
	f.StringVar(&asked.Item, "item", "", "only those of an item, by its `id`")
	f.StringVar(&asked.Kind, "kind", "", "only changes of this `kind`: created, updated or deleted")
	f.BoolVar(&asked.Dead, "dead", false, "only those that were given up")
	f.BoolVar(&asked.Snapshot, "snapshot", false, "every item as it is now")
	f.BoolVar(&asked.DryRun, "dry-run", false, "only count")
	f.BoolVar(&sure, "yes", false, "do not ask, however many they are")
	return c
}

func (p Program) replay(c *cobra.Command, server *client, asked deliver.Asked, sure, asJSON bool) error {
	var counted api.Replay
	dry := asked
	dry.DryRun = true
	if err := server.call(c.Context(), "POST", "/v1/replays", nil, dry, &counted); err != nil {
		return err
	}
	if !asked.DryRun && counted.Total > manyReplayed && !sure {
		fmt.Fprintf(p.Stderr, "This sends %d deliveries to %s. Type the sink's name to go on: ", counted.Total, asked.Sink)
		line, _ := bufio.NewReader(p.Stdin).ReadString('\n') // nothing typed is a no
		if strings.TrimSpace(line) != asked.Sink {
			return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.unconfirmed",
				Say: "Nothing was sent, because the sink's name was not typed.", Do: "Type it, or say --yes."}
		}
	}
	begun := counted
	if !asked.DryRun {
		if err := server.call(c.Context(), "POST", "/v1/replays", nil, asked, &begun); err != nil {
			return err
		}
	}
	if asJSON {
		return printJSON(p.Stdout, begun)
	}
	var err error
	switch {
	case asked.DryRun:
		_, err = fmt.Fprintf(p.Stdout, "It would tell %d deliveries, from sequence %d to %d.\n", begun.Total, begun.First, begun.Last)
	case begun.ID == 0:
		_, err = fmt.Fprintln(p.Stdout, "There is nothing to tell.")
	default:
		_, err = fmt.Fprintf(p.Stdout, "Replay %d tells %d deliveries. graphwarden deliveries replays shows how far it is.\n", begun.ID, begun.Total)
	}
	return err
}

// sequence reads a flag that is a change's number.
func sequence(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, usage(fmt.Errorf("--%s %q is not a change's number", flag, text))
	}
	return n, nil
}

// moment reads a flag that is a time.
func moment(flag, text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, usage(fmt.Errorf("--%s %q is not a time such as 2026-03-02T08:00:00Z", flag, text))
	}
	return &t, nil
}

// listReplays shows how far replays are.
func (p Program) listReplays() *cobra.Command {
	var config, sink string
	var asJSON bool
	c := &cobra.Command{
		Use:     "replays",
		Short:   "Show the last replays and how far they are",
		Example: "  graphwarden deliveries replays\n  graphwarden deliveries replays --sink office",
		Args:    none,
		RunE: func(c *cobra.Command, _ []string) error {
			server, err := dial(config)
			if err != nil {
				return err
			}
			list := []api.Replay{}
			err = everything(c.Context(), server, "/v1/replays", map[string]string{"sink": sink}, func(r api.Replay) error {
				list = append(list, r)
				return nil
			})
			if err != nil || asJSON {
				if err == nil {
					err = printJSON(p.Stdout, list)
				}
				return err
			}
			t := table{head: []string{"REPLAY", "SINK", "TOLD", "OF", "BEGUN", "ENDED"}}
			for _, r := range list {
				t.add(fmt.Sprint(r.ID), r.Sink, fmt.Sprint(r.Done), fmt.Sprint(r.Total), at(r.MadeAt), at(r.EndedAt))
			}
			return t.print(p.Stdout)
		},
	}
	p.ask(c, &config, &asJSON)
	c.Flags().StringVar(&sink, "sink", "", "only those of a `sink`")
	return c
}

// stopReplay ends a replay early.
func (p Program) stopReplay() *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:     "stop REPLAY",
		Short:   "Stop a replay",
		Example: "  graphwarden deliveries stop 3\n  graphwarden deliveries stop 3 --config graphwarden.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := sequence("replay", args[0])
			if err != nil {
				return err
			}
			server, err := dial(config)
			if err != nil {
				return err
			}
			if err := server.call(c.Context(), "DELETE", fmt.Sprintf("/v1/replays/%d", id), nil, nil, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "Replay %d tells nothing more.\n", id)
			return err
		},
	}
	c.Flags().StringVar(&config, "config", "graphwarden.yaml", "the configuration `file` of the server")
	return c
}
