package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/report"
)

// errGate ends an assessment that a gate does not let through.
var errGate = errors.New("the gate is shut")

// assess judges plans of permissions.
func (p Program) assess() *command {
	var format, gate string
	return &command{
		use:   "assess FILE...",
		short: "Judge the permissions that a document asks for",
		long: `Assess reads plans of permissions as people write them: text, Markdown, HTML, CSV,
an app manifest of Entra, or an address of consent ("-" is the standard input), and
Graphwarden's own configuration (.yaml), whose permissions follow from its flows. It
finds the permissions by name, address, id or title, says what each opens and how
dangerous it is, which of them the flows of the plan need, what is redundant, too
wide, misspelt or missing, and gives a verdict. It asks nobody and needs no tenant.
With --fail-on it ends with 3 where a plan is as bad as that or worse.`,
		examples: []string{"graphwarden assess plan.md", "graphwarden assess plan.md manifest.json --format sarif --fail-on high"},
		args:     cobra.MinimumNArgs(1),
		config:   ofTable,
		prints:   report.Report{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&format, "format", "text", "show it as `form`: "+strings.Join(report.Formats(), ", "))
			f.StringVar(&gate, "fail-on", "", "end with 3 at this verdict, class or severity and worse, `what`: "+strings.Join(judge.Gates(), ", "))
		},
		run: func(c *call) error {
			if err := oneOf("--format", format, report.Formats()); err != nil {
				return err
			}
			if err := oneOf("--fail-on", gate, append(judge.Gates(), "")); err != nil {
				return err
			}
			if c.json {
				format = "json"
			}
			var all []*judge.Assessment
			for _, name := range c.args {
				a, err := c.assessed(name)
				if err != nil {
					return err
				}
				all = append(all, a)
			}
			if err := report.Write(harmlessWriter{c.Stdout}, format, all); err != nil {
				return err
			}
			return shut(gate, all...)
		},
		exit:  gateCode,
		under: []*command{p.assessDiff()},
	}
}

// assessDiff compares two plans.
func (p Program) assessDiff() *command {
	var format, gate string
	return &command{
		use:   "diff BEFORE AFTER",
		short: "Show what changed between two plans of permissions",
		long: `Diff judges two plans and shows the permissions added, removed and asked for on behalf
of others, the findings that are new and gone, and both verdicts. Order, spelling and
wording are no change. With --fail-on it ends with 3 where the second plan is as bad
as that or worse.`,
		examples: []string{"graphwarden assess diff before.md after.md", "graphwarden assess diff before.json after.json --format markdown"},
		args:     cobra.ExactArgs(2),
		config:   ofTable,
		prints:   judge.Difference{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&format, "format", "text", "show it as `form`: text, markdown, json")
			f.StringVar(&gate, "fail-on", "", "end with 3 at this verdict, class or severity and worse, `what`: "+strings.Join(judge.Gates(), ", "))
		},
		run: func(c *call) error {
			if err := oneOf("--format", format, []string{"text", "markdown", "json"}); err != nil {
				return err
			}
			if err := oneOf("--fail-on", gate, append(judge.Gates(), "")); err != nil {
				return err
			}
			if c.json {
				format = "json"
			}
			before, err := c.assessed(c.args[0])
			if err != nil {
				return err
			}
			after, err := c.assessed(c.args[1])
			if err != nil {
				return err
			}
			if err := report.WriteDifference(harmlessWriter{c.Stdout}, format, judge.Compare(before, after)); err != nil {
				return err
			}
			return shut(gate, after)
		},
		exit: gateCode,
	}
}

// ofTable is what --config is for where nothing but the table beside it is read.
const ofTable = "the configuration `file` whose permission table holds (graphwarden catalog update)"

// assessed reads and judges one document.
func (c *call) assessed(name string) (*judge.Assessment, error) {
	table, err := c.table()
	if err != nil {
		return nil, err
	}
	if name == "-" {
		return assess.Document(table, "standard input", c.Stdin)
	}
	if where, query, ok := strings.Cut(name, "?"); ok && query != "" && strings.HasPrefix(where, "https://") {
		return assess.Document(table, where, strings.NewReader(name)) // an address of consent, read and never called
	}
	// A pipe that nobody writes into is empty, and holds up nobody.
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "assess.unreadable", Cause: err, Say: fmt.Sprintf("%s cannot be read: %v.", name, errors.Unwrap(err)), Do: "Name a file that this user may read."}
	}
	begins := bufio.NewReaderSize(f, 1<<16)
	if start, _ := begins.Peek(1 << 16); configures(name, start) {
		if err := f.Close(); err != nil {
			return nil, err
		}
		return c.assessedFlows(name)
	}
	a, err := assess.Document(table, name, begins)
	return a, errors.Join(err, f.Close())
}

// configures says whether a file is a configuration of Graphwarden: tenants and flows
// stand in it as keys. A file called so needs only one of them, so that what is
// missing is said of the configuration.
func configures(name string, start []byte) bool {
	key := func(k string) bool {
		return bytes.HasPrefix(start, []byte(k)) || bytes.Contains(start, []byte("\n"+k))
	}
	ext := strings.ToLower(filepath.Ext(name))
	if ext == ".yaml" || ext == ".yml" {
		return key("tenants:") || key("flows:")
	}
	return key("tenants:") && key("flows:")
}

// oneOf refuses what is none of the words that a flag takes.
func oneOf(flag, word string, words []string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return usage(fmt.Errorf("%s takes %s, not %q", flag, strings.Trim(strings.Join(words, ", "), ", "), word))
}

// shut says whether a gate stops one of the plans.
func shut(gate string, all ...*judge.Assessment) error {
	for _, a := range all {
		if a.Reaches(gate) {
			return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "assess.gate", Cause: errGate,
				Say: fmt.Sprintf("%s does not pass: verdict %s, class %s.", a.Document, a.Verdict.Verdict, a.Verdict.Class), Do: "Change what the findings name, or raise --fail-on."}
		}
	}
	return nil
}

// gateCode is the exit code of an assessment: a shut gate is a check that fails.
func gateCode(err error) int {
	if errors.Is(err, errGate) {
		return ExitUnhealthy
	}
	return exitCode(err)
}
