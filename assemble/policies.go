package assemble

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/policy"
)

// checkPolicies reads the files with rules, which are judged by from then on, and finds
// what is wrong with them.
func (c *Config) checkPolicies(found *faults) {
	c.rules, c.ruled = &policy.Rules{}, map[string]string{}
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
		err = c.rules.Read(name, text, c.Apps(), slices.Sorted(maps.Keys(c.Tenants)))
		if err == nil {
			continue
		}
		for _, one := range strings.Split(err.Error(), "\n") {
			found.at("policies", "%s", strings.TrimSuffix(one, "."))
		}
	}
}
