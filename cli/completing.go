package cli

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/demo"
	"github.com/graphwarden/graphwarden/docs/blueprints"
)

// completing gives the commands that write completions for shells their examples.
func completing(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.Example = "  graphwarden completion bash\n  graphwarden completion zsh"
		for _, shell := range c.Commands() {
			shell.Example = fmt.Sprintf("  graphwarden completion %s\n  graphwarden completion %[1]s --no-descriptions", shell.Name())
		}
	}
}

// naming gives what may stand in a place of the command line, of the configuration's
// names.
type naming func(c *assemble.Config, args []string) []string

// completes has a command's arguments and flags completed: with the names that the
// configuration has, the one that --config names or the usual one.
func (p Program) completes(c *cobra.Command, d *command) {
	config := func() *assemble.Config {
		file, err := c.Flags().GetString("config")
		if err != nil || file == "" {
			file = "graphwarden.yaml"
		}
		loaded, err := p.load(file)
		if err != nil {
			return &assemble.Config{} // a wrong one completes nothing
		}
		return loaded
	}
	by := func(of naming) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return of(config(), args), cobra.ShellCompDirectiveNoFileComp
		}
	}
	switch {
	case d.names != nil:
		c.ValidArgsFunction = by(d.names)
	case d.args == nil:
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	for name, of := range flagNamings() {
		if f := c.Flags().Lookup(name); f != nil && f.Value.Type() != "bool" {
			_ = c.RegisterFlagCompletionFunc(name, by(of)) // it is there, and once
		}
	}
	if c.Flags().Lookup("config") != nil {
		_ = c.MarkFlagFilename("config", "yaml", "yml")
	}
}

// flagNamings are the flags whose values have names.
func flagNamings() map[string]naming {
	return map[string]naming{
		"flow":    func(c *assemble.Config, _ []string) []string { return slices.Sorted(maps.Keys(c.Flows)) },
		"sink":    func(c *assemble.Config, _ []string) []string { return c.Sinks() },
		"app":     func(c *assemble.Config, _ []string) []string { return c.Apps() },
		"tenant":  func(c *assemble.Config, _ []string) []string { return slices.Sorted(maps.Keys(c.Tenants)) },
		"mailbox": func(c *assemble.Config, _ []string) []string { return mailboxNames(c) },
		"kind":    fixed("created", "updated", "deleted"),
		"how":     fixed(slices.Sorted(maps.Keys(guides()))...),
		"state":   fixed("open", "done", "refused", "lost", "uncertain"),
		"filter": func(*assemble.Config, []string) (list []string) {
			for _, name := range api.ActivityFilters() {
				list = append(list, name+"=")
			}
			return list
		},
	}
}

// fixed are names that stand in no configuration.
func fixed(names ...string) naming {
	return func(*assemble.Config, []string) []string { return names }
}

// first has the names of one for the first argument, and none for the others.
func first(of naming) naming {
	return func(c *assemble.Config, args []string) []string {
		if len(args) > 0 {
			return nil
		}
		return of(c, args)
	}
}

func mailboxNames(c *assemble.Config) []string {
	all := map[string]bool{}
	for _, f := range c.Flows {
		for _, m := range f.Mailboxes {
			all[m] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// sinkNames are the configuration's sinks, where one is to be named.
func sinkNames(c *assemble.Config, args []string) []string {
	return first(func(c *assemble.Config, _ []string) []string { return c.Sinks() })(c, args)
}

// appNames are the configuration's apps.
func appNames(c *assemble.Config, args []string) []string {
	return first(func(c *assemble.Config, _ []string) []string { return c.Apps() })(c, args)
}

// connectionNames are its tenants and, after one, the tenant's registrations.
func connectionNames(c *assemble.Config, args []string) []string {
	switch len(args) {
	case 0:
		return slices.Sorted(maps.Keys(c.Tenants))
	case 1:
		if t := c.Tenants[args[0]]; t != nil {
			return slices.Sorted(maps.Keys(t.Registrations))
		}
	}
	return nil
}

func blueprintNames(c *assemble.Config, args []string) []string {
	return first(fixed(blueprints.Names()...))(c, args)
}

func storyNames(c *assemble.Config, args []string) []string {
	var names []string
	for _, s := range demo.Stories() {
		names = append(names, s.Name)
	}
	return first(fixed(names...))(c, args)
}
