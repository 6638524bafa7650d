package world

import (
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Registration says what NewRegistration registers.
type Registration struct {
	Name string
	// AppID is the client id; empty draws a new one.
	AppID string
	// MultiTenant apps may be signed in to through common and organizations.
	MultiTenant bool
	// Public apps may use the flows that need neither redirect nor credential:
	// device code and user name with password (isFallbackPublicClient).
	Public bool
	// Web, SPA and Native are the redirect URIs of the three platforms.
	Web, SPA, Native []string
	// Application and Delegated name the permissions of Microsoft Graph that
	// the registration asks for. They are not consented to.
	Application, Delegated []string
}

// NewRegistration registers an app with its service principal, as the portal
// does in one step.
func (w *World) NewRegistration(tx *state.Tx, r Registration) (app, principal Object) {
	audience := "AzureADMyOrg"
	if r.MultiTenant {
		audience = "AzureADMultipleOrgs"
	}
	set := Doc{
		"displayName":            r.Name,
		"signInAudience":         audience,
		"web":                    webPlatform(r.Web),
		"spa":                    Doc{"redirectUris": texts(r.SPA)},
		"publicClient":           Doc{"redirectUris": texts(r.Native)},
		"requiredResourceAccess": w.required(tx, r.Application, r.Delegated),
	}
	if r.AppID != "" {
		set["appId"] = r.AppID
	}
	if r.Public {
		set["isFallbackPublicClient"] = true
	}
	app = w.NewApplication(tx, set)
	return app, w.NewServicePrincipal(tx, app)
}

// NewApplication stores an application: what set says over what Entra fills in
// by itself. It gets a new client id unless set names one (graph-facts §1.11).
func (w *World) NewApplication(tx *state.Tx, set Doc) Object {
	d := Doc{
		"appId": tx.GUID(), "createdDateTime": Time(tx.Now()), "deletedDateTime": nil,
		"publisherDomain": w.Domain, "signInAudience": "AzureADMyOrg", "description": nil,
		"notes": nil, "isFallbackPublicClient": nil, "groupMembershipClaims": nil,
		"applicationTemplateId": nil, "disabledByMicrosoftStatus": nil,
		"optionalClaims": nil, "tokenEncryptionKeyId": nil, "isDeviceOnlyAuthSupported": nil, "identifierUris": []any{}, "tags": []any{}, "addIns": []any{},
		"appRoles": []any{}, "keyCredentials": []any{}, "passwordCredentials": []any{},
		"requiredResourceAccess": []any{},
		"web":                    webPlatform(nil),
		"spa":                    Doc{"redirectUris": []any{}},
		"publicClient":           Doc{"redirectUris": []any{}},
		"api": Doc{"acceptMappedClaims": nil, "knownClientApplications": []any{},
			"requestedAccessTokenVersion": nil, "oauth2PermissionScopes": []any{}, "preAuthorizedApplications": []any{}},
		"info": Doc{"logoUrl": nil, "marketingUrl": nil, "privacyStatementUrl": nil,
			"supportUrl": nil, "termsOfServiceUrl": nil},
		"parentalControlSettings": Doc{"countriesBlockedForMinors": []any{}, "legalAgeGroupRule": "Allow"},
	}
	return w.AddObject(tx, Object{Type: "application", Doc: Merge(d, set)})
}

// NewServicePrincipal stores the service principal that stands for an
// application in this tenant.
func (w *World) NewServicePrincipal(tx *state.Tx, app Object) Object {
	appID := Text(app.Doc, "appId")
	return w.AddObject(tx, Object{Type: "servicePrincipal", Doc: Merge(Doc{
		"appId": appID, "accountEnabled": true, "appRoleAssignmentRequired": false, "deletedDateTime": nil,
		"appOwnerOrganizationId": w.TenantID, "servicePrincipalType": "Application",
		"keyCredentials": []any{}, "passwordCredentials": []any{},
		"tags": []any{"WindowsAzureActiveDirectoryIntegratedApp"}, "addIns": []any{}, "alternativeNames": []any{},
		"notificationEmailAddresses": []any{}, "appDescription": nil, "description": nil, "notes": nil,
		"applicationTemplateId": nil, "disabledByMicrosoftStatus": nil, "homepage": nil, "loginUrl": nil, "tokenEncryptionKeyId": nil,
		"logoutUrl": nil, "preferredSingleSignOnMode": nil,
	}, shared(app))})
}

// Mirror carries what an application has changed over to its service principal,
// which keeps a copy (Microsoft Entra, "Apps & service principals").
func (w *World) Mirror(tx *state.Tx, app Object) {
	if principal, ok := w.ServicePrincipal(tx, Text(app.Doc, "appId")); ok {
		w.ChangeObject(tx, principal, shared(app))
	}
}

// shared is what a service principal has from its application.
func shared(app Object) Doc {
	redirects := []any{}
	for _, platform := range Platforms() {
		redirects = append(redirects, redirectURIs(app, platform)...)
	}
	api, _ := app.Doc["api"].(Doc)
	scopes, ok := api["oauth2PermissionScopes"].([]any)
	if !ok {
		scopes = []any{}
	}
	// It goes by the client id and by the Application ID URIs (serviceprincipal).
	uris, _ := app.Doc["identifierUris"].([]any)
	names := append([]any{app.Doc["appId"]}, uris...)
	return Doc{"displayName": app.Doc["displayName"], "appDisplayName": app.Doc["displayName"], "servicePrincipalNames": names,
		"signInAudience": app.Doc["signInAudience"], "appRoles": app.Doc["appRoles"],
		"oauth2PermissionScopes": scopes, "replyUrls": redirects, "info": app.Doc["info"]}
}

// Platform is what kind of client a redirect URI belongs to. It decides how the
// client that redeems a code has to show who it is (graph-facts §1.2).
type Platform string

// The platforms, named as the application's properties.
const (
	Web    Platform = "web"
	SPA    Platform = "spa"
	Native Platform = "publicClient"
)

// Platforms lists every platform.
func Platforms() []Platform { return []Platform{Web, SPA, Native} }

// RedirectURIs gives the redirect URIs that an application has registered for a
// platform.
func RedirectURIs(app Object, p Platform) []string {
	var out []string
	for _, v := range redirectURIs(app, p) {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func redirectURIs(app Object, p Platform) []any {
	d, _ := app.Doc[string(p)].(Doc)
	list, _ := d["redirectUris"].([]any)
	return list
}

func webPlatform(redirects []string) Doc {
	return Doc{"homePageUrl": nil, "logoutUrl": nil, "redirectUris": texts(redirects),
		"implicitGrantSettings": Doc{"enableAccessTokenIssuance": false, "enableIdTokenIssuance": false}}
}

// required writes a requiredResourceAccess that names permissions of Microsoft
// Graph.
func (w *World) required(tx *state.Tx, application, delegated []string) []any {
	access := []any{}
	if graph, ok := w.ServicePrincipal(tx, GraphAppID); ok {
		for _, name := range application {
			access = append(access, Doc{"id": RoleID(graph, name), "type": "Role"})
		}
		for _, name := range delegated {
			access = append(access, Doc{"id": ScopeID(graph, name), "type": "Scope"})
		}
	}
	if len(access) == 0 {
		return access
	}
	return []any{Doc{"resourceAppId": GraphAppID, "resourceAccess": access}}
}

// texts writes strings as a JSON list.
func texts(list []string) []any {
	out := make([]any, 0, len(list))
	for _, s := range list {
		out = append(out, s)
	}
	return out
}
