package flow

import (
	"net/http"

	"github.com/graphwarden/graphwarden"
)

// FindPrincipals finds enterprise applications by a filter (graph-facts §1.11).
func FindPrincipals() Operation { return read("principals.find", "/v1.0/servicePrincipals") }

// ListRoles lists the application permissions that a principal was granted.
func ListRoles() Operation {
	return read("principal.roles", "/v1.0/servicePrincipals/{principal}/appRoleAssignments")
}

// ListGrants lists the delegated permissions that were consented to for a
// principal.
func ListGrants() Operation {
	return read("principal.grants", "/v1.0/servicePrincipals/{principal}/oauth2PermissionGrants")
}

// FindApplications finds app registrations by a filter.
func FindApplications() Operation { return read("applications.find", "/v1.0/applications") }

// GetApplication reads one app registration.
func GetApplication() Operation {
	return read("application.get", "/v1.0/applications/{application}")
}

// ChangeApplication changes an app registration, such as its certificates.
func ChangeApplication() Operation {
	return Operation{name: "application.change", api: Graph, method: http.MethodPatch, template: "/v1.0/applications/{application}"}
}

// AddPassword makes a client secret beside those that an app has.
func AddPassword() Operation {
	return Operation{name: "application.secret.add", api: Graph, method: http.MethodPost, template: "/v1.0/applications/{application}/addPassword"}
}

// RemovePassword ends a client secret of an app.
func RemovePassword() Operation {
	return Operation{name: "application.secret.remove", api: Graph, method: http.MethodPost, template: "/v1.0/applications/{application}/removePassword"}
}

// Grants reads what apps were granted and when their credentials end. No flow
// needs it: it is tried through the reader, and left where that may not.
func Grants() Kind {
	return Kind{"grants", House, []Operation{FindPrincipals(), ListRoles(), ListGrants(), FindApplications(), GetApplication()}}
}

// Administration is what a signed-in administrator does through Graphwarden,
// once, with a token that is thrown away.
func Administration() Kind {
	return Kind{"administration", House, append(Grants().operations, ChangeApplication(), AddPassword(), RemovePassword())}
}

// Visit is what a signed-in administrator lets Graphwarden read, once, with a token
// that is thrown away: what apps were granted, and the ids of mailboxes.
func Visit() Kind { return Kind{"visit", House, append(Grants().operations, GetUser())} }

// ForGrants is the house's own flow that reads grants through a registration.
func ForGrants(r graphwarden.Registration) Flow {
	return Flow{Name: "grants/" + r.Name, App: graphwarden.House, Kind: Grants(), Tenant: r.Tenant, Registration: r.Name}
}

// ForVisit is the house's own flow of a tenant's administrator who signed in to
// let it read.
func ForVisit(tenant string) Flow {
	return Flow{Name: "visit/" + tenant, App: graphwarden.House, Kind: Visit(), Tenant: tenant}
}

// ForAdministrator is the house's own flow of a tenant's signed-in administrator.
func ForAdministrator(tenant string) Flow {
	return Flow{Name: "administrator/" + tenant, App: graphwarden.House, Kind: Administration(), Tenant: tenant}
}
