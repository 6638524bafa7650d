package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// built is what a program says of its build.
type built struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

// versionOf is the command that shows the version.
func (p Program) versionOf() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "Show which version this is",
		Long:    "Version shows the version of this program, the Go that it was built with, and for which system.",
		Example: "  graphwarden version\n  graphwarden version --json",
		Args:    none,
		RunE: func(*cobra.Command, []string) error {
			b := built{version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			if asJSON {
				return printJSON(p.Stdout, b)
			}
			_, err := fmt.Fprintf(p.Stdout, "graphwarden %s (%s, %s)\n", b.Version, b.Go, b.System)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON for programs")
	return c
}

// version is what the build says of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unversioned"
	}
	return info.Main.Version
}

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
