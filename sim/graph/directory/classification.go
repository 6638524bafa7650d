package directory

import (
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// classificationRoutes say how delicate the delegated permissions of a resource
// are (serviceprincipal-list-delegatedpermissionclassifications).
func classificationRoutes() []wire.Route {
	k, _ := kindOf("servicePrincipal")
	path := k.path() + "/delegatedPermissionClassifications"
	const typ = "delegatedPermissionClassification"
	return []wire.Route{
		{Method: "GET", Path: path, Type: typ, Query: wire.Offers{Filter: true, Directory: true}, Handle: k.on(anyone, world.Read, listClassifications)},
		{Method: "POST", Path: path, Type: typ, Body: typ, Handle: k.on(changeApplications, world.Update, classify)},
		{Method: "DELETE", Path: path + "/{classification}", Handle: k.on(changeApplications, world.Update, unclassify)},
	}
}

func listClassifications(c *wire.Call, o world.Object) (wire.Answer, error) {
	var docs []wire.Doc
	for _, x := range c.World.ClassificationsOf(c.Tx, o.ID) {
		docs = append(docs, x.Doc)
	}
	return wire.List(docs), nil
}

// classify classifies one of the permissions that the resource offers, named by
// its id or by its name.
func classify(c *wire.Call, o world.Object) (wire.Answer, error) {
	if err := require(c.Body, "DelegatedPermissionClassification", "classification"); err != nil {
		return wire.Answer{}, err
	}
	id, name := world.Text(c.Body, "permissionId"), world.Text(c.Body, "permissionName")
	scopes, _ := o.Doc["oauth2PermissionScopes"].([]any)
	for _, v := range scopes {
		d, _ := v.(wire.Doc)
		if world.Text(d, "id") == id || id == "" && strings.EqualFold(world.Text(d, "value"), name) {
			return wire.Created(c.World.Classify(c.Tx, o, d, c.Body["classification"])), nil
		}
	}
	return wire.Answer{}, bad("The permission '%s' was not found on the service principal.", id+name)
}

func unclassify(c *wire.Call, o world.Object) (wire.Answer, error) {
	id := c.Arg("classification")
	if !c.World.Classifications.Has(c.Tx, o.ID+"/"+id) {
		return wire.Answer{}, wire.NoResource(id)
	}
	c.World.Classifications.Delete(c.Tx, o.ID+"/"+id)
	return wire.Empty(http.StatusNoContent), nil
}
