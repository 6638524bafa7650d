package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
)

// trigger has the running server send a test delivery.
func (p Program) trigger() *command {
	var asked deliver.Trial
	return &command{
		use:   "trigger SINK",
		short: "Send a sink a test delivery",
		long: `Trigger has the running server send a made-up change to a webhook, once, on the way
of the real ones: through the same address guard and certificates, in the sink's
shape, signed with its secret. It is marked ("test": true, an id that begins with
msg_test_, the sequence 0, the mailbox test@graphwarden.invalid), moves no cursor and
is not tried again. The ledger records it. It ends with 5 when the receiver does not
take it. With --dry-run it shows what would be sent.`,
		examples:  []string{"graphwarden trigger office", "graphwarden trigger office --kind deleted --json", "graphwarden trigger office --dry-run"},
		args:      cobra.ExactArgs(1),
		config:    ofServer,
		prints:    deliver.Tried{},
		rehearses: true,
		names:     sinkNames,
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&asked.Kind, "kind", string(graphwarden.Created), "the `kind` of change: created, updated or deleted")
		},
		run: func(c *call) error {
			asked.Sink, asked.DryRun = c.args[0], c.dry
			server, err := c.server()
			if err != nil {
				return err
			}
			var out deliver.Tried
			if err := server.call(c.ctx, "POST", "/v1/sinks/test", nil, asked, &out); err != nil {
				return err
			}
			if c.json {
				err = printJSON(c.Stdout, out)
			} else {
				err = c.tellTrial(out)
			}
			if err != nil || c.dry || out.Taken {
				return err
			}
			return untaken(out)
		},
	}
}

// tellTrial says what came of a test delivery.
func (c *call) tellTrial(t deliver.Tried) (err error) {
	switch {
	case t.Taken:
		_, err = fmt.Fprintf(c.Stdout, "%s took %s: %d after %.3fs.\n", t.URL, t.ID, t.Status, t.Took)
	case c.dry && t.Reason == "":
		fmt.Fprintf(c.Stdout, "This would be sent to %s, signed:\n", t.URL)
		if err = printJSON(c.Stdout, t.Envelope); err == nil {
			_, err = fmt.Fprintln(c.Stdout, "Nothing was sent.")
		}
	case c.dry:
		_, err = fmt.Fprintf(c.Stdout, "Nothing would be sent: %s\n", t.Reason)
	}
	return err
}

// untaken is the end of a test delivery that was not sent or not taken.
func untaken(t deliver.Tried) error {
	if !t.Sent {
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "deliver.trial", Say: "Nothing was sent. " + t.Reason, Do: "Name another --kind, or change the sink's filter."}
	}
	return &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "cli.untaken",
		Say: fmt.Sprintf("The receiver at %s did not take %s. %s", t.URL, t.ID, t.Reason), Do: "Look into the receiver's log for that id; verify the body as it came, and answer 2xx."}
}
