package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/schema"
)

// nameOf is a command's own name.
func nameOf(d *command) string {
	name, _, _ := strings.Cut(d.use, " ")
	return name
}

// told is a flag as people read of it.
type told struct{ name, sign, usage, fallback string }

// flagsOf are a command's flags, in the alphabet's order.
func flagsOf(p Program, d *command) []told {
	set := pflag.NewFlagSet(nameOf(d), pflag.ContinueOnError)
	set.SetOutput(io.Discard)
	d.give(set, &call{Program: p})
	var out []told
	set.VisitAll(func(f *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(f)
		t := told{name: f.Name, sign: strings.TrimSpace("--" + f.Name + " " + value), usage: usage}
		switch f.DefValue {
		case "", "false", "0", "[]":
		default:
			t.fallback = f.DefValue
		}
		out = append(out, t)
	})
	return out
}

// walk calls each for every command, with the names of those above it.
func (p Program) walk(each func(name string, d *command)) {
	var down func(above string, list []*command)
	down = func(above string, list []*command) {
		for _, d := range list {
			each(above+nameOf(d), d)
			down(above+nameOf(d)+" ", d.under)
		}
	}
	down("graphwarden ", p.commands())
}

// reference is docs/cli.md, made of the table.
func (p Program) reference() string {
	var b strings.Builder
	b.WriteString(`# The commands

Written by the program itself (` + "`go test ./cli -run Reference -update`" + `). What a command
prints for programs and people stands on the standard output, everything else on the
standard error; ` + "`--json`" + ` is described by [cli.schema.json](cli.schema.json), and
[exit-codes.md](exit-codes.md) lists how commands end.

- **Changes.** A command that changes something takes ` + "`--dry-run`" + `: it says what it would
  do and does nothing. One that takes something away wants its name typed, or ` + "`--yes`" + `.
- **Nobody there.** With ` + "`--no-input`" + `, where ` + "`CI`" + ` is set, and where the standard input is
  no terminal, no command waits for an answer: it ends with 2 and says which flag
  answers. The commands of ` + "`connect`" + ` heed only ` + "`--no-input`" + ` and ` + "`CI`" + `: where a person has to sign
  in or an administrator to consent, they end with 4. Colour ends with ` + "`NO_COLOR`" + ` and where the output is no terminal.
- **Secrets** are never flags: they are files, or the standard input where ` + "`-`" + ` is named.
- **Completion** for bash, zsh, fish and PowerShell: ` + "`graphwarden completion --help`" + `. It
  completes commands, flags, and the names of the configuration (tenants, registrations,
  flows, sinks, apps, mailboxes) that ` + "`--config`" + ` names.
- **Manual pages**: ` + "`graphwarden man --to /usr/local/share/man/man1`" + ` writes them all.
`)
	p.walk(func(name string, d *command) {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n", name, d.short)
		if d.long != "" {
			fmt.Fprintf(&b, "\n%s\n", d.long)
		}
		words := strings.TrimSuffix(name, nameOf(d)) + d.use
		if d.run != nil {
			fmt.Fprintf(&b, "\n    %s [flags]\n", words)
			b.WriteString("\n| flag | meaning |\n|---|---|\n")
			for _, f := range flagsOf(p, d) {
				usage := strings.ReplaceAll(f.usage, "|", "\\|")
				if f.fallback != "" {
					usage += "; without it " + f.fallback
				}
				fmt.Fprintf(&b, "| `%s` | %s |\n", f.sign, usage)
			}
		}
		b.WriteString("\n```sh\n" + strings.Join(d.examples, "\n") + "\n```\n")
	})
	return strings.ReplaceAll(b.String(), "\n\n| flag | meaning |\n|---|---|\n\n", "\n\n")
}

// schema is docs/cli.schema.json: what each command prints with --json.
func (p Program) schema() ([]byte, error) {
	w := schema.Words{Tag: "json"}
	defs := map[string]any{}
	p.walk(func(name string, d *command) {
		if d.prints == nil {
			return
		}
		described := w.Of(d.prints)
		if d.changes != nil {
			described = map[string]any{"anyOf": []any{described, w.Of(Intent{})}}
		}
		if d.lines {
			described["description"] = "Printed again and again, a line each."
		}
		defs[name] = described
	})
	text, err := json.MarshalIndent(map[string]any{"$schema": schema.Draft, "title": "What graphwarden's commands print with --json, by command", "$defs": defs}, "", "  ")
	return append(text, '\n'), err
}
