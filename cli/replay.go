package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/deliver"
)

// manyReplayed is how many deliveries a replay may have before its sink's name
// has to be typed.
const manyReplayed = 1000

// replayDeliveries tells a sink again.
func (p Program) replayDeliveries() *command {
	var from, to, since, until string
	var asked deliver.Asked
	return &command{
		names: sinkNames,
		use:   "replay SINK",
		short: "Tell a sink again what it was told, or the items as they are",
		long: `Replay tells a sink again what it has been through, under the same ids, so that a
receiver that removes doubles by id sees each change once. What is new goes on
meanwhile. With --snapshot it tells every item as it is now, under new ids.

Begin with --dry-run, which only counts. More than 1,000 deliveries want the
sink's name typed, or --yes.`,
		examples: []string{"graphwarden deliveries replay office --dead", "graphwarden deliveries replay office --since 2026-03-02T08:00:00Z --mailbox anna@contoso.com --dry-run",
			"graphwarden deliveries replay office --id msg_5d1c0e9b7a3f2468_42", "graphwarden deliveries replay office/warehouse --snapshot --yes"},
		args:      cobra.ExactArgs(1),
		config:    ofServer,
		prints:    api.Replay{},
		takes:     "the sink's name",
		rehearses: true,
		flags: func(f *pflag.FlagSet) {
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
		},
		run: func(c *call) (err error) {
			asked.Sink, asked.DryRun = c.args[0], c.dry
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
			server, err := c.server()
			if err != nil {
				return err
			}
			return c.replay(server, asked)
		},
	}
}

func (c *call) replay(server *client, asked deliver.Asked) error {
	var sum api.Replay
	dry := asked
	dry.DryRun = true
	if err := server.call(c.ctx, "POST", "/v1/replays", nil, dry, &sum); err != nil {
		return err
	}
	if !asked.DryRun && sum.Total > manyReplayed {
		if err := c.confirm(effect{says: fmt.Sprintf("This sends %d deliveries to %s.", sum.Total, asked.Sink), name: asked.Sink}); err != nil {
			return err
		}
	}
	begun := sum
	if !asked.DryRun {
		if err := server.call(c.ctx, "POST", "/v1/replays", nil, asked, &begun); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("Replay %d tells %s. graphwarden deliveries replays shows how far it is.\n", begun.ID, counted(begun.Total, "delivery", "deliveries")) + waits(begun)
	switch {
	case asked.DryRun:
		text = fmt.Sprintf("It would tell %s, of the sequence from %d to %d.\n", counted(begun.Total, "delivery", "deliveries"), begun.First, begun.Last) + waits(begun)
		if begun.Total == 0 {
			text = "There is nothing to tell.\n"
		}
	case begun.ID == 0:
		text = "There is nothing to tell.\n"
	}
	return c.print(begun, text)
}

// waits says why a replay does not tell anything at once, and what to do.
func waits(r api.Replay) string {
	switch {
	case r.Disabled:
		return fmt.Sprintf("But the sink %s is disabled: nothing is told before it is enabled (graphwarden deliveries enable %s).\n", r.Sink, r.Sink)
	case r.NextAt != nil:
		return fmt.Sprintf("But the receiver of %s was found down: it is tried again at %s, or at once after graphwarden deliveries enable %s.\n", r.Sink, at(r.NextAt), r.Sink)
	}
	return ""
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
func (p Program) listReplays() *command {
	var sink string
	return &command{
		use:   "replays",
		short: "Show the last replays and how far they are",
		long: `Replays lists the last replays, the newest first: how many of its deliveries were
taken, and how many were not there and then. The latter are tried again like any other
delivery that failed (graphwarden deliveries --failed), also when the replay has ended.`,
		examples: []string{"graphwarden deliveries replays", "graphwarden deliveries replays --sink office"},
		config:   ofServer,
		prints:   []api.Replay{},
		flags:    func(f *pflag.FlagSet) { f.StringVar(&sink, "sink", "", "only those of a `sink`") },
		run: func(c *call) error {
			server, err := c.server()
			if err != nil {
				return err
			}
			list, err := gather[api.Replay](c.ctx, server, "/v1/replays", map[string]string{"sink": sink})
			if err != nil {
				return err
			}
			t := &table{head: []string{"REPLAY", "SINK", "STATE", "TAKEN", "FAILED", "OF", "BEGUN", "ENDED"}}
			for _, r := range list {
				t.add(fmt.Sprint(r.ID), r.Sink, howReplay(r), fmt.Sprint(r.Done-r.Failed), fmt.Sprint(r.Failed), fmt.Sprint(r.Total), at(r.MadeAt), at(r.EndedAt))
			}
			return c.show(list, t)
		},
	}
}

// howReplay says in a word how a replay is doing.
func howReplay(r api.Replay) string {
	switch {
	case r.EndedAt != nil:
		return "ended"
	case r.Disabled:
		return "disabled"
	case r.NextAt != nil:
		return "resting"
	}
	return "telling"
}

// stopReplay ends a replay early.
func (p Program) stopReplay() *command {
	var id int64
	return &command{
		use:      "stop REPLAY",
		short:    "Stop a replay",
		examples: []string{"graphwarden deliveries stop 3", "graphwarden deliveries stop 3 --config graphwarden.yaml"},
		args:     cobra.ExactArgs(1),
		config:   ofServer,
		prints:   Done{},
		changes: func(c *call) (e effect, err error) {
			if id, err = strconv.ParseInt(c.args[0], 10, 64); err != nil || id < 1 {
				return e, usage(fmt.Errorf("%q is not a replay's number; graphwarden deliveries replays lists them", c.args[0]))
			}
			return effect{says: fmt.Sprintf("This stops replay %d: it tells nothing more.", id)}, c.rehearseAtServer(replayOf(id))
		},
		run: func(c *call) error {
			server, err := c.server()
			if err != nil {
				return err
			}
			if err := server.call(c.ctx, "DELETE", fmt.Sprintf("/v1/replays/%d", id), nil, nil, nil); err != nil {
				return err
			}
			text := fmt.Sprintf("Replay %d tells nothing more.", id)
			return c.print(Done{text}, text+"\n")
		},
	}
}
