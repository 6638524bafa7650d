package policy

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
)

// Served gives the permissions among those held by which an operation is served, in
// Microsoft's spelling: the narrowest that opens it, with what that requires beside
// it. None are given when nothing that is held opens it, and for what takes no
// permission.
func Served(op flow.Operation, scheme catalog.Scheme, held []string, c *catalog.Catalog) []string {
	if op.API() != flow.Graph || op.Own() {
		return nil
	}
	known, found := lookUp(op, c)
	if !found {
		return nil
	}
	has := func(name string) bool {
		return slices.ContainsFunc(held, func(h string) bool { return strings.EqualFold(h, name) })
	}
	for _, r := range known.Opens(scheme) {
		if !has(r.Permission) {
			continue
		}
		out, all := []string{r.Permission}, true
		for _, group := range r.AlsoRequires {
			i := slices.IndexFunc(group, has)
			if all = all && i >= 0; i >= 0 {
				out = append(out, group[i])
			}
		}
		if all {
			return out
		}
	}
	return nil
}
