package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Built is what a program says of its build.
type Built struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

// versionOf is the command that shows the version.
func (p Program) versionOf() *command {
	return &command{
		use:      "version",
		short:    "Show which version this is",
		long:     "Version shows the version of this program, the Go that it was built with, and for which system.",
		examples: []string{"graphwarden version", "graphwarden version --json"},
		prints:   Built{},
		run: func(c *call) error {
			b := Built{version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			return c.print(b, fmt.Sprintf("graphwarden %s (%s, %s)\n", b.Version, b.Go, b.System))
		},
	}
}

// version is what the build says of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unversioned"
	}
	return info.Main.Version
}
