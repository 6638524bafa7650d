package directory

import (
	"slices"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// right is something in the directory that only holders of certain directory
// roles may do, whatever the scopes of their token: a delegated token never lets
// a user do more than he may himself (graph-facts §8).
type right string

const (
	anyone             right = ""
	changeUsers        right = "users"
	changePasswords    right = "passwords"
	changeGroups       right = "groups"
	changeApplications right = "applications"
	changeGrants       right = "grants"
	changeRoles        right = "roles"
	changeOrganization right = "organization"
)

// holders gives the template ids of the directory roles with a right (Microsoft
// Entra, "Built-in roles"). The Global Administrator has every right.
func holders(r right) []string {
	switch r {
	case changeUsers:
		return []string{world.UserAdministrator, world.DirectoryWriters}
	case changePasswords:
		return []string{world.UserAdministrator, world.HelpdeskAdministrator, world.PasswordAdministrator, world.AuthenticationAdministrator, world.PrivilegedAuthenticationAdministrator}
	case changeGroups:
		return []string{world.GroupsAdministrator, world.UserAdministrator, world.DirectoryWriters}
	case changeApplications:
		return []string{world.ApplicationAdministrator, world.CloudApplicationAdministrator}
	case changeGrants:
		return []string{world.ApplicationAdministrator, world.CloudApplicationAdministrator, world.PrivilegedRoleAdministrator}
	case changeRoles:
		return []string{world.PrivilegedRoleAdministrator}
	}
	return nil
}

// mayChange asks whether the caller has a right over an object. An application
// has what its permissions say; the owner of a group or an application may
// change it (Microsoft Entra, "Default user permissions"). A group that can be
// given directory roles is changed like a role (group-post-groups).
func mayChange(c *wire.Call, needed right, o world.Object) error {
	if needed == changeGroups && o.Doc["isAssignableToRole"] == true {
		if !c.Has("RoleManagement.ReadWrite.Directory") {
			return wire.NoPrivilege()
		}
		needed = changeRoles
	}
	if needed == anyone || !c.Caller.Delegated() || owns(c, needed, o) || hasRight(c, needed) {
		return nil
	}
	return wire.NoPrivilege()
}

// owns says whether the object is the user's own. Owning an app does not let
// anybody grant permissions to it.
func owns(c *wire.Call, needed right, o world.Object) bool {
	return needed != changeGrants && o.ID != "" && c.World.Linked(c.Tx, o.ID, world.Owners, c.Caller.User)
}

func hasRight(c *wire.Call, needed right) bool {
	return c.Caller.Is(world.GlobalAdministrator) || slices.ContainsFunc(holders(needed), c.Caller.Is)
}

// maySensitive asks whether the caller may do something sensitive to a user: who
// holds a directory role himself is touched by the highest administrators only,
// and an app needs such a role beside its permission (graph-facts §8, sensitive
// actions).
func maySensitive(c *wire.Call, o world.Object) error {
	if o.Type != "user" || len(c.World.RolesHeld(c.Tx, o.ID)) == 0 || o.ID == c.Caller.User {
		return nil
	}
	if c.Caller.Is(world.GlobalAdministrator) || c.Caller.Is(world.PrivilegedAuthenticationAdministrator) {
		return nil
	}
	return wire.NoPrivilege()
}
