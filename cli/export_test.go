package cli

import (
	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden/grants"
)

// Told is a command as tests see it.
type Told struct {
	Name     string // with those above it, without graphwarden
	Group    bool   // it only groups others
	Prints   any
	Lines    bool
	Changes  bool
	Takes    bool
	Config   bool
	Optional bool // --config has no default
	Examples []string
	Flags    map[string]string // the usage of each
}

// Table is all commands, as tests see them.
func Table(p Program) []Told {
	var out []Told
	var walk func(above string, list []*command)
	walk = func(above string, list []*command) {
		for _, d := range list {
			name := above + nameOf(d)
			t := Told{Name: name, Group: d.run == nil, Prints: d.prints, Lines: d.lines, Changes: d.changes != nil || d.rehearses,
				Takes: d.takes != "", Config: d.config != "", Optional: d.optional, Examples: d.examples, Flags: map[string]string{}}
			for _, f := range flagsOf(p, d) {
				t.Flags[f.name] = f.usage
			}
			out = append(out, t)
			walk(name+" ", d.under)
		}
	}
	walk("", p.commands())
	return out
}

// Reference is docs/cli.md.
func Reference(p Program) string { return p.reference() }

// Schema is docs/cli.schema.json.
func Schema(p Program) ([]byte, error) { return p.schema() }

// Root is the tree of all commands.
func Root(p Program) *cobra.Command { return p.root() }

// ManPages are the manual pages by their files.
func ManPages(p Program) map[string]string { return p.manuals() }

// NarrowerFlows is what --output configuration proposes.
func NarrowerFlows(r grants.Report) string { return narrowerFlows(r) }
