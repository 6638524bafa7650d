package world

import "github.com/graphwarden/graphwarden/sim/world/state"

// ExchangeAppID is the application id of Office 365 Exchange Online itself
// (Exchange, "App-only authentication in Exchange Online PowerShell").
const ExchangeAppID = "00000002-0000-0ff1-ce00-000000000000"

// The permissions by which Exchange is administered (graph-facts §12.3).
const (
	ExchangeManage      = "Exchange.Manage"      // for a signed-in administrator
	ExchangeManageAsApp = "Exchange.ManageAsApp" // for an app that has a directory role
)

// addExchange stores the service principal of Exchange Online with the permissions
// by which it is administered. What EWS wants of it is not simulated.
func (w *World) addExchange(tx *state.Tx) Object {
	role := Doc{"allowedMemberTypes": []any{"Application"}, "description": "Manage Exchange As Application",
		"displayName": "Manage Exchange As Application", "id": "dc50a0fb-09a3-484d-be87-e023b12c6440",
		"isEnabled": true, "origin": "Application", "value": ExchangeManageAsApp}
	scope := scopeDoc(ExchangeManage, "ab4f2b77-0b06-4fc1-a9de-02113fc2ab7c", "Manage Exchange configuration", true)
	return w.AddObject(tx, Object{ID: w.stableID("servicePrincipal", ExchangeAppID), Type: "servicePrincipal", Doc: Doc{
		"appId": ExchangeAppID, "displayName": "Office 365 Exchange Online", "appDisplayName": "Office 365 Exchange Online",
		"accountEnabled": true, "appRoleAssignmentRequired": false, "deletedDateTime": nil,
		"appOwnerOrganizationId": microsoftServices, "servicePrincipalType": "Application",
		"servicePrincipalNames": []any{ExchangeAppID, "https://outlook.office365.com", "https://outlook.office.com"},
		"signInAudience":        "AzureADMultipleOrgs", "appRoles": []any{role}, "oauth2PermissionScopes": []any{scope},
		"replyUrls": []any{}, "keyCredentials": []any{}, "passwordCredentials": []any{}, "tags": []any{},
		"addIns": []any{}, "alternativeNames": []any{}, "notificationEmailAddresses": []any{},
		"appDescription": nil, "description": nil, "notes": nil, "applicationTemplateId": nil,
		"disabledByMicrosoftStatus": nil, "homepage": nil, "loginUrl": nil, "logoutUrl": nil,
		"preferredSingleSignOnMode": nil,
	}})
}
