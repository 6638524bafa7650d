package directory_test

import (
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/kernel"
	"github.com/graphwarden/graphwarden/sim/world"
)

func TestObjectsOfAnyType(t *testing.T) {
	try(t, []kernel.Situation{
		{Name: "a user", As: "app", Request: "GET /directoryObjects/{bob}", Status: 200, Want: `"@odata.type":"#microsoft.graph.user"`},
		{Name: "a group", As: "app", Request: "GET /directoryObjects/{team}", Status: 200, Want: `"@odata.type":"#microsoft.graph.group"`},
		{Name: "nothing", As: "app", Request: "GET /directoryObjects/{none}", Status: 404},
		{Name: "without permission", As: "app:User.Read.All", Request: "GET /directoryObjects/{bob}", Status: 403},
		{Name: "several by their ids", As: "app", Request: "POST /directoryObjects/getByIds", Body: `{"ids":["{bob}","{team}","{none}"]}`, Status: 200, Want: `"displayName":"Team"`},
		{Name: "those of a type", As: "app", Request: "POST /directoryObjects/getByIds", Body: `{"ids":["{bob}","{team}"],"types":["user"]}`, Status: 200, Want: `"displayName":"Bob"`},
		{Name: "too many", As: "app", Request: "POST /directoryObjects/getByIds", Body: `{"ids":[` + strings.TrimSuffix(strings.Repeat(`"x",`, 1001), ",") + `]}`, Status: 400, Want: "1000"},
		{Name: "a user deleted by who may", As: "app", Request: "DELETE /directoryObjects/{dan}", Status: 204},
		{Name: "a user deleted by who may delete groups", As: "app:Group.ReadWrite.All", Request: "DELETE /directoryObjects/{dan}", Status: 403},
		{Name: "a service principal deleted", As: "ada", Request: "DELETE /directoryObjects/{sp}", Status: 204},
		{Name: "a role deleted", As: "ada", Request: "DELETE /directoryObjects/" + world.StableID(1, "directoryRole", world.GlobalAdministrator), Status: 403},
		{Name: "the roles in use", As: "app", Request: "GET /directoryRoles", Status: 200, Want: `"displayName":"Directory Readers"`},
		{Name: "a role by its template", As: "app", Request: "GET /directoryRoles(roleTemplateId='" + world.GlobalAdministrator + "')/members", Status: 200, Want: `"displayName":"Ada"`},
		{Name: "a role put into use", As: "app", Request: "POST /directoryRoles", Body: `{"roleTemplateId":"` + world.GlobalReader + `"}`, Status: 201, Want: `"displayName":"Global Reader"`},
		{Name: "a role in use already", As: "app", Request: "POST /directoryRoles", Body: `{"roleTemplateId":"` + world.GlobalAdministrator + `"}`, Status: 400, Want: "already exists"},
		{Name: "a role that does not exist", As: "app", Request: "POST /directoryRoles", Body: `{"roleTemplateId":"{none}"}`, Status: 404},
		{Name: "a role put into use by a lesser administrator", As: "cleo", Request: "POST /directoryRoles", Body: `{"roleTemplateId":"` + world.GlobalReader + `"}`, Status: 403},
		{Name: "a role taken by oneself", As: "cleo", Request: "POST /directoryRoles(roleTemplateId='" + world.GlobalAdministrator + "')/members/$ref", Body: `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{cleo}"}`, Status: 403},
		{Name: "a role given", As: "ada", Request: "POST /directoryRoles(roleTemplateId='" + world.GlobalAdministrator + "')/members/$ref", Body: `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{cleo}"}`, Status: 204},
		{Name: "a role given to a group that is not for it", As: "ada", Request: "POST /directoryRoles(roleTemplateId='" + world.GlobalAdministrator + "')/members/$ref", Body: `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{office}"}`, Status: 400},
		{Name: "role templates", As: "app", Request: "GET /directoryRoleTemplates", Status: 200, Want: world.ExchangeAdministrator},
		{Name: "a role template", As: "app", Request: "GET /directoryRoleTemplates/" + world.ExchangeAdministrator, Status: 200, Want: "Exchange Administrator"},
		{Name: "no role template", As: "app", Request: "GET /directoryRoleTemplates/{none}", Status: 404},
		{Name: "the domains", As: "app", Request: "GET /domains", Status: 200, Want: `"id":"contoso.example"`},
		{Name: "a domain", As: "app", Request: "GET /domains/contoso.onmicrosoft.com", Status: 200, Want: `"isInitial":true`},
		{Name: "no domain", As: "app", Request: "GET /domains/elsewhere.example", Status: 404},
		{Name: "who is named in a domain", As: "app", Request: "GET /domains/contoso.example/domainNameReferences", Status: 200, Want: `"displayName":"Bob"`},
		{Name: "the organisation", As: "bob:User.Read", Request: "GET /organization", Status: 200, Want: `"displayName":"Contoso"`},
		{Name: "the organisation's notices", As: "ada", Request: "PATCH /organization/" + world.StableID(1, "tenant"), Body: `{"technicalNotificationMails":["x@contoso.example"]}`, Status: 204},
		{Name: "the organisation's name", As: "ada", Request: "PATCH /organization/" + world.StableID(1, "tenant"), Body: `{"displayName":"x"}`, Status: 400, Want: "read-only"},
		{Name: "the organisation changed by a user", As: "bob", Request: "PATCH /organization/" + world.StableID(1, "tenant"), Body: `{"technicalNotificationMails":[]}`, Status: 403},
		{Name: "contacts of the organisation", As: "app", Request: "GET /contacts", Status: 200, Want: `"value":[]`},
	})
}

func TestDeletedItemsAreKeptForThirtyDays(t *testing.T) {
	b := start(t)
	b.Must(204, "cleo", "DELETE /users/{dan}", "")
	b.Must(404, "app", "GET /users/{dan}", "")
	b.Must(404, "app", "GET /users/dan@contoso.example", "")
	if got := names(b.Must(200, "app", "GET /groups/{sub}/members", "")); len(got) != 0 {
		t.Errorf("the deleted user is still a member: %v", got)
	}
	if got := names(b.Must(200, "app", "GET /directory/deletedItems/microsoft.graph.user", "")); len(got) != 1 {
		t.Errorf("deleted users %v", got)
	}
	if got := names(b.Must(200, "app", "GET /directory/deletedItems/microsoft.graph.group", "")); len(got) != 0 {
		t.Errorf("deleted groups %v", got)
	}
	b.Must(403, "app:Group.Read.All", "GET /directory/deletedItems/{dan}", "")
	b.Must(403, "bob", "POST /directory/deletedItems/{dan}/restore", "")
	b.Must(403, "app:Group.ReadWrite.All", "POST /directory/deletedItems/{dan}/restore", "")

	b.Must(201, "app", "POST /users", strings.ReplaceAll(newUser, "eve", "dan"))
	b.Must(400, "app", "POST /directory/deletedItems/{dan}/restore", "")
	b.Must(400, "app", "POST /directory/deletedItems/{dan}/restore", `{"newUserPrincipalName":"bob@contoso.example"}`)
	b.Must(204, "app", "DELETE /users/dan@contoso.example", "")
	if r := b.Must(200, "app", "POST /directory/deletedItems/{dan}/restore", ""); r.Body["@odata.type"] != "#microsoft.graph.user" {
		t.Errorf("restored %s", r.Text)
	}
	if got := names(b.Must(200, "app", "GET /groups/{sub}/members", "")); len(got) != 1 {
		t.Errorf("the restored user is not a member again: %v", got)
	}
	b.Must(404, "app", "POST /directory/deletedItems/{dan}/restore", "")

	b.Must(204, "app", "DELETE /groups/{team}", "")
	b.Must(200, "app", "GET /directory/deletedItems/{team}", "")
	b.Must(204, "app", "DELETE /groups/{office}", "")
	b.Must(404, "app", "GET /directory/deletedItems/{office}", "")
	b.Must(403, "app:User.ReadWrite.All", "DELETE /directory/deletedItems/{team}", "")
	b.Must(204, "app", "DELETE /directory/deletedItems/{team}", "")
	b.Must(404, "app", "GET /directory/deletedItems/{team}", "")

	b.Must(204, "app", "DELETE /users/{dan}", "")
	b.World.Clock().Advance(30 * 24 * time.Hour)
	b.Must(404, "app", "POST /directory/deletedItems/{dan}/restore", "")
	if got := names(b.Must(200, "app", "GET /directory/deletedItems/microsoft.graph.user", "")); len(got) != 0 {
		t.Errorf("deleted users after 30 days: %v", got)
	}
}
