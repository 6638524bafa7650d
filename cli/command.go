package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
)

// command is one command: what is said of it, what it needs and what it does.
// All commands are a table of these, and the mechanism in this file gives each
// the flags that all of its sort have, so that what is promised of every command
// (--json, --dry-run, the name that is typed, two examples) is held by tests that
// walk the table.
type command struct {
	use, short, long string
	examples         []string
	args             cobra.PositionalArgs // nil: none
	// config is what --config is for; "" for a command that reads none.
	config string
	// optional has --config default to nothing.
	optional bool
	// prints is a value of the type that --json prints; nil: there is nothing for
	// programs to read. lines says that it is printed again and again, a line each.
	prints any
	lines  bool
	// changes says what the command is about to change, and by that makes it a
	// changing one: it gets --dry-run, which says that and ends. takes says whose
	// name has to be typed, or --yes said, where something is taken away.
	changes func(*call) (effect, error)
	takes   string
	// rehearses has run itself heed --dry-run, after it has looked closer.
	rehearses bool
	flags     func(*pflag.FlagSet)
	// names are what its next argument may be, for completion.
	names naming
	run   func(*call) error // nil: it only groups those under it
	under []*command
	// until says that it goes on until it is told to end, or may be left and taken up
	// again: then that is no failure.
	until bool
	// exit is the exit code of what run gave, where it is not that of all commands.
	exit func(error) int
}

// effect is what a command is about to change.
type effect struct {
	says string // in a sentence
	name string // to be typed before it is done; "": nobody is asked
}

// Intent is what a changing command prints with --dry-run --json.
type Intent struct {
	DryRun bool   `json:"dry_run"`
	Would  string `json:"would"`
}

// call is one run of a command.
type call struct {
	Program
	ctx     context.Context
	args    []string
	config  string
	json    bool // --json
	dry     bool // --dry-run
	sure    bool // --yes
	noInput bool // --no-input, or nobody is there
	tree    *cobra.Command
}

// make makes cobra's command of one of the table, with those under it.
func (p Program) make(d *command) *cobra.Command {
	one := &call{Program: p}
	c := &cobra.Command{Use: d.use, Short: d.short, Long: d.long, Args: none}
	for i, e := range d.examples {
		if i > 0 {
			c.Example += "\n"
		}
		c.Example += "  " + e
	}
	if d.args != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			err := d.args(c, args)
			if err != nil && len(d.under) > 0 && len(args) > 0 {
				return known(c, args)
			}
			return wrongUsage(err)
		}
	}
	d.give(c.Flags(), one)
	p.completes(c, d)
	for _, below := range d.under {
		c.AddCommand(p.make(below))
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		one.ctx, one.args, one.tree = c.Context(), args, c.Root()
		one.noInput = !p.answers(c)
		err := d.do(one)
		if d.exit != nil && err != nil {
			return &exiting{error: err, code: d.exit(err)}
		}
		return err
	}
	if d.run == nil {
		c.Args = known
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	return c
}

// give gives a command its own flags, and those that all of its sort have.
func (d *command) give(f *pflag.FlagSet, c *call) {
	if d.config != "" {
		file := "graphwarden.yaml"
		if d.optional {
			file = ""
		}
		f.StringVar(&c.config, "config", file, d.config)
	}
	switch {
	case d.lines:
		f.BoolVar(&c.json, "json", false, "print JSON for programs, a value a line")
	case d.prints != nil:
		f.BoolVar(&c.json, "json", false, "print JSON for programs")
	}
	if d.changes != nil || d.rehearses {
		f.BoolVar(&c.dry, "dry-run", false, "say what would change, and change nothing")
	}
	if d.takes != "" {
		f.BoolVar(&c.sure, "yes", false, "do not ask for "+d.takes+" to be typed")
	}
	if d.flags != nil {
		d.flags(f)
	}
}

// do runs the command. One that was told to end before it was done has not done it,
// and found nothing out.
func (d *command) do(c *call) error {
	err := d.perform(c)
	if d.until {
		return err
	}
	return cutShort(c.ctx, err)
}

// cutShort is the error of something that was told to end before it was done.
func cutShort(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		return err
	}
	return &exiting{code: ExitCutShort, error: &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "cli.cut_short",
		Say: "The command was told to end before it was done.", Do: "Run it again: what it has said so far is not all."}}
}

// perform runs the command; a changing one says first what it is about to change.
func (d *command) perform(c *call) error {
	if d.changes == nil {
		return d.run(c)
	}
	e, err := d.changes(c)
	switch {
	case err != nil:
		return err
	case c.dry:
		return c.would(e)
	}
	if err := c.confirm(e); err != nil {
		return err
	}
	return d.run(c)
}

// would prints what would change.
func (c *call) would(e effect) error {
	return c.print(Intent{DryRun: true, Would: e.says}, e.says+"\nNothing was changed.\n")
}

// server is a client of the server that runs on the configuration.
func (c *call) server() (*client, error) { return c.dial(c.config) }

// desk gives use a client of the server, or of one that is opened for it when none
// runs.
func (c *call) desk(use func(context.Context, *client) error) error {
	return c.atDesk(opening{}, use)
}

// guideDesk is desk for whoever asks what to register: the secrets need not be there
// yet.
func (c *call) guideDesk(use func(context.Context, *client) error) error {
	return c.atDesk(opening{early: true}, use)
}

// print prints a value as JSON where that was asked for, and a text otherwise.
func (c *call) print(value any, text string) error {
	if c.json {
		return printJSON(c.Stdout, value)
	}
	_, err := io.WriteString(c.Stdout, harmlessText(text))
	return err
}

// show prints a value as JSON where that was asked for, and a table otherwise.
func (c *call) show(value any, t *table) error {
	if c.json {
		return printJSON(c.Stdout, value)
	}
	return t.print(c.Stdout)
}

// ofServer is what --config is for where a running server is asked.
const ofServer = "the configuration `file` of the server"

// ofFile is what --config is for where the file itself is read.
const ofFile = "the configuration `file`"

// exiting is an error of a command that has exit codes of its own.
type exiting struct {
	error
	code int
}

// Unwrap gives the error itself.
func (e *exiting) Unwrap() error { return e.error }

// said says whether a flag that is yes or no was given.
func (c *call) said(name string) bool {
	yes, err := c.tree.PersistentFlags().GetBool(name)
	return err == nil && yes
}
