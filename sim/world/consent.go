package world

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// AssignRole gives a principal an app role of a resource's service principal and
// returns the appRoleAssignment. Assigned twice, it is there once.
func (w *World) AssignRole(tx *state.Tx, principal, resource Object, roleID string) Doc {
	id := w.stableID("appRoleAssignment", principal.ID, resource.ID, roleID)
	if have, ok := w.Grants.Get(tx, id); ok {
		return have
	}
	d := Doc{"id": id, "appRoleId": roleID, "createdDateTime": Time(tx.Now()), "deletedDateTime": nil,
		"principalDisplayName": principal.Doc["displayName"], "principalId": principal.ID,
		"principalType":       strings.ToUpper(principal.Type[:1]) + principal.Type[1:],
		"resourceDisplayName": resource.Doc["displayName"], "resourceId": resource.ID}
	w.Grants.Put(tx, id, d)
	return d
}

// Consent lets a client use delegated permissions of a resource in the name of a
// user, or of everybody when user is empty. What was consented before stays. It
// returns the oauth2PermissionGrant.
func (w *World) Consent(tx *state.Tx, client, resource Object, user string, scopes []string) Doc {
	d := Doc{"id": tx.GUID(), "clientId": client.ID, "consentType": "AllPrincipals",
		"principalId": nil, "resourceId": resource.ID, "scope": ""}
	if user != "" {
		d["consentType"], d["principalId"] = "Principal", user
	}
	for _, have := range w.ConsentsOf(tx, client.ID) {
		if Text(have, "resourceId") == resource.ID && Text(have, "principalId") == user {
			d = maps.Clone(have)
		}
	}
	all := append(strings.Fields(Text(d, "scope")), scopes...)
	slices.Sort(all)
	d["scope"] = strings.Join(slices.Compact(all), " ")
	w.Consents.Put(tx, Text(d, "id"), d)
	return d
}

// Required gives the permissions that an application's registration asks for on
// a resource: app roles by id and delegated permissions by name.
func Required(app, resource Object) (roleIDs, scopes []string) {
	list, _ := app.Doc["requiredResourceAccess"].([]any)
	for _, v := range list {
		of, _ := v.(Doc)
		if !strings.EqualFold(Text(of, "resourceAppId"), Text(resource.Doc, "appId")) {
			continue
		}
		access, _ := of["resourceAccess"].([]any)
		for _, v := range access {
			a, _ := v.(Doc)
			if Text(a, "type") == "Role" {
				roleIDs = append(roleIDs, Text(a, "id"))
			} else if name := valueOf(resource, "oauth2PermissionScopes", Text(a, "id")); name != "" {
				scopes = append(scopes, name)
			}
		}
	}
	return roleIDs, scopes
}

// ConsentRequired is an administrator's consent to all that an application's
// registration asks Microsoft Graph for.
func (w *World) ConsentRequired(tx *state.Tx, app, principal Object) {
	graph, ok := w.ServicePrincipal(tx, GraphAppID)
	if !ok {
		return
	}
	roleIDs, scopes := Required(app, graph)
	for _, id := range roleIDs {
		w.AssignRole(tx, principal, graph, id)
	}
	if len(scopes) > 0 {
		w.Consent(tx, principal, graph, "", scopes)
	}
}

// values lists the names of the permissions that a resource offers.
func values(resource Object, list string) []string {
	var out []string
	for d := range permissions(resource, list) {
		out = append(out, Text(d, "value"))
	}
	slices.Sort(out)
	return out
}

// RoleID gives the id of the app role with this value that a resource offers, or
// "".
func RoleID(resource Object, value string) string { return idOf(resource, "appRoles", value) }

// ScopeID gives the id of the delegated permission with this value that a
// resource offers, or "".
func ScopeID(resource Object, value string) string {
	return idOf(resource, "oauth2PermissionScopes", value)
}

// RoleTitles gives what the consent page calls app roles that a resource offers.
func RoleTitles(resource Object, ids []string) []string {
	var out []string
	for d := range permissions(resource, "appRoles") {
		if slices.Contains(ids, Text(d, "id")) {
			out = append(out, Text(d, "displayName"))
		}
	}
	return out
}

// OfferedScopes gives the delegated permissions that a resource offers
// (permissionScope).
func OfferedScopes(resource Object) iter.Seq[Doc] {
	return permissions(resource, "oauth2PermissionScopes")
}

func idOf(resource Object, list, value string) string {
	for d := range permissions(resource, list) {
		if strings.EqualFold(Text(d, "value"), value) {
			return Text(d, "id")
		}
	}
	return ""
}

func valueOf(resource Object, list, id string) string {
	for d := range permissions(resource, list) {
		if strings.EqualFold(Text(d, "id"), id) {
			return Text(d, "value")
		}
	}
	return ""
}

func permissions(resource Object, list string) iter.Seq[Doc] {
	return func(yield func(Doc) bool) {
		all, _ := resource.Doc[list].([]any)
		for _, v := range all {
			if d, ok := v.(Doc); ok && !yield(d) {
				return
			}
		}
	}
}
