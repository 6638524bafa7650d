package policy

import (
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
)

// Opens says whether the application permissions open every operation of a kind.
func Opens(kind flow.Kind, c *catalog.Catalog, names []string) bool {
	for _, op := range kind.Operations() {
		known, found := lookUp(op, c)
		if !found || !known.Allowed(c.Grants(catalog.Application, names...)) {
			return false
		}
	}
	return true
}
