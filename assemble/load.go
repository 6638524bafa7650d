package assemble

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/item"
	"github.com/graphwarden/graphwarden/strict"
)

// Load reads and checks a configuration file. What is wrong with it is a Refusal
// whose cause is *Mistakes.
func Load(path string) (*Config, error) { return LoadWith(path, nil) }

// LoadWith reads and checks a configuration file, with the settings that the
// environment has in place of the file's (Variables); nil is an empty environment.
func LoadWith(path string, env func(string) string) (*Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "config.unreadable", Cause: err,
			Say: fmt.Sprintf("The configuration file %s cannot be read: %v.", path, errors.Unwrap(err)),
			Do:  "Name the right file with --config."}
	}
	return Parse(raw, path, env)
}

// Parse is LoadWith for what stands in the file of that path.
func Parse(raw []byte, path string, env func(string) string) (*Config, error) {
	c := &Config{folder: filepath.Dir(path), file: path, env: env}
	var err error
	if c.table, err = KeptTable(path); err != nil {
		return nil, err
	}
	lists := wordLists()
	found := &Mistakes{File: path}
	read := strict.Read(raw, c, lists)
	c.read = read
	for _, m := range read.Mistakes {
		found.add(Mistake{Line: m.Line, Column: m.Column, At: m.At, Code: "config.syntax", Say: m.Say})
	}
	if env != nil {
		for _, v := range Variables() {
			if text := env(v.Name); text != "" {
				if m := strict.Override(c, v.At, text, lists); m != nil {
					found.add(Mistake{At: v.Name, Code: "config.syntax", Say: m.Say})
				}
			}
		}
	}
	c.settle()
	wrongs := &faults{}
	c.check(wrongs)
	found.check(wrongs, read)
	if len(found.List) > 0 {
		return nil, found.refusal()
	}
	return c, nil
}

// Variable is an environment variable that stands in place of a setting.
type Variable struct{ Name, At string }

// Variables are the environment variables that are heeded: GRAPHWARDEN_ and the
// names of a setting, for each setting with a single value and a fixed name.
func Variables() []Variable {
	var out []Variable
	for _, at := range strict.Scalars(Config{}) {
		out = append(out, Variable{"GRAPHWARDEN_" + strings.ToUpper(strings.ReplaceAll(at, ".", "_")), at})
	}
	return out
}

// wordLists are the words that settings take and that stand elsewhere in the house.
func wordLists() map[string][]string {
	var clouds []string
	for _, cloud := range graphwarden.Clouds() {
		clouds = append(clouds, cloud.Name)
	}
	return map[string][]string{"kinds": flow.Names(), "clouds": clouds, "fields": item.EventFields()}
}
