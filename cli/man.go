package cli

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/meant"
)

// Manuals is what graphwarden man prints with --json.
type Manuals struct {
	Files []string `json:"files"` // written, or that would be
}

// man shows the manual pages, which are made of the table of commands.
func (p Program) man() *command {
	var to string
	return &command{
		use:   "man [COMMAND...]",
		short: "Show the manual page of a command, or write all of them",
		long: `Man prints the manual page of a command, of the program itself without one, as man
reads it; with --to it writes the pages of all commands into a folder, as packages
install them (man1).`,
		examples:  []string{"graphwarden man", "graphwarden man deliveries replay", "graphwarden man --to man1"},
		args:      cobra.ArbitraryArgs,
		prints:    Manuals{},
		rehearses: true,
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&to, "to", "", "write the pages of all commands into this `folder`, which is made")
		},
		run: func(c *call) error {
			if to == "" {
				page, err := c.manual(c.args)
				if err != nil {
					return err
				}
				_, err = fmt.Fprint(c.Stdout, page)
				return err
			}
			return c.writeManuals(to)
		},
	}
}

// manual is one page.
func (c *call) manual(path []string) (string, error) {
	name := strings.Join(append([]string{"graphwarden"}, path...), " ")
	all := c.manuals()
	if page, is := all[manualFile(name)]; is {
		return page, nil
	}
	var names []string
	for file := range all {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(file, "graphwarden-"), ".1"))
	}
	slices.Sort(names)
	asked := strings.Join(path, "-")
	if close := meant.Word(asked, names); close != "" {
		return "", usage(fmt.Errorf("%q has no manual page, did you mean %q", asked, close))
	}
	return "", usage(fmt.Errorf("%q has no manual page", asked))
}

// writeManuals writes all pages into a folder.
func (c *call) writeManuals(folder string) error {
	all, out := c.manuals(), Manuals{Files: []string{}}
	for _, file := range slices.Sorted(maps.Keys(all)) {
		path := filepath.Join(folder, file)
		out.Files = append(out.Files, path)
		if c.dry {
			continue
		}
		err := os.MkdirAll(folder, 0o755)
		if err == nil {
			err = os.WriteFile(path, []byte(all[file]), 0o644)
		}
		if err != nil {
			return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "cli.man", Cause: err, Say: fmt.Sprintf("The manual page %s cannot be written.", path), Do: "Name another folder with --to."}
		}
	}
	text := fmt.Sprintf("%d manual pages are in %s.\n", len(out.Files), folder)
	if c.dry {
		text = fmt.Sprintf("This writes %d manual pages into %s.\nNothing was changed.\n", len(out.Files), folder)
	}
	return c.print(out, text)
}

// manualFile is the file of a command's page: graphwarden-deliveries-replay.1.
func manualFile(name string) string { return strings.ReplaceAll(name, " ", "-") + ".1" }

// manuals are the pages of all commands, by their files.
func (p Program) manuals() map[string]string {
	out := map[string]string{}
	var all []string
	p.walk(func(name string, d *command) {
		all = append(all, name)
		m := manualPage{name: name, short: d.short, long: d.long, examples: d.examples, flags: flagsOf(p, d)}
		if m.use = strings.TrimSuffix(name, nameOf(d)) + d.use; d.run == nil {
			m.use = name + " COMMAND"
		}
		for _, below := range d.under {
			m.also = append(m.also, name+" "+nameOf(below))
		}
		if at := strings.LastIndexByte(name, ' '); at > 0 {
			m.also = append(m.also, name[:at])
		}
		out[manualFile(name)] = m.String()
	})
	root := p.root()
	whole := manualPage{name: "graphwarden", use: "graphwarden COMMAND", short: root.Short, long: root.Long, examples: strings.Split(strings.TrimSpace(strings.ReplaceAll(root.Example, "\n  ", "\n")), "\n"), also: all}
	out[manualFile("graphwarden")] = whole.String()
	return out
}

// manualPage is one page, as man(7) describes its language.
type manualPage struct {
	name, use, short, long string
	flags                  []told
	examples, also         []string
}

// String writes the page.
func (m manualPage) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line(`.TH "%s" 1 "" "graphwarden" "Graphwarden"`, strings.ToUpper(strings.ReplaceAll(m.name, " ", "-")))
	line(".SH NAME\n%s \\- %s", roff(strings.ReplaceAll(m.name, " ", "-")), roff(m.short))
	line(".SH SYNOPSIS\n.B %s", roff(m.use))
	if len(m.flags) > 0 {
		line("[flags]")
	}
	line(".SH DESCRIPTION")
	for i, part := range strings.Split(strings.TrimSpace(or(m.long, m.short+".")), "\n\n") {
		if i > 0 {
			line(".PP")
		}
		if strings.HasPrefix(part, "    ") {
			line(".nf\n%s\n.fi", roff(part))
			continue
		}
		line("%s", roff(part))
	}
	if len(m.flags) > 0 {
		line(".SH OPTIONS")
	}
	for _, f := range m.flags {
		usage := f.usage
		if f.fallback != "" {
			usage += "; without it " + f.fallback
		}
		line(".TP\n.B %s\n%s", roff(f.sign), roff(usage))
	}
	line(".SH EXIT STATUS\n0 when it is done, 1 for what nobody foresaw, 2 for a wrong command line or configuration, 3 when the doctor finds something, 4 for credentials, 5 when something outside does not answer, 6 for storage, 7 when a place is taken.")
	line(".SH EXAMPLES\n.nf")
	for _, e := range m.examples {
		line("%s", roff(e))
	}
	line(".fi\n.SH SEE ALSO")
	var also []string
	for _, name := range m.also {
		also = append(also, ".BR "+roff(strings.ReplaceAll(name, " ", "-"))+" (1)")
	}
	line("%s", strings.Join(also, "\n"))
	return b.String()
}

// roff writes a text so that man takes nothing in it for an order.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
