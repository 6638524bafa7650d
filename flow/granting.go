package flow

import (
	"net/http"

	"github.com/graphwarden/graphwarden"
)

// ListAllGrants lists the delegated permissions that were consented to for any app
// of the tenant.
func ListAllGrants() Operation { return read("consents.list", "/v1.0/oauth2PermissionGrants") }

// ListAssigned lists which apps were granted application permissions of an API.
func ListAssigned() Operation {
	return read("principal.assigned", "/v1.0/servicePrincipals/{principal}/appRoleAssignedTo")
}

// AssignRole grants a principal an application permission.
func AssignRole() Operation {
	return Operation{name: "principal.role.assign", api: Graph, method: http.MethodPost, template: "/v1.0/servicePrincipals/{principal}/appRoleAssignments"}
}

// AddGrant consents to delegated permissions of an API for an app, for everybody.
func AddGrant() Operation {
	return Operation{name: "consent.add", api: Graph, method: http.MethodPost, template: "/v1.0/oauth2PermissionGrants"}
}

// ChangeGrant says anew which delegated permissions a consent holds.
func ChangeGrant() Operation {
	return Operation{name: "consent.change", api: Graph, method: http.MethodPatch, template: "/v1.0/oauth2PermissionGrants/{grant}"}
}

// RemoveGrant takes a consent to delegated permissions away.
func RemoveGrant() Operation {
	return Operation{name: "consent.remove", api: Graph, method: http.MethodDelete, template: "/v1.0/oauth2PermissionGrants/{grant}"}
}

// Granting is what an administrator who signed in does once, so that an app holds
// exactly the permissions that its flows need.
func Granting() Kind {
	return Kind{"granting", House, []Operation{FindPrincipals(), ListRoles(), ListGrants(), AssignRole(), RevokeRole(), AddGrant(), ChangeGrant(), RemoveGrant()}}
}

// Inventory reads all apps of a tenant, and what they were granted.
func Inventory() Kind {
	return Kind{"inventory", House, []Operation{FindPrincipals(), FindApplications(), ListAssigned(), ListAllGrants()}}
}

// ForGranting is the house's own flow of a tenant's administrator who signed in to
// set what apps are granted.
func ForGranting(tenant string) Flow {
	return Flow{Name: "granting/" + tenant, App: graphwarden.House, Kind: Granting(), Tenant: tenant}
}

// ForInventory is the house's own flow that reads the apps of a tenant through a
// registration.
func ForInventory(r graphwarden.Registration) Flow {
	return Flow{Name: "inventory/" + r.Name, App: graphwarden.House, Kind: Inventory(), Tenant: r.Tenant, Registration: r.Name}
}

// ForCensus is the house's own flow of a tenant's administrator who signed in to
// have the tenant's apps read.
func ForCensus(tenant string) Flow {
	return Flow{Name: "census/" + tenant, App: graphwarden.House, Kind: Inventory(), Tenant: tenant}
}
