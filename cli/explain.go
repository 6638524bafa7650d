package cli

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

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
			if q.At, err = time.Parse(time.RFC3339, at); err != nil && at != "" {
				return usage(fmt.Errorf("--at is a time, such as 2026-03-02T22:30:00Z: %w", err))
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

// policy groups what is done with the configuration's policy as a whole.
func (p Program) policy() *command {
	return &command{
		use:   "policy",
		short: "Try the policy of a configuration",
		long: `Policy holds what a configuration lets through against what somebody expects of it,
before it is in force. docs/policy.md explains what is let through, and why.`,
		examples: []string{"graphwarden policy test cases.yaml", "graphwarden policy test cases.yaml --json"},
		under:    []*command{p.policyTest()},
	}
}

func (p Program) policyTest() *command {
	return &command{
		use:   "test FILE",
		short: "Hold requests of a file against what is expected of them",
		long: `Test judges each request of a file as graphwarden explain does, from the configuration
alone, and says which is not answered as the file expects, and why. docs/policy.md has
such a file. Nothing is sent and nothing is recorded.

It ends with 0 when all are, with 3 when one is not, and with 2 when the file is wrong.`,
		examples: []string{"graphwarden policy test cases.yaml", "graphwarden policy test cases.yaml --config graphwarden.yaml --json"},
		args:     cobra.ExactArgs(1),
		config:   ofFile,
		prints:   assemble.Tried{},
		run: func(c *call) error {
			loaded, err := c.load(c.config)
			if err != nil {
				return err
			}
			tried, err := loaded.Try(c.ctx, c.args[0])
			if err != nil {
				return err
			}
			if err := c.print(tried, triedText(tried)); err != nil || tried.Failed == 0 {
				return err
			}
			return errTold
		},
		exit: toldCode,
	}
}

// triedText is what came of cases, for people: those that fail, and how many.
func triedText(t assemble.Tried) string {
	var b strings.Builder
	for _, one := range t.Cases {
		if one.Passed {
			continue
		}
		expected := string(one.Expect)
		if one.Rule != "" {
			expected += " by " + one.Rule
		}
		name := one.Name
		if name != "" {
			name += ": "
		}
		fmt.Fprintf(&b, "%s:%d: %s%s %s\n  expected %s\n", t.File, one.Line, name, one.Was.App, one.Request, expected)
		for line := range strings.Lines(explanationText(one.Was)) {
			b.WriteString("  " + line)
		}
	}
	if t.Failed == 0 {
		fmt.Fprintf(&b, "%s: all %s as expected\n", t.File, counted(t.Passed, "request is", "requests are"))
	} else {
		fmt.Fprintf(&b, "%s: %d of %d are not as expected\n", t.File, t.Failed, t.Failed+t.Passed)
	}
	return b.String()
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
