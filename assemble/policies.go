package assemble

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// checkPolicies reads the files with rules, which are judged by from then on, and finds
// what is wrong with them.
func (c *Config) checkPolicies(found *faults) {
	c.rules, c.ruled = &policy.Rules{}, map[string]string{}
	known := policy.Known{Apps: c.Apps(), Tenants: slices.Sorted(maps.Keys(c.Tenants)), Flows: slices.Sorted(maps.Keys(c.Flows)), Operations: policy.Operations(c.performing())}
	for i, name := range c.Policies {
		if _, twice := c.ruled[name]; twice {
			found.at("policies", "entry %d: %s stands there twice", i+1, name)
			continue
		}
		text, err := os.ReadFile(c.path(name))
		if err != nil {
			found.at("policies", "entry %d: the rules cannot be read from %s", i+1, c.path(name))
			continue
		}
		sum := sha256.Sum256(text)
		c.ruled[name] = fmt.Sprintf("%x", sum[:8])
		err = c.rules.Read(name, text, known)
		if err == nil {
			continue
		}
		for _, one := range strings.Split(err.Error(), "\n") {
			found.at("policies", "%s", strings.TrimSuffix(one, "."))
		}
	}
}

// performing are the flows with every operation that their kinds can have, as rules may
// name them: what a flow's settings leave out of its kind is no mistake in a rule.
func (c *Config) performing() (out []flow.Flow) {
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		f := c.Flows[name]
		if f == nil {
			continue
		}
		kinds := []flow.Kind{}
		switch f.Kind {
		case throughKind:
			kinds = append(kinds, flow.Through(f.through()))
		case mailKind:
			kinds = append(kinds, flow.MailSend(flow.Least), flow.MailSend(flow.ExactlyOnce))
		case presenceKind:
			kinds = append(kinds, flow.Presence(flow.PresenceWants{Schedule: true, Settings: true, Teams: true}))
		case flow.Calendar().Name():
			kinds = append(kinds, flow.CalendarWriting(flow.Both))
		}
		for _, kind := range kinds {
			out = append(out, flow.Flow{Name: name, Kind: kind})
		}
	}
	return out
}
