package directory

import (
	"iter"
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// defaultRole is the app role that stands for access as such, on a resource that
// defines no roles (user-post-approleassignments).
const defaultRole = "00000000-0000-0000-0000-000000000000"

// assignments are app role assignments seen from one side: those of a principal,
// or those on a resource.
type assignments struct {
	of   string // the type whose property it is
	name string
	side string // the property of an assignment that names this object
	all  func(w *world.World, tx *state.Tx, id string) iter.Seq2[string, wire.Doc]
}

func assignmentRoutes() []wire.Route {
	var out []wire.Route
	for _, a := range []assignments{
		{"user", "appRoleAssignments", "principalId", (*world.World).GrantsTo},
		{"group", "appRoleAssignments", "principalId", (*world.World).GrantsTo},
		{"servicePrincipal", "appRoleAssignments", "principalId", (*world.World).GrantsTo},
		{"servicePrincipal", "appRoleAssignedTo", "resourceId", (*world.World).GrantsOn},
	} {
		out = append(out, a.routes()...)
	}
	return out
}

func (a assignments) routes() []wire.Route {
	k, _ := kindOf(a.of)
	path := k.path() + "/" + a.name
	item := path + "/{assignment}"
	return []wire.Route{
		{Method: "GET", Path: path, Type: "appRoleAssignment", Query: listing(), Handle: k.on(anyone, world.Read, a.list)},
		{Method: "POST", Path: path, Type: "appRoleAssignment", Body: "appRoleAssignment", Handle: k.on(changeGrants, world.Update, a.post)},
		{Method: "GET", Path: item, Type: "appRoleAssignment", PermitAs: path, Handle: k.on(anyone, world.Read, a.show)},
		{Method: "DELETE", Path: item, Handle: k.on(changeGrants, world.Update, a.delete)},
	}
}

func (a assignments) list(c *wire.Call, o world.Object) (wire.Answer, error) {
	var docs []wire.Doc
	for _, d := range a.all(c.World, c.Tx, o.ID) {
		docs = append(docs, d)
	}
	return wire.List(docs), nil
}

// post assigns an app role (graph-facts §1.11).
func (a assignments) post(c *wire.Call, o world.Object) (wire.Answer, error) {
	if err := require(c.Body, "AppRoleAssignment", "principalId", "resourceId", "appRoleId"); err != nil {
		return wire.Answer{}, err
	}
	if world.Text(c.Body, a.side) != o.ID {
		return wire.Answer{}, bad("The property '%s' must name the object that the request is addressed to.", a.side)
	}
	principal, ok := c.World.Object(c.Tx, world.Text(c.Body, "principalId"), "user", "group", "servicePrincipal")
	if !ok {
		return wire.Answer{}, wire.NoResource(world.Text(c.Body, "principalId"))
	}
	resource, ok := c.World.Object(c.Tx, world.Text(c.Body, "resourceId"), "servicePrincipal")
	if !ok {
		return wire.Answer{}, wire.NoResource(world.Text(c.Body, "resourceId"))
	}
	if err := mayGrantGraph(c, principal, resource); err != nil {
		return wire.Answer{}, err
	}
	role := world.Text(c.Body, "appRoleId")
	if !offersRole(resource, role) {
		return wire.Answer{}, bad("Permission being assigned was not found on application '%s'.", world.Text(resource.Doc, "appId"))
	}
	for _, d := range c.World.GrantsTo(c.Tx, principal.ID) {
		if world.Text(d, "resourceId") == resource.ID && world.Text(d, "appRoleId") == role {
			return wire.Answer{}, bad("Permission being assigned already exists on the object.")
		}
	}
	return wire.Created(c.World.AssignRole(c.Tx, principal, resource, role)), nil
}

// mayGrantGraph asks for the right to give an app permissions of Microsoft
// Graph, which is for the highest administrators alone (Microsoft Entra,
// "Application Administrator").
func mayGrantGraph(c *wire.Call, principal, resource world.Object) error {
	if principal.Type != "servicePrincipal" || world.Text(resource.Doc, "appId") != world.GraphAppID {
		return nil
	}
	return mayChange(c, changeRoles, world.Object{})
}

// offersRole says whether a resource has the app role; every resource has the
// default one.
func offersRole(resource world.Object, id string) bool {
	roles, _ := resource.Doc["appRoles"].([]any)
	for _, v := range roles {
		if d, ok := v.(wire.Doc); ok && world.Text(d, "id") == id {
			return true
		}
	}
	return id == defaultRole
}

// find gives the assignment that the path names, if it is the object's.
func (a assignments) find(c *wire.Call, o world.Object) (wire.Doc, error) {
	id := c.Arg("assignment")
	d, ok := c.World.Grants.Get(c.Tx, id)
	if !ok || world.Text(d, a.side) != o.ID {
		return nil, wire.NoResource(id)
	}
	return d, nil
}

func (a assignments) show(c *wire.Call, o world.Object) (wire.Answer, error) {
	d, err := a.find(c, o)
	return wire.Entity(d), err
}

func (a assignments) delete(c *wire.Call, o world.Object) (wire.Answer, error) {
	if _, err := a.find(c, o); err != nil {
		return wire.Answer{}, err
	}
	c.World.Grants.Delete(c.Tx, c.Arg("assignment"))
	return wire.Empty(http.StatusNoContent), nil
}
