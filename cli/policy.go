package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/assemble"
)

// policy groups what is done with the configuration's policy as a whole.
func (p Program) policy() *command {
	return &command{
		use:   "policy",
		short: "Try the policy of a configuration before it is in force",
		long: `Policy holds what a configuration lets through against what somebody expects of it, and
against what was decided before. docs/policy.md explains what is let through, and why.`,
		examples: []string{"graphwarden policy test cases.yaml", "graphwarden policy impact --config changed.yaml"},
		under:    []*command{p.policyTest(), p.policyImpact()},
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

func (p Program) policyImpact() *command {
	var days int
	return &command{
		use:   "impact",
		short: "Judge again, by a changed configuration, what was decided",
		long: `Impact reads what the ledger says was decided on the calls of apps, judges each again by
the configuration file, which need not be in force, and shows what would come out
otherwise: what apps did and no longer could, and what was refused and would be let
through. The database is the one that the file names; a server may run on it. Nothing
is sent and nothing is recorded.

It ends with 0 when nothing would come out otherwise, and with 3 when something would.`,
		examples: []string{"graphwarden policy impact --config changed.yaml", "graphwarden policy impact --config graphwarden.yaml --days 7 --json"},
		config:   ofFile,
		prints:   assemble.Impact{},
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&days, "days", 30, "how many days back")
		},
		run: func(c *call) (err error) {
			if days < 1 {
				return usage(fmt.Errorf("--days %d is not a number of days", days))
			}
			loaded, err := c.load(c.config)
			if err != nil {
				return err
			}
			s, err := c.beside(false)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			impact, err := loaded.Impact(c.ctx, s, time.Now().AddDate(0, 0, -days))
			if err != nil {
				return err
			}
			if err := c.print(impact, impactText(impact)); err != nil || len(impact.Rows) == 0 {
				return err
			}
			return errTold
		},
		exit: toldCode,
	}
}

// impactText is what a configuration would decide otherwise, for people.
func impactText(i assemble.Impact) string {
	var b strings.Builder
	for _, one := range i.Rows {
		where := ""
		if one.Mailbox != "" {
			where = " in " + one.Mailbox
		}
		fmt.Fprintf(&b, "%s now: %s %s%s, %s, last %s\n  rule     %s\n", one.Now, one.App, one.Operation, where, counted(one.Calls, "call", "calls"), one.Last.UTC().Format(time.RFC3339), one.Rule)
		if one.Say != "" {
			fmt.Fprintf(&b, "  why      %s\n", one.Say)
		}
	}
	fmt.Fprintf(&b, "%s since %s: %d would be refused that were let through, and %d let through that were refused; of %d it depends\n",
		counted(i.Decisions, "decision", "decisions"), i.Since.UTC().Format(time.DateOnly), i.Refused, i.Allowed, i.Depends)
	if len(i.Unknown) > 0 {
		b.WriteString("The record does not tell:\n")
	}
	for _, one := range i.Unknown {
		fmt.Fprintf(&b, "  %s\n", one)
	}
	return b.String()
}
