package directory

import (
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// bad is a 400 of the directory.
func bad(format string, args ...any) *wire.Problem {
	return wire.Refuse(http.StatusBadRequest, "Request_BadRequest", format, args...)
}

// taken is the answer to a value that another object has already
// (graph-facts §8, duplicate user principal name).
func taken(property string) *wire.Problem {
	p := bad("Another object with the same value for property %s already exists.", property)
	p.Extra = wire.Doc{"details": []any{wire.Doc{"code": "ObjectConflict", "target": property, "message": p.Message}}}
	return p
}

// require refuses a body that lacks one of the properties.
func require(body wire.Doc, resource string, names ...string) error {
	for _, name := range names {
		if v, ok := body[name]; !ok || v == nil || v == "" {
			return bad("A value is required for property '%s' of resource '%s'.", name, resource)
		}
	}
	return nil
}

// refuseProperties refuses to set what a client cannot set.
func refuseProperties(set wire.Doc, readOnly []string) error {
	for name := range set {
		if name == "id" || name == "createdDateTime" || name == "deletedDateTime" || slices.Contains(readOnly, name) {
			return bad("Property '%s' is read-only and cannot be set.", name)
		}
	}
	return nil
}

// knownExtensions refuses directory extensions that no application has defined.
func knownExtensions(c *wire.Call, set wire.Doc) error {
	for name := range set {
		if !strings.HasPrefix(name, "extension_") {
			continue
		}
		if _, defined := c.World.ObjectBy(c.Tx, "name", name, "extensionProperty"); !defined {
			return bad("The following extension properties are not available: %s.", name)
		}
	}
	return nil
}

// unique refuses a value that another object of one of the types has.
func unique(c *wire.Call, o world.Object, property string, value any, types ...string) error {
	text, ok := value.(string)
	if !ok || text == "" {
		return nil
	}
	if other, found := c.World.ObjectBy(c.Tx, property, text, types...); found && other.ID != o.ID {
		return taken(property)
	}
	return nil
}
