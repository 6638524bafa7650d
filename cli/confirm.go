package cli

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
)

// answers says whether somebody may be asked: not with --no-input, not in a
// program's run (CI), and not where the standard input is a file, /dev/null or a
// pipe of another program that may never end.
func (p Program) answers(c *cobra.Command) bool {
	if no, err := c.Flags().GetBool("no-input"); err == nil && no || p.Env("CI") != "" {
		return false
	}
	if _, is := p.Stdin.(*os.File); !is {
		return p.Stdin != nil
	}
	return p.terminal(p.Stdin)
}

// confirm has the name of what is taken away typed, unless --yes was said.
func (c *call) confirm(e effect) error {
	if e.name == "" || c.sure {
		return nil
	}
	if c.noInput {
		return unconfirmed("nobody is here to type "+e.name, "Say --yes, or run it at a terminal.")
	}
	fmt.Fprintf(c.Stderr, "%s\nType %s to go on: ", e.says, e.name)
	line, _ := bufio.NewReader(c.Stdin).ReadString('\n') // nothing typed is a no
	if strings.TrimSpace(line) != e.name {
		return unconfirmed(e.name+" was not typed", "Type it, or say --yes.")
	}
	return nil
}

func unconfirmed(why, what string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.unconfirmed",
		Say: "Nothing was done, because " + why + ".", Do: what}
}
