package directory_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

func TestAppRolesAreAssigned(t *testing.T) {
	grant := `{"principalId":"{sp}","resourceId":"{graph}","appRoleId":"{userRead}"}`
	access := `{"principalId":"{bob}","resourceId":"{sp}","appRoleId":"00000000-0000-0000-0000-000000000000"}`
	try(t, []situation{
		{name: "to an app", as: "app", request: "POST /servicePrincipals/{sp}/appRoleAssignments", body: grant, status: 201, want: `"principalType":"ServicePrincipal"`},
		{name: "from the resource's side", as: "app", request: "POST /servicePrincipals/{graph}/appRoleAssignedTo", body: grant, status: 201, want: `"resourceDisplayName":"Microsoft Graph"`},
		{name: "not by who may only write apps", as: "app:Application.ReadWrite.All", request: "POST /servicePrincipals/{sp}/appRoleAssignments", body: grant, status: 403},
		{name: "not by an ordinary user", as: "bob", request: "POST /servicePrincipals/{sp}/appRoleAssignments", body: grant, status: 403},
		{name: "under another's name", as: "app", request: "POST /servicePrincipals/{graph}/appRoleAssignments", body: grant, status: 400, want: "principalId"},
		{name: "of a role that does not exist", as: "app", request: "POST /servicePrincipals/{sp}/appRoleAssignments", status: 400, want: "Permission being assigned was not found",
			body: `{"principalId":"{sp}","resourceId":"{graph}","appRoleId":"{none}"}`},
		{name: "on a resource that does not exist", as: "app", request: "POST /servicePrincipals/{sp}/appRoleAssignments", status: 404,
			body: `{"principalId":"{sp}","resourceId":"{none}","appRoleId":"{userRead}"}`},
		{name: "to a user", as: "app", request: "POST /users/{bob}/appRoleAssignments", body: access, status: 201, want: `"principalType":"User"`},
		{name: "to a group", as: "ada", request: "POST /groups/{office}/appRoleAssignments", status: 201, want: `"principalType":"Group"`,
			body: `{"principalId":"{office}","resourceId":"{sp}","appRoleId":"00000000-0000-0000-0000-000000000000"}`},
		{name: "not of half a request", as: "app", request: "POST /users/{bob}/appRoleAssignments", body: `{"principalId":"{bob}"}`, status: 400, want: "resourceId"},
		{name: "none yet", as: "app", request: "GET /servicePrincipals/{sp}/appRoleAssignments", status: 200, want: `"value":[]`},
	})
}

func TestAppRolesAreTakenBack(t *testing.T) {
	b := start(t)
	grant := `{"principalId":"{sp}","resourceId":"{graph}","appRoleId":"{userRead}"}`
	r := b.must(201, "ada", "POST /servicePrincipals/{sp}/appRoleAssignments", grant)
	b.ids["grant"] = world.Text(r.body, "id")
	if r := b.must(400, "ada", "POST /servicePrincipals/{sp}/appRoleAssignments", grant); r.body == nil {
		t.Error("granted twice")
	}
	roles := func() (held []string) {
		_ = b.world.View(func(tx *state.Tx) error {
			graph, _ := b.world.Object(tx, b.ids["graph"])
			held = b.world.RolesOf(tx, b.ids["sp"], graph)
			return nil
		})
		return held
	}
	if got := roles(); len(got) != 1 || got[0] != "User.Read.All" {
		t.Errorf("the app holds %v", got)
	}
	b.must(200, "app", "GET /servicePrincipals/{sp}/appRoleAssignments/{grant}", "")
	b.must(404, "app", "GET /servicePrincipals/{graph}/appRoleAssignments/{grant}", "")
	b.must(403, "bob", "DELETE /servicePrincipals/{graph}/appRoleAssignedTo/{grant}", "")
	b.must(204, "app", "DELETE /servicePrincipals/{graph}/appRoleAssignedTo/{grant}", "")
	b.must(404, "app", "DELETE /servicePrincipals/{graph}/appRoleAssignedTo/{grant}", "")
	if got := roles(); len(got) != 0 {
		t.Errorf("the app still holds %v", got)
	}
}

func TestOwningAnAppGrantsItNothing(t *testing.T) {
	b := start(t)
	b.must(204, "ada", "POST /servicePrincipals/{sp}/owners/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{bob}"}`)
	b.must(204, "bob", "PATCH /servicePrincipals/{sp}", `{"notes":"mine"}`)
	b.must(403, "bob", "POST /servicePrincipals/{sp}/appRoleAssignments", `{"principalId":"{sp}","resourceId":"{graph}","appRoleId":"{userRead}"}`)
}

func TestDelegatedPermissionsAreGranted(t *testing.T) {
	b := start(t)
	all := `{"clientId":"{sp}","consentType":"AllPrincipals","principalId":null,"resourceId":"{graph}","scope":"User.Read"}`
	for body, status := range map[string]int{
		`{}`: 400,
		`{"clientId":"{none}","consentType":"AllPrincipals","resourceId":"{graph}","scope":"x"}`:                     404,
		`{"clientId":"{sp}","consentType":"AllPrincipals","principalId":"{bob}","resourceId":"{graph}","scope":"x"}`: 400,
		`{"clientId":"{sp}","consentType":"Principal","principalId":"{none}","resourceId":"{graph}","scope":"x"}`:    404,
		`{"clientId":"{sp}","consentType":"Everybody","resourceId":"{graph}","scope":"x"}`:                           400,
	} {
		b.must(status, "app", "POST /oauth2PermissionGrants", body)
	}
	b.must(403, "bob", "POST /oauth2PermissionGrants", all)
	r := b.must(201, "app", "POST /oauth2PermissionGrants", all)
	b.ids["grant"] = world.Text(r.body, "id")
	b.must(409, "app", "POST /oauth2PermissionGrants", all)
	b.must(201, "app", "POST /oauth2PermissionGrants", `{"clientId":"{sp}","consentType":"Principal","principalId":"{bob}","resourceId":"{graph}","scope":"Mail.Read"}`)
	for request, n := range map[string]int{
		"GET /oauth2PermissionGrants":                                        2,
		"GET /oauth2PermissionGrants?$filter=consentType eq 'AllPrincipals'": 1,
		"GET /servicePrincipals/{sp}/oauth2PermissionGrants":                 2,
		"GET /users/{bob}/oauth2PermissionGrants":                            1,
		"GET /oauth2PermissionGrants?$filter=clientId eq '{graph}'":          0,
	} {
		if list, _ := b.must(200, "app", request, "").body["value"].([]any); len(list) != n {
			t.Errorf("%s: %d grants, want %d", request, len(list), n)
		}
	}
	b.must(403, "bob", "PATCH /oauth2PermissionGrants/{grant}", `{"scope":"User.Read Mail.Read"}`)
	b.must(400, "app", "PATCH /oauth2PermissionGrants/{grant}", `{"clientId":"{graph}"}`)
	b.must(204, "app", "PATCH /oauth2PermissionGrants/{grant}", `{"scope":"User.Read Mail.Read"}`)
	if r := b.must(200, "app", "GET /oauth2PermissionGrants/{grant}", ""); r.body["scope"] != "User.Read Mail.Read" {
		t.Errorf("the grant is %s", r.text)
	}
	b.must(403, "bob", "DELETE /oauth2PermissionGrants/{grant}", "")
	b.must(204, "app", "DELETE /oauth2PermissionGrants/{grant}", "")
	b.must(404, "app", "DELETE /oauth2PermissionGrants/{grant}", "")
	b.must(404, "app", "PATCH /oauth2PermissionGrants/{grant}", `{"scope":"x"}`)
}

func TestPermissionsAreClassified(t *testing.T) {
	b := start(t)
	r := b.must(201, "app", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications",
		`{"permissionId":"e1fe6dd8-ba31-4d61-89e7-88639da4683d","permissionName":"User.Read","classification":"low"}`)
	if r.body["id"] != "2G3-4TG6YU2J54hjnaRoPQE" { // as in the documented example
		t.Errorf("the classification is %s", r.text)
	}
	b.must(201, "app", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications", `{"permissionName":"user.read","classification":"high"}`)
	b.must(400, "app", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications", `{"permissionName":"No.Such","classification":"low"}`)
	b.must(400, "app", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications", `{"permissionName":"User.Read"}`)
	b.must(403, "bob", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications", `{"permissionName":"User.Read","classification":"low"}`)
	r = b.must(200, "app", "GET /servicePrincipals/{graph}/delegatedPermissionClassifications", "")
	if list, _ := r.body["value"].([]any); len(list) != 1 || list[0].(map[string]any)["classification"] != "high" {
		t.Errorf("the classifications are %s", r.text)
	}
	b.must(204, "app", "DELETE /servicePrincipals/{graph}/delegatedPermissionClassifications/2G3-4TG6YU2J54hjnaRoPQE", "")
	b.must(404, "app", "DELETE /servicePrincipals/{graph}/delegatedPermissionClassifications/2G3-4TG6YU2J54hjnaRoPQE", "")
}
