// Package blueprints holds complete configurations for what people build with
// Graphwarden, each a file with a comment for each line and a page that explains
// it. They are what the demo runs, and what graphwarden blueprint writes.
package blueprints

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed *.yaml *.md
var files embed.FS

// Names lists the blueprints.
func Names() []string {
	out, err := fs.Glob(files, "*.yaml")
	if err != nil {
		panic("reading the embedded blueprints: " + err.Error()) // they are in the program
	}
	for i := range out {
		out[i] = strings.TrimSuffix(out[i], ".yaml")
	}
	return out
}

// Says tells what a blueprint is for: the title of its page.
func Says(name string) (string, error) {
	page, err := files.ReadFile(name + ".md")
	if err != nil {
		return "", fmt.Errorf("reading the page of the blueprint %s: %w", name, err)
	}
	title, _, _ := strings.Cut(string(page), "\n")
	return strings.TrimPrefix(title, "# Blueprint: "), nil
}

// Read gives the configuration of a blueprint.
func Read(name string) (string, error) {
	raw, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return "", fmt.Errorf("there is no blueprint %q; there is: %s", name, strings.Join(Names(), ", "))
	}
	return string(raw), nil
}
