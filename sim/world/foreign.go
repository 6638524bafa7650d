package world

import "github.com/graphwarden/graphwarden/sim/world/state"

// Foreign says what NewForeign brings into the tenant.
type Foreign struct {
	Name string
	Home string // the tenant that the app is registered in
	// Publisher is the name that Microsoft verified; "" for none.
	Publisher string
}

// NewForeign stores the service principal of an app that another tenant registered, as
// the first consent to it does: the application object and its credentials stay at
// home (Microsoft Entra, "Apps & service principals in Microsoft Entra ID").
func (w *World) NewForeign(tx *state.Tx, f Foreign) Object {
	app := Object{Type: "application", Doc: Doc{"appId": tx.GUID(), "displayName": f.Name, "signInAudience": "AzureADMultipleOrgs", "appRoles": []any{},
		"info": Doc{"logoUrl": nil, "marketingUrl": nil, "privacyStatementUrl": nil, "supportUrl": nil, "termsOfServiceUrl": nil}}}
	o := w.NewServicePrincipal(tx, app)
	set := Doc{"appOwnerOrganizationId": f.Home}
	if f.Publisher != "" { // Microsoft Graph, "verifiedPublisher resource type"
		set["verifiedPublisher"] = Doc{"displayName": f.Publisher, "verifiedPublisherId": "1234567", "addedDateTime": Time(tx.Now())}
	}
	return w.ChangeObject(tx, o, set)
}
