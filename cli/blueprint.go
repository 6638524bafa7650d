package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/docs/blueprints"
	"github.com/graphwarden/graphwarden/meant"
)

// Blueprint is a configuration to begin with.
type Blueprint struct {
	Name string `json:"name"`
	Says string `json:"says"`
}

// blueprintOf is the configuration of a name.
func blueprintOf(name string) (string, error) {
	names := blueprints.Names()
	if slices.Contains(names, name) {
		return blueprints.Read(name)
	}
	if word := meant.Word(name, names); word != "" {
		return "", usage(fmt.Errorf("there is no blueprint %q, did you mean %q", name, word))
	}
	return "", usage(fmt.Errorf("there is no blueprint %q; there are %s", name, strings.Join(names, ", ")))
}

// blueprint shows configurations to begin with.
func (p Program) blueprint() *command {
	return &command{
		use:      "blueprint",
		short:    "Begin with a complete, commented configuration",
		examples: []string{"graphwarden blueprint list", "graphwarden blueprint show crm"},
		under:    []*command{p.listBlueprints(), p.showBlueprint(), p.newBlueprint()},
	}
}

func (p Program) listBlueprints() *command {
	return &command{
		use:      "list",
		short:    "List the blueprints",
		examples: []string{"graphwarden blueprint list", "graphwarden blueprint list --json"},
		prints:   []Blueprint{},
		run: func(c *call) error {
			var all []Blueprint
			t := &table{head: []string{"BLUEPRINT", "FOR"}}
			for _, name := range blueprints.Names() {
				says, err := blueprints.Says(name)
				if err != nil {
					return err
				}
				all = append(all, Blueprint{name, says})
				t.add(name, says)
			}
			return c.show(all, t)
		},
	}
}

// Shown is what graphwarden blueprint show --json prints.
type Shown struct {
	Name string `json:"name"`
	File string `json:"file"` // the configuration
}

func (p Program) showBlueprint() *command {
	return &command{
		names:    blueprintNames,
		use:      "show NAME",
		short:    "Print the configuration of a blueprint",
		examples: []string{"graphwarden blueprint show crm", "graphwarden blueprint show crm > graphwarden.yaml"},
		args:     cobra.ExactArgs(1),
		prints:   Shown{},
		run: func(c *call) error {
			text, err := blueprintOf(c.args[0])
			if err != nil {
				return err
			}
			return c.print(Shown{c.args[0], text}, text)
		},
	}
}

func (p Program) newBlueprint() *command {
	return &command{
		names: blueprintNames,
		use:   "new NAME FOLDER",
		short: "Write the files of a blueprint into a folder",
		long: `New writes the files of a blueprint into a folder, which it makes. What is there
already is not overwritten.`,
		examples: []string{"graphwarden blueprint new crm crm --dry-run", "graphwarden blueprint new crm crm"},
		args:     cobra.ExactArgs(2),
		prints:   Done{},
		changes: func(c *call) (effect, error) {
			_, err := blueprintOf(c.args[0])
			path := filepath.Join(c.args[1], "graphwarden.yaml")
			if _, there := os.Lstat(path); err == nil && there == nil {
				err = unwritten(&fs.PathError{Op: "open", Path: path, Err: fs.ErrExist})
			}
			return effect{says: "This writes the files of the blueprint " + c.args[0] + " into the folder " + c.args[1] + "."}, err
		},
		run: func(c *call) error {
			b, err := blueprintOf(c.args[0])
			if err != nil {
				return err
			}
			path := filepath.Join(c.args[1], "graphwarden.yaml")
			if err := writeNew(path, b); err != nil {
				return unwritten(err)
			}
			text := "Wrote " + path + ". docs/blueprints/" + c.args[0] + ".md goes through it."
			return c.print(Done{text}, text+"\n")
		},
	}
}

// writeNew writes a file that is not there yet, and makes its folder.
func writeNew(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func unwritten(err error) error {
	kind := graphwarden.Invalid
	if errors.Is(err, fs.ErrExist) {
		kind = graphwarden.Conflict
	}
	return &graphwarden.Refusal{Kind: kind, Code: "cli.blueprint", Cause: err, Say: fmt.Sprintf("The blueprint cannot be written: %v.", err), Do: "Name a new folder."}
}
