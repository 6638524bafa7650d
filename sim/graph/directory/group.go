package directory

import (
	"net/http"
	"slices"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// maxBind is how many references one request may add (graph-facts §8).
const maxBind = 20

// createGroup makes a group with the owners and members that the request binds.
// A user who names no owner becomes the owner himself (group-post-groups).
func createGroup(c *wire.Call, set wire.Doc) (world.Object, error) {
	if err := require(set, "Group", "displayName", "mailEnabled", "mailNickname", "securityEnabled"); err != nil {
		return world.Object{}, err
	}
	if err := checkGroup(c, world.Object{}, set); err != nil {
		return world.Object{}, err
	}
	if set["isAssignableToRole"] == true {
		if err := mayAssignRoles(c); err != nil {
			return world.Object{}, err
		}
	}
	o := c.World.NewGroup(c.Tx, set)
	if err := bind(c, o, world.Owners, world.Members); err != nil {
		return o, err
	}
	_, named := c.Body["owners@odata.bind"]
	if c.Caller.Delegated() && !named {
		c.World.Link(c.Tx, o, world.Owners, c.Caller.User)
	}
	return o, nil
}

// mayAssignRoles asks for what a group that can be given directory roles needs
// (group-post-groups, role-assignable group).
func mayAssignRoles(c *wire.Call) error {
	if !c.Has("RoleManagement.ReadWrite.Directory") {
		return wire.NoPrivilege()
	}
	return mayChange(c, changeRoles, world.Object{})
}

// changeGroup updates a group and adds the members that the request binds.
// Exchange's own groups are its to change (graph-facts §8).
func changeGroup(c *wire.Call, o world.Object, set wire.Doc) error {
	if err := refuseExchangeGroup("Update", o.Doc); err != nil {
		return err
	}
	if err := checkGroup(c, o, world.Merge(o.Doc, set)); err != nil {
		return err
	}
	return bind(c, o, world.Members)
}

// checkGroup holds a group to the kinds that Graph can make, and its nickname to
// those of the others.
func checkGroup(c *wire.Call, o world.Object, d wire.Doc) error {
	if err := refuseExchangeGroup("Create", d); err != nil {
		return err
	}
	unified := world.IsUnified(d) || o.ID != "" && world.IsUnified(o.Doc)
	switch {
	case unified && d["mailEnabled"] == false:
		return bad("The group type 'Unified' requires that the property 'mailEnabled' is true.")
	case unified || o.ID == "":
		return unique(c, o, "mailNickname", d["mailNickname"], "group")
	}
	return nil
}

// refuseExchangeGroup refuses mail-enabled groups that are no Microsoft 365
// groups.
func refuseExchangeGroup(verb string, d wire.Doc) error {
	if d["mailEnabled"] == true && !world.IsUnified(d) {
		return bad("Cannot %s a mail-enabled security groups and or distribution list.", verb)
	}
	return nil
}

// removeGroup deletes a group: a Microsoft 365 group can be restored, another
// one is gone (group-delete).
func removeGroup(c *wire.Call, o world.Object) {
	if world.IsUnified(o.Doc) {
		c.World.SoftDelete(c.Tx, o)
		return
	}
	c.World.Purge(c.Tx, o)
}

// bind adds the links that the body names as "members@odata.bind".
func bind(c *wire.Call, o world.Object, names ...string) error {
	for _, name := range names {
		r, _ := relationOf(o.Type, name)
		refs, _ := c.Body[name+"@odata.bind"].([]any)
		if len(refs) > maxBind {
			return bad("The number of references in '%s@odata.bind' exceeds the limit of %d.", name, maxBind)
		}
		for i, ref := range refs {
			text, _ := ref.(string)
			if slices.Contains(refs[:i], ref) { // named twice, added once
				continue
			}
			if err := r.add(c, o, text); err != nil {
				return err
			}
		}
	}
	return nil
}

func groupRoutes() []wire.Route {
	group, _ := kindOf("group")
	done := func(set func(*wire.Call) wire.Doc, status int) action {
		return func(c *wire.Call, o world.Object) (wire.Answer, error) {
			c.World.ChangeObject(c.Tx, o, set(c))
			return wire.Empty(status), nil
		}
	}
	unread := func(*wire.Call) wire.Doc { return wire.Doc{"unseenCount": float64(0)} }
	renewed := func(c *wire.Call) wire.Doc { return wire.Doc{"renewedDateTime": world.Time(c.Now)} }
	return []wire.Route{
		{Method: "POST", Path: group.path() + "/resetUnseenCount", Body: wire.Action,
			Handle: group.on(anyone, world.Update, done(unread, http.StatusOK))},
		{Method: "POST", Path: group.path() + "/renew", Body: wire.Action,
			Handle: group.on(changeGroups, world.Update, done(renewed, http.StatusNoContent))},
		{Method: "POST", Path: group.path() + "/validateProperties", Body: wire.Action,
			Handle: group.on(anyone, world.Read, validate)},
		{Method: "GET", Path: group.path() + "/permissionGrants", Type: "resourceSpecificPermissionGrant", Query: wire.Offers{Directory: true},
			Handle: group.on(anyone, world.Read, none)},
	}
}

// none lists resource-specific consents, which the simulator's apps do not have.
func none(*wire.Call, world.Object) (wire.Answer, error) { return wire.List(nil), nil }
