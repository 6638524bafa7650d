package directory

import (
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// keptFor is how long a deleted object can be restored (directory-deleteditems-list).
const keptFor = 30 * 24 * time.Hour

func deletedRoutes() []wire.Route {
	const all = "/directory/deletedItems"
	item := all + "/{object}"
	out := []wire.Route{
		{Method: "GET", Path: item, Type: "directoryObject", Context: "directoryObjects", Default: defaults(), Query: single(), Handle: getDeleted},
		{Method: "DELETE", Path: item, Handle: purgeDeleted},
		{Method: "POST", Path: item + "/restore", Type: "directoryObject", Context: "directoryObjects", Body: wire.Action,
			Default: defaults(), Handle: restoreDeleted},
	}
	for _, k := range kinds() {
		if k.remove == nil {
			continue
		}
		out = append(out, wire.Route{Method: "GET", Path: all + "/microsoft.graph." + k.typ, Type: k.typ, Context: k.set,
			Default: defaults(), Query: listing(), Handle: func(c *wire.Call) (wire.Answer, error) {
				var docs []wire.Doc
				for o := range c.World.DeletedObjects(c.Tx, k.typ) {
					if isKept(c, o) {
						docs = append(docs, o.Doc)
					}
				}
				return wire.List(docs), nil
			}})
	}
	return out
}

// isKept says whether a deleted object can still be restored.
func isKept(c *wire.Call, o world.Object) bool {
	return o.Deleted != nil && c.Now.Sub(*o.Deleted) < keptFor
}

// deleted finds the deleted object that the path names.
func deleted(c *wire.Call) (world.Object, kind, error) {
	key := c.Arg("object")
	o, ok := c.World.Objects.Get(c.Tx, strings.ToLower(key))
	k, known := kindOf(o.Type)
	if !ok || !known || !isKept(c, o) {
		return o, k, wire.NoResource(key)
	}
	return o, k, nil
}

func getDeleted(c *wire.Call) (wire.Answer, error) {
	o, k, err := deleted(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := c.May(http.MethodGet, "/directory/deletedItems/microsoft.graph."+k.typ, ""); err != nil {
		return wire.Answer{}, err
	}
	return wire.Entity(typed(o)), nil
}

func purgeDeleted(c *wire.Call) (wire.Answer, error) {
	o, k, err := deleted(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := mayDelete(c, k, o); err != nil {
		return wire.Answer{}, err
	}
	c.World.Purge(c.Tx, o)
	return wire.Empty(http.StatusNoContent), nil
}

// restoreDeleted brings an object back, unless its name belongs to another one
// by now (directory-deleteditems-restore).
func restoreDeleted(c *wire.Call) (wire.Answer, error) {
	o, k, err := deleted(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := mayDelete(c, k, o); err != nil {
		return wire.Answer{}, err
	}
	if upn := world.Text(c.Body, "newUserPrincipalName"); upn != "" && o.Type == "user" {
		o.Doc = world.Merge(o.Doc, wire.Doc{"userPrincipalName": upn})
	}
	check := func() error { return unique(c, o, "appId", o.Doc["appId"], o.Type) }
	switch o.Type {
	case "user":
		check = func() error { return checkUser(c, o, o.Doc) }
	case "group":
		check = func() error { return checkGroup(c, o, o.Doc) }
	}
	if err := check(); err != nil {
		return wire.Answer{}, err
	}
	return wire.Entity(typed(c.World.Restore(c.Tx, o))), nil
}
