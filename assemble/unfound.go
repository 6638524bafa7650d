package assemble

import (
	"fmt"
	"maps"
	"slices"
)

// readerName is what the registration is called that finds a tenant's mailboxes.
const readerName = "reader"

// Unfound says of the flows that a plan changes which of them name mailboxes that no
// registration finds. An administrator may have found them, which only the database
// knows, so that it is no mistake.
func (c *Config) Unfound(p Plan) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		f := c.Flows[name]
		t := c.Tenants[f.Tenant]
		if f.People || len(f.Mailboxes)+len(f.Groups) == 0 || t == nil || t.Registrations[readerName] != nil || !p.touches(name, f.Tenant) {
			continue
		}
		say := fmt.Sprintf("the tenant %s has no registration called %s, which finds the mailboxes of the flow %s", f.Tenant, readerName, name)
		if len(f.Groups) == 0 {
			say += fmt.Sprintf("; without it nothing is read or written until an administrator finds them: graphwarden connect %s %s --administrator", f.Tenant, f.Registration)
		} else {
			say += " and reads its groups; without it nobody's is read or written by them"
		}
		out = append(out, say+" (connect.reader_missing)")
	}
	return out
}

// touches says whether a plan brings a flow about, or changes who finds its mailboxes.
func (p Plan) touches(flow, tenant string) bool {
	return slices.ContainsFunc(p.Differences, func(d Difference) bool {
		return d.What == "flow" && d.Name == flow || d.What == "registration" && d.Name == registrationName(tenant, readerName)
	})
}
