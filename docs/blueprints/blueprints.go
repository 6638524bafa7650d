// Package blueprints holds complete configurations for what people build with
// Graphwarden, each a file with a comment for each line and a page that explains
// it. They are what the demo runs.
package blueprints

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names lists the blueprints.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("reading the embedded blueprints: " + err.Error()) // they are in the program
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return out
}

// Read gives the configuration of a blueprint.
func Read(name string) (string, error) {
	raw, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return "", fmt.Errorf("there is no blueprint %q; there is: %s", name, strings.Join(Names(), ", "))
	}
	return string(raw), nil
}
