package cli

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/assemble"
)

// errTold ends a command whose answer, which it has printed, is no.
var errTold = errors.New("the answer is no")

// toldCode is the exit code of a command whose answer is no: a check that fails.
func toldCode(err error) int {
	if errors.Is(err, errTold) {
		return ExitUnhealthy
	}
	return exitCode(err)
}

// explanation says what the configuration lets an app ask of Graph, and why.
func (p Program) explanation() *command {
	var body, from, at string
	return &command{
		use:   "explain APP METHOD PATH",
		short: "Say which rule lets an app's request through, or what is missing",
		long: `Explain judges a request that an app could make of Microsoft Graph by Graphwarden, as
the server would, from the configuration file alone. It names the flow and the lines of
the file that permit it; or why it is refused, the code of that, and what to declare. It
says what only the tenant knows, such as whose mailbox an object id is. Nothing is sent
and nothing is recorded. PATH may begin with the version, or be a whole address.

It ends with 0 when the request is let through, and with 3 when it is refused or when
that depends on what the file does not say.`,
		examples: []string{"graphwarden explain portal GET /users/anna@contoso.com/events", "graphwarden explain portal GET /users/anna@contoso.com/calendarView?startDateTime=2026-01-01&endDateTime=2026-02-01 --json"},
		args:     cobra.ExactArgs(3),
		config:   ofFile,
		prints:   assemble.Explanation{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&body, "body", "", "the request's body, JSON in this `file`; - is the standard input")
			f.StringVar(&from, "from", "", "the `address` that the app asks from, for rules that ask for it")
			f.StringVar(&at, "at", "", "`when` it asks, such as 2026-03-02T22:30:00Z; now when nothing is said")
		},
		run: func(c *call) error {
			loaded, err := c.load(c.config)
			if err != nil {
				return err
			}
			q := assemble.Question{App: c.args[0], Method: strings.ToUpper(c.args[1]), Path: c.args[2]}
			if q.Body, err = c.content(body); err != nil {
				return err
			}
			if q.From, err = netip.ParseAddr(from); err != nil && from != "" {
				return usage(fmt.Errorf("--from is an address, such as 10.1.2.3: %w", err))
			}
			when, err := moment("at", at)
			if err != nil {
				return err
			}
			if when != nil {
				q.At = *when
			}
			e, err := loaded.Explain(c.ctx, q)
			if err != nil {
				return err
			}
			if err := c.print(e, explanationText(e)); err != nil || e.Verdict == assemble.Allowed {
				return err
			}
			return errTold
		},
		exit: toldCode,
	}
}

// content reads what a flag names: a file, the standard input, or nothing.
func (c *call) content(name string) (raw []byte, err error) {
	switch name {
	case "":
		return nil, nil
	case "-":
		raw, err = io.ReadAll(c.Stdin)
	default:
		raw, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, usage(fmt.Errorf("reading %s: %w", name, err))
	}
	return raw, nil
}

// explanationText is an explanation for people.
func explanationText(e assemble.Explanation) string {
	var b strings.Builder
	what := e.Operation
	if what == "" {
		what = "the request is not understood"
	}
	fmt.Fprintf(&b, "%s: %s\n", e.Verdict, what)
	fmt.Fprintf(&b, "  rule     %s\n", e.Rule)
	for _, one := range e.Because {
		fmt.Fprintf(&b, "  because  %s:%d  %s: %s\n", one.File, one.Line, one.At, one.Text)
	}
	if e.Verdict == assemble.Refused {
		fmt.Fprintf(&b, "  why      %s\n", e.Say)
		if e.Field != "" {
			fmt.Fprintf(&b, "  where    %s\n", e.Field)
		}
		if e.Do != "" {
			fmt.Fprintf(&b, "  do       %s\n", e.Do)
		}
	}
	if e.Declare != nil {
		fmt.Fprintf(&b, "  declare  %s:%d  %s: %s\n", e.Declare.File, e.Declare.Line, e.Declare.At, e.Declare.Text)
	}
	if len(e.Unknown) > 0 {
		b.WriteString("The configuration alone does not tell:\n")
	}
	for _, one := range e.Unknown {
		fmt.Fprintf(&b, "  %s\n", one)
	}
	return b.String()
}
