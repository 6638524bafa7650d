package directory

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// maxByIDs is how many ids one getByIds may name (directoryobject-getbyids).
const maxByIDs = 1000

// anyObject stands for every type of directory object.
func anyObject() kind { return kind{typ: "directoryObject", set: "directoryObjects"} }

func objectRoutes() []wire.Route {
	all := anyObject()
	one := wire.Route{Type: "directoryObject", Context: "directoryObjects", Default: defaults(), Query: single()}
	route := func(method, path string, handle func(*wire.Call) (wire.Answer, error)) wire.Route {
		r := one
		r.Method, r.Path, r.Handle = method, path, handle
		return r
	}
	list := route("GET", "/directoryObjects", listObjects)
	list.Query, list.PermitAs = listing(), all.path()
	byIDs := route("POST", "/directoryObjects/getByIds", objectsByIDs)
	byIDs.Body = wire.Action
	validate := route("POST", "/directoryObjects/validateProperties", func(c *wire.Call) (wire.Answer, error) {
		return validate(c, world.Object{})
	})
	validate.Body = wire.Action
	return []wire.Route{
		list, byIDs, validate,
		route("GET", all.path(), all.on(anyone, world.Read, func(c *wire.Call, o world.Object) (wire.Answer, error) {
			return wire.Entity(described(c, []world.Object{o})[0]), nil
		})),
		route("DELETE", all.path(), all.on(anyone, world.Delete, deleteObject)),
	}
}

// listObjects lists the objects of every kind.
func listObjects(c *wire.Call) (wire.Answer, error) {
	var objects []world.Object
	for _, k := range kinds() {
		objects = slices.AppendSeq(objects, c.World.ObjectsOf(c.Tx, k.typ))
	}
	return wire.List(described(c, objects)), nil
}

// objectsByIDs answers those of the ids that exist and are of the types.
func objectsByIDs(c *wire.Call) (wire.Answer, error) {
	ids, _ := c.Body["ids"].([]any)
	types, _ := c.Body["types"].([]any)
	if len(ids) > maxByIDs {
		return wire.Answer{}, bad("Too many ids. The limit is %d.", maxByIDs)
	}
	wanted := func(o world.Object) bool {
		return len(types) == 0 || slices.ContainsFunc(types, func(v any) bool {
			typ, _ := v.(string)
			return strings.EqualFold(typ, o.Type) || typ == "directoryObject"
		})
	}
	var objects []world.Object
	for _, v := range ids {
		id, _ := v.(string)
		if o, ok := c.World.Object(c.Tx, id); ok && wanted(o) {
			objects = append(objects, o)
			c.Touch("", o.ID, world.Read)
		}
	}
	return wire.List(described(c, objects)), nil
}

// deleteObject deletes an object as its own collection would.
func deleteObject(c *wire.Call, o world.Object) (wire.Answer, error) {
	k, ok := kindOf(o.Type)
	if !ok || k.remove == nil {
		return wire.Answer{}, wire.NoPrivilege()
	}
	if err := mayDelete(c, k, o); err != nil {
		return wire.Answer{}, err
	}
	return k.delete(c, o)
}

// mayDelete asks for what deleting an object of its own collection needs.
func mayDelete(c *wire.Call, k kind, o world.Object) error {
	if err := c.May(http.MethodDelete, k.path(), ""); err != nil {
		return err
	}
	if err := mayChange(c, k.right, o); err != nil {
		return err
	}
	return maySensitive(c, o)
}

// typed writes an object with the name of its type.
func typed(o world.Object) wire.Doc {
	d := maps.Clone(public(o.Doc))
	d["@odata.type"] = "#microsoft.graph." + o.Type
	return d
}
