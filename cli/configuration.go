package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/docs"
)

// configuration looks at configuration files.
func (p Program) configuration() *command {
	return &command{
		use:   "config",
		short: "Look at a configuration file",
		long: `Config finds what is wrong with a configuration file, and prints the JSON Schema
that editors complete and check one with. docs/configuration.md explains each
setting.`,
		examples: []string{"graphwarden config validate", "graphwarden config schema"},
		under:    []*command{p.validate(), p.printSchema()},
	}
}

// Validated is what graphwarden config validate --json prints.
type Validated struct {
	File     string             `json:"file"`
	Valid    bool               `json:"valid"`
	Mistakes []assemble.Mistake `json:"mistakes"`
}

func (p Program) validate() *command {
	return &command{
		use:   "validate [FILE]",
		short: "Find everything that is wrong with a configuration file",
		long: `Validate reads a configuration file as graphwarden serve does, with the settings
that the environment has in place of the file's, and lists every mistake with its
line and column and, where a name was mistyped, what was probably meant. It reads
nothing else and calls nobody; graphwarden doctor looks at the rest. It ends with 2
when something is wrong.`,
		examples: []string{"graphwarden config validate", "graphwarden config validate graphwarden.yaml --json"},
		args:     cobra.MaximumNArgs(1),
		prints:   Validated{},
		run: func(c *call) error {
			v := Validated{File: "graphwarden.yaml", Mistakes: []assemble.Mistake{}}
			if len(c.args) == 1 {
				v.File = c.args[0]
			}
			_, err := c.load(v.File)
			var found *assemble.Mistakes
			switch v.Valid = err == nil; {
			case err == nil:
				return c.print(v, v.File+": nothing is wrong\n")
			case !errors.As(err, &found):
				return err
			}
			v.Mistakes = found.List
			if err := c.print(v, found.Error()+"\n"); err != nil {
				return err
			}
			first := found.List[0]
			return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: first.Code,
				Say: fmt.Sprintf("%s in the configuration %s.", counted(len(found.List), "mistake is", "mistakes are"), v.File), Do: strings.TrimSuffix(first.Fix, ".") + "."}
		},
	}
}

func (p Program) printSchema() *command {
	return &command{
		use:   "schema",
		short: "Print the JSON Schema of the configuration file",
		long: `Schema prints the JSON Schema that docs/config.schema.json publishes. An editor
that knows YAML completes and checks a configuration with it when the file's first
line names it:

    # yaml-language-server: $schema=` + assemble.SchemaAddress,
		examples: []string{"graphwarden config schema", "graphwarden config schema > config.schema.json"},
		run: func(c *call) error {
			_, err := io.WriteString(c.Stdout, docs.ConfigSchema())
			return err
		},
	}
}
