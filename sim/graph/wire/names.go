package wire

import (
	"strings"

	"github.com/graphwarden/graphwarden/odata/expr"
)

// mixed is the type of collections that hold objects of several types.
const mixed = "directoryObject"

// checkNames refuses a $filter or an $orderby that reads what the type of the
// resources does not have, and of mixed collections a $select of what none of
// their types has.
func (k *Kernel) checkNames(c *Call) error {
	typ := c.Route.Type
	if c.Cast != "" {
		typ = c.Cast
	}
	var paths []expr.Property
	if c.Query.Filter != nil {
		paths = expr.Properties(c.Query.Filter)
	}
	for _, by := range c.Query.OrderBy {
		paths = append(paths, by.By)
	}
	if typ == mixed {
		paths = append(paths, c.Query.Select...)
	}
	for _, p := range paths {
		if err := k.checkPath(typ, p); err != nil {
			return err
		}
	}
	return nil
}

// checkPath follows a path through the schema as far as the schema knows it.
func (k *Kernel) checkPath(typ string, path expr.Property) error {
	for _, name := range path {
		t, known := k.model.Type(typ)
		if !known || strings.ContainsAny(name, ".$*") {
			return nil
		}
		_, ref, ok := t.Member(name)
		if !ok {
			if strings.HasPrefix(name, "extension_") || expr.Unqualified(t.Name) == mixed && k.model.HasMember(mixed, name) {
				return nil
			}
			return BadRequest("Could not find a property named '%s' on type '%s'.", name, t.Name)
		}
		typ = ref.Type
	}
	return nil
}
