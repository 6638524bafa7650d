package directory

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/odata/expr"
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// kind is a type of directory object that has a collection of its own.
type kind struct {
	typ string // "user"; also the name of the key in paths
	set string // "users"
	// alternates are the properties that also identify one object, as in
	// applications(appId='…'); bare is the one whose value may stand in the
	// place of the id.
	alternates []string
	bare       string
	query      wire.Offers
	right      right // what a directory role must allow to change one
	// own are the properties that a user may change of himself.
	own []string
	// readOnly are the properties that a client can never set, fixed those that
	// it can set only when it creates one.
	readOnly, fixed []string
	// create makes one out of the request; nil: clients cannot. change looks at
	// what a client sets, and may set more; nil: clients cannot.
	create func(*wire.Call, wire.Doc) (world.Object, error)
	change func(c *wire.Call, o world.Object, set wire.Doc) error
	// remove deletes one, for a while or for good; nil: clients cannot.
	remove func(*wire.Call, world.Object)
	// follows are the relations that a delta query reports; nil: it has none.
	follows []string
}

// kinds is the table of the directory's collections. Sources: for the query
// options graph-facts §2.3, for the operations the resource's own pages.
func kinds() []kind {
	return []kind{
		{typ: "user", set: "users", alternates: []string{"userPrincipalName"}, bare: "userPrincipalName",
			query: listing(), right: changeUsers, own: ownProperties(), readOnly: userReadOnly(),
			create: createUser, change: changeUser, remove: softDelete, follows: []string{world.Manager}},
		{typ: "group", set: "groups", alternates: []string{"uniqueName"},
			query: listing(), right: changeGroups, readOnly: groupReadOnly(), fixed: []string{"isAssignableToRole"},
			create: createGroup, change: changeGroup, remove: removeGroup, follows: []string{world.Members, world.Owners}},
		{typ: "application", set: "applications", alternates: []string{"appId", "uniqueName"},
			query: listing(), right: changeApplications, readOnly: []string{"appId", "publisherDomain", "disabledByMicrosoftStatus", "certification"},
			create: createApplication, change: changeApplication, remove: removeApplication, follows: []string{world.Owners}},
		{typ: "servicePrincipal", set: "servicePrincipals", alternates: []string{"appId"},
			query: listing(), right: changeApplications,
			readOnly: []string{"appDescription", "appDisplayName", "appOwnerOrganizationId", "applicationTemplateId", "signInAudience", "oauth2PermissionScopes"},
			fixed:    []string{"appId"},
			create:   createServicePrincipal, change: changeServicePrincipal, remove: softDelete, follows: []string{world.Owners}},
		{typ: "directoryRole", set: "directoryRoles", alternates: []string{"roleTemplateId"},
			query: wire.Offers{Filter: true, Directory: true}, right: changeRoles,
			create: activateRole, follows: []string{world.Members}},
		{typ: "orgContact", set: "contacts", query: listing(), follows: []string{}},
		{typ: "organization", set: "organization", query: wire.Offers{Directory: true}, right: changeOrganization,
			readOnly: organizationReadOnly(), change: func(*wire.Call, world.Object, wire.Doc) error { return nil }},
	}
}

// kindOf gives the kind of a type of object.
func kindOf(typ string) (kind, bool) {
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.typ == typ })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

// listing is what a collection of directory objects offers.
func listing() wire.Offers {
	return wire.Offers{Filter: true, OrderBy: true, Search: true, Count: true, Top: true, Expand: true,
		Page: 100, MaxPage: 999, Directory: true}
}

// single is what one directory object offers.
func single() wire.Offers { return wire.Offers{Count: true, Expand: true, Directory: true} }

// path is the template of one object.
func (k kind) path() string { return "/" + k.set + "/{" + k.typ + "}" }

func kindRoutes() []wire.Route {
	var out []wire.Route
	for _, k := range kinds() {
		add := func(r wire.Route) {
			r.Type, r.Default, r.Expand = k.typ, defaults(), expanders(k.typ)
			out = append(out, r)
		}
		add(wire.Route{Method: "GET", Path: "/" + k.set, Query: k.query, Handle: k.list})
		add(wire.Route{Method: "GET", Path: k.path(), Query: single(), Handle: k.on(anyone, world.Read, show)})
		if k.create != nil {
			add(wire.Route{Method: "POST", Path: "/" + k.set, Body: k.typ, Query: single(), Handle: k.post})
		}
		if k.change != nil {
			add(wire.Route{Method: "PATCH", Path: k.path(), Body: k.typ, Query: single(), Handle: k.on(anyone, world.Update, k.patch)})
		}
		if k.remove != nil {
			add(wire.Route{Method: "DELETE", Path: k.path(), Handle: k.on(k.right, world.Delete, k.delete)})
		}
	}
	return out
}

// find gives the object that the path names.
func (k kind) find(c *wire.Call) (world.Object, error) {
	key, by := c.Arg(k.typ), c.AltKey(k.typ)
	if by == "" {
		if o, ok := c.World.Object(c.Tx, key); ok && (o.Type == k.typ || k.typ == anyObject().typ) {
			return o, nil
		}
		by = k.bare
	} else if !slices.Contains(k.alternates, by) {
		return world.Object{}, wire.BadRequest("The key property '%s' is not defined for the type 'microsoft.graph.%s'.", by, k.typ)
	}
	if o, ok := c.World.ObjectBy(c.Tx, by, key, k.typ); ok {
		return o, nil
	}
	return world.Object{}, wire.NoResource(key)
}

// action is what is done to one object.
type action func(*wire.Call, world.Object) (wire.Answer, error)

// on makes a handler of an action: the object is found, the caller's right to
// change it is asked for, and the effect is taken down.
func (k kind) on(needed right, effect world.EffectKind, do action) func(*wire.Call) (wire.Answer, error) {
	return func(c *wire.Call) (wire.Answer, error) {
		o, err := k.find(c)
		if err != nil {
			return wire.Answer{}, err
		}
		if err := mayChange(c, needed, o); err != nil {
			return wire.Answer{}, err
		}
		c.Touch("", o.ID, effect)
		return do(c, o)
	}
}

// show answers with the object. It shows keys of certificates if they are asked
// for (application-get: only on $select of one object).
func show(c *wire.Call, o world.Object) (wire.Answer, error) {
	if slices.ContainsFunc(c.Query.Select, func(p expr.Property) bool { return p[0] == "keyCredentials" }) {
		return wire.Entity(o.Doc), nil
	}
	return wire.Entity(public(o.Doc)), nil
}

// public is an object's Doc without the keys of its certificates.
func public(d wire.Doc) wire.Doc {
	keys, _ := d["keyCredentials"].([]any)
	if len(keys) == 0 {
		return d
	}
	hidden := make([]any, len(keys))
	for i, v := range keys {
		key, _ := v.(wire.Doc)
		hidden[i] = world.Merge(key, wire.Doc{"key": nil})
	}
	return world.Merge(d, wire.Doc{"keyCredentials": hidden})
}

func (k kind) list(c *wire.Call) (wire.Answer, error) {
	var docs []wire.Doc
	for o := range c.World.ObjectsOf(c.Tx, k.typ) {
		docs = append(docs, public(o.Doc))
	}
	return wire.List(docs), nil
}

func (k kind) post(c *wire.Call) (wire.Answer, error) {
	if err := mayChange(c, k.right, world.Object{}); err != nil {
		return wire.Answer{}, err
	}
	if err := refuseProperties(c.Body, k.readOnly); err != nil {
		return wire.Answer{}, err
	}
	set := properties(c.Body)
	if err := knownExtensions(c, set); err != nil {
		return wire.Answer{}, err
	}
	o, err := k.create(c, set)
	if err != nil {
		return wire.Answer{}, err
	}
	if creator, ok := c.World.Object(c.Tx, c.Caller.OID()); ok {
		c.World.Link(c.Tx, creator, world.CreatedObjects, o.ID)
	}
	c.Touch("", o.ID, world.Create)
	return wire.Created(public(o.Doc)), nil
}

func (k kind) patch(c *wire.Call, o world.Object) (wire.Answer, error) {
	set := properties(c.Body)
	if !k.isOwn(c, o, set) {
		if err := mayChange(c, k.right, o); err != nil {
			return wire.Answer{}, err
		}
	}
	if err := refuseProperties(set, slices.Concat(k.readOnly, k.fixed)); err != nil {
		return wire.Answer{}, err
	}
	if err := knownExtensions(c, set); err != nil {
		return wire.Answer{}, err
	}
	if err := k.change(c, o, set); err != nil {
		return wire.Answer{}, err
	}
	if len(set) > 0 {
		c.World.ChangeObject(c.Tx, o, changes(o.Doc, set))
	}
	return wire.Empty(http.StatusNoContent), nil
}

// isOwn says whether a user changes of himself no more than what is his own.
func (k kind) isOwn(c *wire.Call, o world.Object, set wire.Doc) bool {
	if !c.Caller.Delegated() || o.ID != c.Caller.User {
		return false
	}
	for name := range set {
		if !slices.Contains(k.own, name) {
			return false
		}
	}
	return true
}

func (k kind) delete(c *wire.Call, o world.Object) (wire.Answer, error) {
	if err := maySensitive(c, o); err != nil {
		return wire.Answer{}, err
	}
	k.remove(c, o)
	return wire.Empty(http.StatusNoContent), nil
}

func softDelete(c *wire.Call, o world.Object) { c.World.SoftDelete(c.Tx, o) }

// properties are the body's members without annotations.
func properties(body wire.Doc) wire.Doc {
	set := maps.Clone(body)
	maps.DeleteFunc(set, func(name string, _ any) bool { return strings.Contains(name, "@") })
	return set
}

// changes gives the properties that a PATCH sets, whole.
func changes(have, set wire.Doc) wire.Doc {
	out := world.Merge(have, set)
	maps.DeleteFunc(out, func(name string, _ any) bool { _, sets := set[name]; return !sets })
	return out
}
