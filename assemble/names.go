package assemble

import (
	"maps"
	"slices"
)

// Sinks are the names of the sinks, in the alphabet's order.
func (c *Config) Sinks() []string {
	all := map[string]bool{}
	for of, f := range c.Flows {
		for name := range f.sinks(of) {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Apps are the names of the apps, in the alphabet's order.
func (c *Config) Apps() []string { return slices.Sorted(maps.Keys(c.apps())) }
