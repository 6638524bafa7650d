package directory

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// consentRoutes are those of delegated permission grants (graph-facts §1.11).
func consentRoutes() []wire.Route {
	const all, item = "/oauth2PermissionGrants", "/oauth2PermissionGrants/{grant}"
	out := []wire.Route{
		{Method: "GET", Path: all, Query: listing(), Handle: func(c *wire.Call) (wire.Answer, error) {
			return consents(c, "", "")
		}},
		{Method: "POST", Path: all, Body: "oAuth2PermissionGrant", Handle: addConsent},
		{Method: "GET", Path: item, Query: single(), Handle: func(c *wire.Call) (wire.Answer, error) {
			d, err := consent(c)
			return wire.Entity(d), err
		}},
		{Method: "PATCH", Path: item, Body: "oAuth2PermissionGrant", Handle: changeConsent},
		{Method: "DELETE", Path: item, Handle: removeConsent},
	}
	for _, side := range []struct{ typ, property string }{{"user", "principalId"}, {"servicePrincipal", "clientId"}} {
		k, _ := kindOf(side.typ)
		out = append(out, wire.Route{Method: "GET", Path: k.path() + "/oauth2PermissionGrants", Query: listing(),
			Handle: k.on(anyone, world.Read, func(c *wire.Call, o world.Object) (wire.Answer, error) { return consents(c, side.property, o.ID) })})
	}
	for i := range out {
		out[i].Type = "oAuth2PermissionGrant"
	}
	return out
}

// consents lists the grants whose property side has the value; all without side.
func consents(c *wire.Call, side, value string) (wire.Answer, error) {
	var docs []wire.Doc
	for _, d := range c.World.Consents.All(c.Tx) {
		if side == "" || world.Text(d, side) == value {
			docs = append(docs, d)
		}
	}
	return wire.List(docs), nil
}

func consent(c *wire.Call) (wire.Doc, error) {
	id := c.Arg("grant")
	d, ok := c.World.Consents.Get(c.Tx, id)
	if !ok {
		return nil, wire.NoResource(id)
	}
	return d, nil
}

// addConsent grants delegated permissions for everybody or for one user. There
// is one grant for each client, resource and user (oauth2permissiongrant-post).
func addConsent(c *wire.Call) (wire.Answer, error) {
	if err := mayChange(c, changeGrants, world.Object{}); err != nil {
		return wire.Answer{}, err
	}
	if err := require(c.Body, "OAuth2PermissionGrant", "clientId", "consentType", "resourceId", "scope"); err != nil {
		return wire.Answer{}, err
	}
	client, resource, user, err := consentParties(c)
	if err != nil {
		return wire.Answer{}, err
	}
	for _, d := range c.World.ConsentsOf(c.Tx, client.ID) {
		if world.Text(d, "resourceId") == resource.ID && world.Text(d, "principalId") == user {
			return wire.Answer{}, wire.Refuse(http.StatusConflict, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.")
		}
	}
	d := c.World.Consent(c.Tx, client, resource, user, nil)
	d = world.Merge(d, wire.Doc{"scope": c.Body["scope"]})
	c.World.Consents.Put(c.Tx, world.Text(d, "id"), d)
	c.Touch("", client.ID, world.Update)
	return wire.Created(d), nil
}

// consentParties finds who is granted what in whose name; user is empty for
// everybody.
func consentParties(c *wire.Call) (client, resource world.Object, user string, err error) {
	ends := []*world.Object{&client, &resource}
	for i, name := range []string{"clientId", "resourceId"} {
		o, ok := c.World.Object(c.Tx, world.Text(c.Body, name), "servicePrincipal")
		if !ok {
			return client, resource, "", wire.NoResource(world.Text(c.Body, name))
		}
		*ends[i] = o
	}
	user = world.Text(c.Body, "principalId")
	switch world.Text(c.Body, "consentType") {
	case "AllPrincipals":
		if user != "" {
			return client, resource, "", bad("The property 'principalId' must be null when 'consentType' is AllPrincipals.")
		}
		return client, resource, "", nil
	case "Principal":
		if _, ok := c.World.Object(c.Tx, user, "user"); !ok {
			return client, resource, "", wire.NoResource(user)
		}
		return client, resource, user, nil
	}
	return client, resource, "", bad("Invalid value specified for property 'consentType' of resource 'OAuth2PermissionGrant'.")
}

// changeConsent replaces the scopes of a grant; nothing else of it can change.
func changeConsent(c *wire.Call) (wire.Answer, error) {
	d, err := consent(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := mayChange(c, changeGrants, world.Object{}); err != nil {
		return wire.Answer{}, err
	}
	set := properties(c.Body)
	if err := refuseProperties(set, []string{"clientId", "consentType", "principalId", "resourceId"}); err != nil {
		return wire.Answer{}, err
	}
	c.World.Consents.Put(c.Tx, world.Text(d, "id"), world.Merge(d, set))
	c.Touch("", world.Text(d, "clientId"), world.Update)
	return wire.Empty(http.StatusNoContent), nil
}

func removeConsent(c *wire.Call) (wire.Answer, error) {
	d, err := consent(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := mayChange(c, changeGrants, world.Object{}); err != nil {
		return wire.Answer{}, err
	}
	c.World.Consents.Delete(c.Tx, world.Text(d, "id"))
	c.Touch("", world.Text(d, "clientId"), world.Update)
	return wire.Empty(http.StatusNoContent), nil
}
