package directory

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// maxChecked is how many groups one request may ask about (graph-facts §8).
const maxChecked = 20

// membershipRoutes ask for the transitive memberships of an object: all of them,
// or which of some it has.
func membershipRoutes() []wire.Route {
	asks := []struct {
		name   string
		answer action
	}{
		{"getMemberGroups", held("group")},
		{"getMemberObjects", held("")},
		{"checkMemberGroups", checked("groupIds", "group")},
		{"checkMemberObjects", checked("ids", "")},
	}
	var out []wire.Route
	for _, k := range append(kinds(), anyObject()) {
		if _, has := relationOf(k.typ, "memberOf"); !has && k.typ != anyObject().typ {
			continue
		}
		for _, ask := range asks {
			out = append(out, wire.Route{Method: "POST", Path: k.path() + "/" + ask.name, Body: wire.Action,
				Handle: k.on(anyone, world.Read, ask.answer)})
		}
	}
	return out
}

// held answers the ids of what the object is a member of, of a type if one is
// named, with securityEnabledOnly of security groups only.
func held(typ string) action {
	return func(c *wire.Call, o world.Object) (wire.Answer, error) {
		ids := []any{}
		for _, g := range c.World.MembershipsOf(c.Tx, o.ID, true) {
			if typ != "" && g.Type != typ || c.Body["securityEnabledOnly"] == true && g.Doc["securityEnabled"] != true {
				continue
			}
			ids = append(ids, g.ID)
		}
		return wire.Values("Edm.String", ids), nil
	}
}

// checked answers those of the ids in the body that the object is a member of.
// A directory role may be asked for by its template (serviceprincipal-checkmemberobjects).
func checked(param, typ string) action {
	return func(c *wire.Call, o world.Object) (wire.Answer, error) {
		asked, _ := c.Body[param].([]any)
		if len(asked) == 0 || len(asked) > maxChecked {
			return wire.Answer{}, bad("The number of ids in '%s' must be between 1 and %d.", param, maxChecked)
		}
		var names []string
		for _, g := range c.World.MembershipsOf(c.Tx, o.ID, true) {
			if typ == "" || g.Type == typ {
				names = append(names, g.ID, world.Text(g.Doc, "roleTemplateId"))
			}
		}
		ids := []any{}
		for _, v := range asked {
			if id, _ := v.(string); id != "" && slices.Contains(names, strings.ToLower(id)) {
				ids = append(ids, id)
			}
		}
		return wire.Values("Edm.String", ids), nil
	}
}
