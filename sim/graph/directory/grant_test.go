package directory_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/internal/kernel"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

func TestAppRolesAreAssigned(t *testing.T) {
	grant := `{"principalId":"{sp}","resourceId":"{graph}","appRoleId":"{userRead}"}`
	access := `{"principalId":"{bob}","resourceId":"{sp}","appRoleId":"00000000-0000-0000-0000-000000000000"}`
	try(t, []kernel.Situation{
		{Name: "to an app", As: "app", Request: "POST /servicePrincipals/{sp}/appRoleAssignments", Body: grant, Status: 201, Want: `"principalType":"ServicePrincipal"`},
		{Name: "from the resource's side", As: "app", Request: "POST /servicePrincipals/{graph}/appRoleAssignedTo", Body: grant, Status: 201, Want: `"resourceDisplayName":"Microsoft Graph"`},
		{Name: "not by who may only write apps", As: "app:Application.ReadWrite.All", Request: "POST /servicePrincipals/{sp}/appRoleAssignments", Body: grant, Status: 403},
		{Name: "not by an ordinary user", As: "bob", Request: "POST /servicePrincipals/{sp}/appRoleAssignments", Body: grant, Status: 403},
		{Name: "under another's name", As: "app", Request: "POST /servicePrincipals/{graph}/appRoleAssignments", Body: grant, Status: 400, Want: "principalId"},
		{Name: "of a role that does not exist", As: "app", Request: "POST /servicePrincipals/{sp}/appRoleAssignments", Status: 400, Want: "Permission being assigned was not found",
			Body: `{"principalId":"{sp}","resourceId":"{graph}","appRoleId":"{none}"}`},
		{Name: "on a resource that does not exist", As: "app", Request: "POST /servicePrincipals/{sp}/appRoleAssignments", Status: 404,
			Body: `{"principalId":"{sp}","resourceId":"{none}","appRoleId":"{userRead}"}`},
		{Name: "to a user", As: "app", Request: "POST /users/{bob}/appRoleAssignments", Body: access, Status: 201, Want: `"principalType":"User"`},
		{Name: "to a group", As: "ada", Request: "POST /groups/{office}/appRoleAssignments", Status: 201, Want: `"principalType":"Group"`,
			Body: `{"principalId":"{office}","resourceId":"{sp}","appRoleId":"00000000-0000-0000-0000-000000000000"}`},
		{Name: "not of half a request", As: "app", Request: "POST /users/{bob}/appRoleAssignments", Body: `{"principalId":"{bob}"}`, Status: 400, Want: "resourceId"},
		{Name: "none yet", As: "app", Request: "GET /servicePrincipals/{sp}/appRoleAssignments", Status: 200, Want: `"value":[]`},
	})
}

func TestAppRolesAreTakenBack(t *testing.T) {
	b := start(t)
	grant := `{"principalId":"{sp}","resourceId":"{graph}","appRoleId":"{userRead}"}`
	r := b.Must(201, "ada", "POST /servicePrincipals/{sp}/appRoleAssignments", grant)
	b.IDs["grant"] = world.Text(r.Body, "id")
	if r := b.Must(400, "ada", "POST /servicePrincipals/{sp}/appRoleAssignments", grant); r.Body == nil {
		t.Error("granted twice")
	}
	roles := func() (held []string) {
		_ = b.World.View(func(tx *state.Tx) error {
			graph, _ := b.World.Object(tx, b.IDs["graph"])
			held = b.World.RolesOf(tx, b.IDs["sp"], graph)
			return nil
		})
		return held
	}
	if got := roles(); len(got) != 1 || got[0] != "User.Read.All" {
		t.Errorf("the app holds %v", got)
	}
	b.Must(200, "app", "GET /servicePrincipals/{sp}/appRoleAssignments/{grant}", "")
	b.Must(404, "app", "GET /servicePrincipals/{graph}/appRoleAssignments/{grant}", "")
	b.Must(403, "bob", "DELETE /servicePrincipals/{graph}/appRoleAssignedTo/{grant}", "")
	b.Must(204, "app", "DELETE /servicePrincipals/{graph}/appRoleAssignedTo/{grant}", "")
	b.Must(404, "app", "DELETE /servicePrincipals/{graph}/appRoleAssignedTo/{grant}", "")
	if got := roles(); len(got) != 0 {
		t.Errorf("the app still holds %v", got)
	}
}

func TestOwningAnAppGrantsItNothing(t *testing.T) {
	b := start(t)
	b.Must(204, "ada", "POST /servicePrincipals/{sp}/owners/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{bob}"}`)
	b.Must(204, "bob", "PATCH /servicePrincipals/{sp}", `{"notes":"mine"}`)
	b.Must(403, "bob", "POST /servicePrincipals/{sp}/appRoleAssignments", `{"principalId":"{sp}","resourceId":"{graph}","appRoleId":"{userRead}"}`)
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
		b.Must(status, "app", "POST /oauth2PermissionGrants", body)
	}
	b.Must(403, "bob", "POST /oauth2PermissionGrants", all)
	r := b.Must(201, "app", "POST /oauth2PermissionGrants", all)
	b.IDs["grant"] = world.Text(r.Body, "id")
	b.Must(409, "app", "POST /oauth2PermissionGrants", all)
	b.Must(201, "app", "POST /oauth2PermissionGrants", `{"clientId":"{sp}","consentType":"Principal","principalId":"{bob}","resourceId":"{graph}","scope":"Mail.Read"}`)
	for request, n := range map[string]int{
		"GET /oauth2PermissionGrants":                                        2,
		"GET /oauth2PermissionGrants?$filter=consentType eq 'AllPrincipals'": 1,
		"GET /servicePrincipals/{sp}/oauth2PermissionGrants":                 2,
		"GET /users/{bob}/oauth2PermissionGrants":                            1,
		"GET /oauth2PermissionGrants?$filter=clientId eq '{graph}'":          0,
	} {
		if list, _ := b.Must(200, "app", request, "").Body["value"].([]any); len(list) != n {
			t.Errorf("%s: %d grants, want %d", request, len(list), n)
		}
	}
	b.Must(403, "bob", "PATCH /oauth2PermissionGrants/{grant}", `{"scope":"User.Read Mail.Read"}`)
	b.Must(400, "app", "PATCH /oauth2PermissionGrants/{grant}", `{"clientId":"{graph}"}`)
	b.Must(204, "app", "PATCH /oauth2PermissionGrants/{grant}", `{"scope":"User.Read Mail.Read"}`)
	if r := b.Must(200, "app", "GET /oauth2PermissionGrants/{grant}", ""); r.Body["scope"] != "User.Read Mail.Read" {
		t.Errorf("the grant is %s", r.Text)
	}
	b.Must(403, "bob", "DELETE /oauth2PermissionGrants/{grant}", "")
	b.Must(204, "app", "DELETE /oauth2PermissionGrants/{grant}", "")
	b.Must(404, "app", "DELETE /oauth2PermissionGrants/{grant}", "")
	b.Must(404, "app", "PATCH /oauth2PermissionGrants/{grant}", `{"scope":"x"}`)
}

func TestPermissionsAreClassified(t *testing.T) {
	b := start(t)
	r := b.Must(201, "app", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications",
		`{"permissionId":"e1fe6dd8-ba31-4d61-89e7-88639da4683d","permissionName":"User.Read","classification":"low"}`)
	if r.Body["id"] != "2G3-4TG6YU2J54hjnaRoPQE" { // as in the documented example
		t.Errorf("the classification is %s", r.Text)
	}
	b.Must(201, "app", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications", `{"permissionName":"user.read","classification":"high"}`)
	b.Must(400, "app", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications", `{"permissionName":"No.Such","classification":"low"}`)
	b.Must(400, "app", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications", `{"permissionName":"User.Read"}`)
	b.Must(403, "bob", "POST /servicePrincipals/{graph}/delegatedPermissionClassifications", `{"permissionName":"User.Read","classification":"low"}`)
	r = b.Must(200, "app", "GET /servicePrincipals/{graph}/delegatedPermissionClassifications", "")
	if list, _ := r.Body["value"].([]any); len(list) != 1 || list[0].(map[string]any)["classification"] != "high" {
		t.Errorf("the classifications are %s", r.Text)
	}
	b.Must(204, "app", "DELETE /servicePrincipals/{graph}/delegatedPermissionClassifications/2G3-4TG6YU2J54hjnaRoPQE", "")
	b.Must(404, "app", "DELETE /servicePrincipals/{graph}/delegatedPermissionClassifications/2G3-4TG6YU2J54hjnaRoPQE", "")
}
