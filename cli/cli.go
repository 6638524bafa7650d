// Package cli is the commands of graphwarden. A command reads its flags, calls
// one room below, and prints: what people or programs asked for on the standard
// output, everything else on the standard error. It promises the exit codes of
// docs/exit-codes.md and never prints a secret.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/meant"
)

// Program is what a run of graphwarden is given from outside.
type Program struct {
	Args           []string // without the program's name
	Env            func(name string) string
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	hangups *hangups
}

// Main runs the command that the arguments name and gives the exit code.
func Main(ctx context.Context, p Program) int {
	return underService(ctx, p)
}

func (p Program) main(ctx context.Context) int {
	p.hangups = &hangups{}
	ctx, stop := p.hangups.watch(ctx)
	defer stop()
	root := p.root()
	root.SetArgs(p.Args)
	err := root.ExecuteContext(ctx)
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return ExitOK
	}
	if !errors.Is(err, errChanges) && !errors.Is(err, errTold) { // what was printed has told of it
		explain(p.Stderr, err)
	}
	return exitCode(err)
}

// commands is the table of all commands.
func (p Program) commands() []*command {
	return []*command{p.demo(), p.serve(), p.sim(), p.ledger(), p.connect(), p.restrict(), p.grants(), p.key(), p.feeds(), p.doctor(), p.deliveries(), p.writes(), p.listen(), p.trigger(), p.logs(), p.supportBundle(), p.flows(), p.tenants(),
		p.backup(), p.restore(), p.check(), p.configuration(), p.plan(), p.apply(), p.explanation(), p.policy(), p.blueprint(), p.assess(), p.catalog(), p.service(), p.versionOf(), p.apps(), p.operators(), p.openapi(), p.man()}
}

// root makes the program's command of the table.
func (p Program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "graphwarden",
		Short: "The one guarded way between your applications and Microsoft 365",
		Long: `Graphwarden stands between a company's applications and Microsoft 365: it holds
the credentials, gives each application no more than its flows need, keeps
calendars in step, and records every access.

Begin with "graphwarden demo": it needs no account and no network.`,
		Example:       "  graphwarden demo\n  graphwarden serve --config graphwarden.yaml",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
		Args:          known,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.PersistentFlags().Bool("no-input", false, "ask nobody: what needs an answer is refused")
	for _, d := range p.commands() {
		root.AddCommand(p.make(d))
	}
	completing(root)
	root.SetFlagErrorFunc(unknownFlag)
	return root
}

// The exit codes, as docs/exit-codes.md explains them.
const (
	ExitOK          = 0
	ExitInternal    = 1
	ExitUsage       = 2
	ExitUnhealthy   = 3
	ExitCredential  = 4
	ExitUnreachable = 5
	ExitStorage     = 6
	ExitConflict    = 7
	ExitCutShort    = 8
)

// exitCode is the exit code of a failed command.
func exitCode(err error) int {
	var own *exiting
	if errors.As(err, &own) {
		return own.code
	}
	var r *graphwarden.Refusal
	if !errors.As(err, &r) {
		return ExitInternal
	}
	if r.Code == unhealthy {
		return ExitUnhealthy
	}
	if r.Code == "outbound.address" {
		return ExitUsage // the configuration does not admit it
	}
	switch r.Kind {
	case graphwarden.Invalid, graphwarden.Unknown:
		return ExitUsage
	case graphwarden.Credential, graphwarden.Denied, graphwarden.Unauthenticated:
		return ExitCredential
	case graphwarden.Unreachable:
		return ExitUnreachable
	case graphwarden.Storage:
		return ExitStorage
	case graphwarden.Conflict:
		return ExitConflict
	}
	return ExitInternal
}

// explain prints all that is wrong and what to do. A refusal speaks for itself; the
// chain of causes is for errors that nobody foresaw.
func explain(w io.Writer, err error) {
	told := map[string]bool{}
	for _, one := range apart(err) {
		if text := one.Error(); !told[text] {
			told[text] = true
			explainOne(w, one)
		}
	}
}

// apart gives each of several things that are wrong.
func apart(err error) []error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if r, is := e.(*graphwarden.Refusal); is {
			return []error{r}
		}
		var refusal *graphwarden.Refusal
		if many, is := e.(interface{ Unwrap() []error }); is && errors.As(e, &refusal) {
			var all []error
			for _, one := range many.Unwrap() {
				all = append(all, apart(one)...)
			}
			return all
		}
	}
	return []error{err}
}

// explainOne prints one thing that is wrong.
func explainOne(w io.Writer, err error) {
	var r *graphwarden.Refusal
	if !errors.As(err, &r) {
		fmt.Fprintf(w, "graphwarden: %v\n", err)
		return
	}
	fmt.Fprintf(w, "graphwarden: %s\n", r.Error())
	if r.Code != "" {
		fmt.Fprintf(w, "             (%s, see docs/errors.md)\n", r.Code)
	}
}

// usage is the refusal of a command line that was not understood.
func usage(err error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.usage", Cause: err,
		Say: fmt.Sprintf("The command line was not understood: %v.", err), Do: "See graphwarden --help."}
}

// wrongUsage is usage of an error that may be none.
func wrongUsage(err error) error {
	if err == nil {
		return nil
	}
	return usage(err)
}

// known refuses a command that there is not, and names those that look like it.
func known(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() {
			names = append(names, below.Name())
		}
	}
	if close := meant.Word(args[0], names); close != "" {
		return usage(fmt.Errorf("there is no command %q, did you mean %q", args[0], close))
	}
	return usage(fmt.Errorf("there is no command %q; there are %s", args[0], strings.Join(names, ", ")))
}

// unknownFlag refuses a flag that there is not, and names the one that was meant.
func unknownFlag(c *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if errors.As(err, &missing) && len(missing.GetSpecifiedName()) > 1 {
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if close := meant.Word(missing.GetSpecifiedName(), names); close != "" {
			return usage(fmt.Errorf("%w, did you mean --%s", err, close))
		}
	}
	return usage(err)
}

// none refuses arguments where a command takes flags only.
func none(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Errorf("%q is not understood here", args[0]))
	}
	return nil
}

// colourful says whether w is a terminal that wants colour.
func (p Program) colourful(w io.Writer) bool {
	return p.Env("NO_COLOR") == "" && p.Env("TERM") != "dumb" && p.terminal(w)
}

// terminal says whether what is read or written is a terminal. A device is not
// enough: /dev/null, which a service is given, is one.
func (p Program) terminal(of any) bool {
	f, ok := of.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}
