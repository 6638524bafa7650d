package directory

import (
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// relation is a navigation property that leads from directory objects of some
// types to others.
type relation struct {
	of   []string // types that have it
	name string
	read func(c *wire.Call, o world.Object) []world.Object
	// link is the world's relation that $ref changes; "" when it cannot be
	// changed. to are the types that it may lead to.
	link string
	to   []string
	// single says that it leads to one object at most.
	single bool
	// grows says that links can be added by key and not removed.
	grows bool
}

// relations is the table of the navigation properties between directory
// objects. Sources: Microsoft Graph, the relationships of each resource type.
func relations() []relation {
	people := []string{"user", "servicePrincipal"}
	member := []string{"user", "group", "servicePrincipal", "orgContact"}
	return []relation{
		{of: member, name: "memberOf", read: memberships(false)},
		{of: member, name: "transitiveMemberOf", read: memberships(true)},
		{of: people, name: "ownedObjects", read: backward(world.Owners)},
		{of: people, name: "createdObjects", read: forward(world.CreatedObjects)},
		{of: []string{"user"}, name: "ownedDevices", read: nothing},
		{of: []string{"user"}, name: "registeredDevices", read: nothing},
		{of: []string{"user"}, name: "directReports", read: backward(world.Manager)},
		{of: []string{"user"}, name: "manager", read: forward(world.Manager), link: world.Manager, to: []string{"user", "orgContact"}, single: true},
		{of: []string{"group", "directoryRole"}, name: "members", read: members(false), link: world.Members, to: member},
		{of: []string{"group"}, name: "transitiveMembers", read: members(true)},
		{of: []string{"group", "application", "servicePrincipal"}, name: "owners", read: forward(world.Owners), link: world.Owners, to: people},
		{of: []string{"group"}, name: "acceptedSenders", read: forward(world.AcceptedSenders), link: world.AcceptedSenders, to: []string{"user", "group"}, grows: true},
		{of: []string{"group"}, name: "rejectedSenders", read: forward(world.RejectedSenders), link: world.RejectedSenders, to: []string{"user", "group"}, grows: true},
	}
}

func memberships(transitive bool) func(*wire.Call, world.Object) []world.Object {
	return func(c *wire.Call, o world.Object) []world.Object {
		return c.World.MembershipsOf(c.Tx, o.ID, transitive)
	}
}

func members(transitive bool) func(*wire.Call, world.Object) []world.Object {
	return func(c *wire.Call, o world.Object) []world.Object {
		return c.World.MembersOf(c.Tx, o.ID, transitive)
	}
}

func forward(rel string) func(*wire.Call, world.Object) []world.Object {
	return func(c *wire.Call, o world.Object) []world.Object {
		return slices.Collect(c.World.LinkedFrom(c.Tx, o.ID, rel))
	}
}

func backward(rel string) func(*wire.Call, world.Object) []world.Object {
	return func(c *wire.Call, o world.Object) []world.Object {
		return slices.Collect(c.World.LinkedTo(c.Tx, o.ID, rel))
	}
}

// nothing is what leads to devices: the tenant has none.
func nothing(*wire.Call, world.Object) []world.Object { return nil }

// relationsOf gives the relations of a type.
func relationsOf(typ string) iter.Seq[relation] {
	return func(yield func(relation) bool) {
		for _, r := range relations() {
			if slices.Contains(r.of, typ) && !yield(r) {
				return
			}
		}
	}
}

func relationOf(typ, name string) (relation, bool) {
	for r := range relationsOf(typ) {
		if r.name == name {
			return r, true
		}
	}
	return relation{}, false
}

func relationRoutes() []wire.Route {
	var out []wire.Route
	for _, k := range kinds() {
		for r := range relationsOf(k.typ) {
			out = append(out, r.routes(k)...)
		}
	}
	return out
}

func (r relation) routes(k kind) []wire.Route {
	path := k.path() + "/" + r.name
	query := listing()
	if r.single {
		query = single()
	}
	out := []wire.Route{
		{Method: "GET", Path: path, Type: "directoryObject", Context: "directoryObjects", Query: query,
			Default: defaults(), Handle: k.on(anyone, world.Read, r.show)},
		{Method: "GET", Path: path + "/$ref", Context: "Collection($ref)", Query: wire.Offers{Top: true, Page: 100, MaxPage: 999, Directory: true},
			PermitAs: path, Handle: k.on(anyone, world.Read, r.refs)},
	}
	if r.link == "" {
		return out
	}
	add, remove := "POST", path+"/{target}/$ref"
	if r.single {
		add, remove = "PUT", path+"/$ref"
	}
	out = append(out, wire.Route{Method: add, Path: path + "/$ref", Handle: k.on(k.right, world.Update, r.post)})
	if r.grows {
		return out
	}
	return append(out, wire.Route{Method: "DELETE", Path: remove, Handle: k.on(k.right, world.Update, r.delete)})
}

// show answers what the relation leads to.
func (r relation) show(c *wire.Call, o world.Object) (wire.Answer, error) {
	docs := described(c, r.read(c, o))
	switch {
	case !r.single:
		return wire.List(docs), nil
	case len(docs) == 0:
		return wire.Answer{}, wire.NoResource(r.name)
	}
	return wire.Entity(docs[0]), nil
}

// described writes objects as members of a collection of directory objects. Of
// what the caller may not read it gives the id alone (Microsoft Graph, "Limited
// information returned for inaccessible member objects").
func described(c *wire.Call, objects []world.Object) []wire.Doc {
	readable := map[string]bool{}
	docs := make([]wire.Doc, 0, len(objects))
	for _, o := range objects {
		may, asked := readable[o.Type]
		if !asked {
			k, known := kindOf(o.Type)
			may = !known || c.May(http.MethodGet, k.path(), "") == nil
			readable[o.Type] = may
		}
		if !may {
			o.Doc = wire.Doc{"id": o.ID}
		}
		docs = append(docs, typed(o))
	}
	return docs
}

// refs answers references instead of objects (OData 4.01 Part 1, 11.2.8).
func (r relation) refs(c *wire.Call, o world.Object) (wire.Answer, error) {
	var docs []wire.Doc
	for _, to := range r.read(c, o) {
		docs = append(docs, wire.Doc{"@odata.id": c.Base + "/directoryObjects/" + to.ID})
	}
	switch {
	case !r.single:
		return wire.List(docs), nil
	case len(docs) == 0:
		return wire.Answer{}, wire.NoResource(r.name)
	}
	a := wire.Entity(docs[0])
	a.Context = "$ref"
	return a, nil
}

func (r relation) post(c *wire.Call, o world.Object) (wire.Answer, error) {
	ref, err := c.Reference()
	if err != nil {
		return wire.Answer{}, err
	}
	if r.single {
		for _, old := range r.read(c, o) {
			c.World.Unlink(c.Tx, o, r.link, old.ID)
		}
	}
	return wire.Empty(http.StatusNoContent), r.add(c, o, ref)
}

// add links an object to the one that a reference names.
func (r relation) add(c *wire.Call, o world.Object, ref string) error {
	to, err := c.Referred(ref)
	if err != nil {
		return err
	}
	switch {
	case !r.admits(o, to):
		return bad("The reference to a %s cannot be added to the property '%s' of this %s.", to.Type, r.name, o.Type)
	case c.World.Linked(c.Tx, o.ID, r.link, to.ID):
		return bad("One or more added object references already exist for the following modified properties: '%s'.", r.name)
	}
	if err := refuseExchangeGroup("Update", o.Doc); err != nil {
		return err
	}
	c.World.Link(c.Tx, o, r.link, to.ID)
	return nil
}

// admits says whether the relation may lead there. A Microsoft 365 group has
// only users as members (group-post-members); a directory role only such groups
// as were made for it.
func (r relation) admits(from, to world.Object) bool {
	switch {
	case r.link == world.Members && world.IsUnified(from.Doc):
		return to.Type == "user"
	case from.Type == "directoryRole" && to.Type == "group":
		return to.Doc["isAssignableToRole"] == true
	case r.link == world.Members && from.ID == to.ID:
		return false
	}
	return slices.Contains(r.to, to.Type)
}

func (r relation) delete(c *wire.Call, o world.Object) (wire.Answer, error) {
	id := strings.ToLower(c.Arg("target"))
	linked := r.read(c, o)
	if r.single && len(linked) > 0 {
		id = linked[0].ID
	}
	switch {
	case id == "" || !c.World.Linked(c.Tx, o.ID, r.link, id):
		return wire.Answer{}, wire.NoResource(id)
	case r.link == world.Owners && world.IsUnified(o.Doc) && len(linked) == 1:
		return wire.Answer{}, bad("The group must have at least one owner, hence this owner cannot be removed.")
	}
	if err := refuseExchangeGroup("Update", o.Doc); err != nil {
		return wire.Answer{}, err
	}
	c.World.Unlink(c.Tx, o, r.link, id)
	return wire.Empty(http.StatusNoContent), nil
}
