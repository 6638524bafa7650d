package world

import (
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// addGraph stores the service principal of Microsoft Graph with every permission
// that a tenant can be asked to consent to (catalog).
func (w *World) addGraph(tx *state.Tx) Object {
	var roles, scopes []any
	table := catalog.Load()
	for p := range table.Permissions() {
		if p.ResourceAppID != GraphAppID || p.ResourceSpecific {
			continue
		}
		if in, ok := p.In(catalog.Application); ok && offered(table, p, catalog.Application) {
			roles = append(roles, Doc{"allowedMemberTypes": []any{"Application"}, "description": titleOf(p, in),
				"displayName": titleOf(p, in), "id": in.ID, "isEnabled": true, "origin": "Application", "value": p.Name})
		}
		if in, ok := p.In(catalog.DelegatedWork); ok && offered(table, p, catalog.DelegatedWork) {
			scopes = append(scopes, scopeDoc(p.Name, in.ID, titleOf(p, in), in.AdminConsent))
		}
	}
	return w.AddObject(tx, Object{ID: w.stableID("servicePrincipal", GraphAppID), Type: "servicePrincipal", Doc: Doc{
		"appId": GraphAppID, "displayName": "Microsoft Graph", "appDisplayName": "Microsoft Graph",
		"accountEnabled": true, "appRoleAssignmentRequired": false, "deletedDateTime": nil,
		"appOwnerOrganizationId": microsoftServices, "servicePrincipalType": "Application",
		"servicePrincipalNames": []any{GraphAppID, "https://graph.microsoft.com"},
		"signInAudience":        "AzureADMultipleOrgs", "appRoles": roles, "oauth2PermissionScopes": scopes,
		"replyUrls": []any{}, "keyCredentials": []any{}, "passwordCredentials": []any{}, "tags": []any{},
		"addIns": []any{}, "alternativeNames": []any{}, "notificationEmailAddresses": []any{},
		"appDescription": nil, "description": nil, "notes": nil, "applicationTemplateId": nil,
		"disabledByMicrosoftStatus": nil, "homepage": nil, "loginUrl": nil, "logoutUrl": nil,
		"preferredSingleSignOnMode": nil,
	}})
}

// offered says whether a tenant can consent to the permission under this name:
// where Microsoft published one id under two names, under the one in use. One
// permission was published with an id that is no GUID, by which nobody can ask
// for it.
func offered(table *catalog.Catalog, p catalog.Permission, scheme catalog.Scheme) bool {
	in, _ := p.In(scheme)
	holder, _, _ := table.ByID(in.ID)
	return p.Offered(scheme) && holder.Name == p.Name && len(in.ID) == len(GraphAppID)
}

// microsoftServices is the tenant that owns Microsoft's own applications.
const microsoftServices = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"

// OpenIDScopes are the scopes of OpenID Connect, which Entra counts among the
// permissions of Microsoft Graph. They open nothing there.
func OpenIDScopes() []string { return []string{"openid", "profile", "email", "offline_access"} }

func scopeDoc(value, id, title string, admin bool) Doc {
	kind := "User"
	if admin {
		kind = "Admin"
	}
	return Doc{"adminConsentDescription": title, "adminConsentDisplayName": title, "id": id, "isEnabled": true,
		"origin": "Application", "type": kind, "userConsentDescription": title, "userConsentDisplayName": title, "value": value}
}

// titleOf is what the consent page says; a permission without a published title
// is shown by its name.
func titleOf(p catalog.Permission, in catalog.SchemeInfo) string {
	if in.Title == "" {
		return p.Name
	}
	return in.Title
}
