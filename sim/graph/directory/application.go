package directory

import (
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// createApplication registers an application (graph-facts §1.11). Secrets are
// added by addPassword, never given.
func createApplication(c *wire.Call, set wire.Doc) (world.Object, error) {
	if err := require(set, "Application", "displayName"); err != nil {
		return world.Object{}, err
	}
	if err := checkApplication(c, world.Object{}, set); err != nil {
		return world.Object{}, err
	}
	o := c.World.NewApplication(c.Tx, set)
	ownWhatIsMade(c, o)
	return o, nil
}

// ownWhatIsMade makes a user the owner of the app that he registers, and an app
// of what it registers if it may write only what it owns (permissions reference,
// Application.ReadWrite.OwnedBy).
func ownWhatIsMade(c *wire.Call, o world.Object) {
	ownedOnly := c.Has("Application.ReadWrite.OwnedBy") && !c.Has("Application.ReadWrite.All")
	if c.Caller.Delegated() || ownedOnly {
		c.World.Link(c.Tx, o, world.Owners, c.Caller.OID())
	}
}

func changeApplication(c *wire.Call, o world.Object, set wire.Doc) error {
	if err := checkApplication(c, o, set); err != nil {
		return err
	}
	o.Doc = world.Merge(o.Doc, set)
	c.World.Mirror(c.Tx, o)
	return nil
}

// removeApplication deletes an application and with it its service principal in
// this tenant (application-delete).
func removeApplication(c *wire.Call, o world.Object) {
	if principal, ok := c.World.ServicePrincipal(c.Tx, world.Text(o.Doc, "appId")); ok {
		c.World.SoftDelete(c.Tx, principal)
	}
	c.World.SoftDelete(c.Tx, o)
}

// checkApplication refuses secrets that a client makes up and identifiers that
// another application has.
func checkApplication(c *wire.Call, o world.Object, set wire.Doc) error {
	if given, _ := set["passwordCredentials"].([]any); len(given) > 0 {
		return bad("New password credentials must be generated with service side.")
	}
	uris, _ := set["identifierUris"].([]any)
	for other := range c.World.ObjectsOf(c.Tx, "application") {
		have, _ := other.Doc["identifierUris"].([]any)
		if other.ID != o.ID && overlap(have, uris) {
			return taken("identifierUris")
		}
	}
	return stampKeys(c, o, set)
}

func overlap(a, b []any) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// createServicePrincipal makes the service principal of an application of this
// tenant (serviceprincipal-post-serviceprincipals).
func createServicePrincipal(c *wire.Call, set wire.Doc) (world.Object, error) {
	if err := require(set, "ServicePrincipal", "appId"); err != nil {
		return world.Object{}, err
	}
	appID := world.Text(set, "appId")
	app, ok := c.World.Application(c.Tx, appID)
	if !ok {
		return world.Object{}, bad("The appId '%s' of the service principal does not reference a valid application object.", appID)
	}
	if _, exists := c.World.ServicePrincipal(c.Tx, appID); exists {
		return world.Object{}, wire.Refuse(http.StatusConflict, "Request_MultipleObjectsWithSameKeyValue",
			"The service principal cannot be created, updated, or restored because the service principal name %s is already in use.", appID)
	}
	o := c.World.NewServicePrincipal(c.Tx, app)
	ownWhatIsMade(c, o)
	delete(set, "appId")
	if len(set) > 0 {
		o = c.World.ChangeObject(c.Tx, o, set)
	}
	return o, nil
}

func changeServicePrincipal(c *wire.Call, o world.Object, set wire.Doc) error {
	if given, _ := set["passwordCredentials"].([]any); len(given) > 0 {
		return bad("New password credentials must be generated with service side.")
	}
	return stampKeys(c, o, set)
}

func extensionRoutes() []wire.Route {
	app, _ := kindOf("application")
	path := app.path() + "/extensionProperties"
	route := func(method, path string, handle func(*wire.Call) (wire.Answer, error)) wire.Route {
		return wire.Route{Method: method, Path: path, Type: "extensionProperty", Handle: handle, Query: wire.Offers{Directory: true}}
	}
	post := route("POST", path, app.on(changeApplications, world.Update, addExtension))
	post.Body = "extensionProperty"
	return []wire.Route{
		post,
		route("GET", path, app.on(anyone, world.Read, func(c *wire.Call, o world.Object) (wire.Answer, error) {
			var docs []wire.Doc
			for e := range c.World.LinkedFrom(c.Tx, o.ID, world.ExtensionProperties) {
				docs = append(docs, e.Doc)
			}
			return wire.List(docs), nil
		})),
		route("GET", path+"/{extension}", app.on(anyone, world.Read, func(c *wire.Call, o world.Object) (wire.Answer, error) {
			e, err := extension(c, o)
			return wire.Entity(e.Doc), err
		})),
		route("DELETE", path+"/{extension}", app.on(changeApplications, world.Update, func(c *wire.Call, o world.Object) (wire.Answer, error) {
			e, err := extension(c, o)
			if err == nil {
				c.World.Purge(c.Tx, e)
			}
			return wire.Empty(http.StatusNoContent), err
		})),
	}
}

// addExtension defines a directory extension. Its name carries the client id of
// the application (application-post-extensionproperty).
func addExtension(c *wire.Call, o world.Object) (wire.Answer, error) {
	if err := require(c.Body, "ExtensionProperty", "name", "dataType", "targetObjects"); err != nil {
		return wire.Answer{}, err
	}
	name := "extension_" + strings.ReplaceAll(world.Text(o.Doc, "appId"), "-", "") + "_" + world.Text(c.Body, "name")
	for e := range c.World.LinkedFrom(c.Tx, o.ID, world.ExtensionProperties) {
		if world.Text(e.Doc, "name") == name {
			return wire.Answer{}, bad("An extension property exists with the name %s.", name)
		}
	}
	e := c.World.AddObject(c.Tx, world.Object{Type: "extensionProperty", Doc: wire.Doc{"name": name, "deletedDateTime": nil,
		"appDisplayName": o.Doc["displayName"], "dataType": c.Body["dataType"], "isSyncedFromOnPremises": false,
		"isMultiValued": c.Body["isMultiValued"] == true, "targetObjects": c.Body["targetObjects"]}})
	c.World.Link(c.Tx, o, world.ExtensionProperties, e.ID)
	return wire.Created(e.Doc), nil
}

func extension(c *wire.Call, o world.Object) (world.Object, error) {
	id := c.Arg("extension")
	e, ok := c.World.Object(c.Tx, id, "extensionProperty")
	if !ok || !c.World.Linked(c.Tx, o.ID, world.ExtensionProperties, e.ID) {
		return e, wire.NoResource(id)
	}
	return e, nil
}
