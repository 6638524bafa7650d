package directory_test

import (
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
)

func TestObjectsOfAnyType(t *testing.T) {
	try(t, []situation{
		{name: "a user", as: "app", request: "GET /directoryObjects/{bob}", status: 200, want: `"@odata.type":"#microsoft.graph.user"`},
		{name: "a group", as: "app", request: "GET /directoryObjects/{team}", status: 200, want: `"@odata.type":"#microsoft.graph.group"`},
		{name: "nothing", as: "app", request: "GET /directoryObjects/{none}", status: 404},
		{name: "without permission", as: "app:User.Read.All", request: "GET /directoryObjects/{bob}", status: 403},
		{name: "several by their ids", as: "app", request: "POST /directoryObjects/getByIds", body: `{"ids":["{bob}","{team}","{none}"]}`, status: 200, want: `"displayName":"Team"`},
		{name: "those of a type", as: "app", request: "POST /directoryObjects/getByIds", body: `{"ids":["{bob}","{team}"],"types":["user"]}`, status: 200, want: `"displayName":"Bob"`},
		{name: "too many", as: "app", request: "POST /directoryObjects/getByIds", body: `{"ids":[` + strings.TrimSuffix(strings.Repeat(`"x",`, 1001), ",") + `]}`, status: 400, want: "1000"},
		{name: "a user deleted by who may", as: "app", request: "DELETE /directoryObjects/{dan}", status: 204},
		{name: "a user deleted by who may delete groups", as: "app:Group.ReadWrite.All", request: "DELETE /directoryObjects/{dan}", status: 403},
		{name: "a service principal deleted", as: "ada", request: "DELETE /directoryObjects/{sp}", status: 204},
		{name: "a role deleted", as: "ada", request: "DELETE /directoryObjects/" + world.StableID(1, "directoryRole", world.GlobalAdministrator), status: 403},
		{name: "the roles in use", as: "app", request: "GET /directoryRoles", status: 200, want: `"displayName":"Directory Readers"`},
		{name: "a role by its template", as: "app", request: "GET /directoryRoles(roleTemplateId='" + world.GlobalAdministrator + "')/members", status: 200, want: `"displayName":"Ada"`},
		{name: "a role put into use", as: "app", request: "POST /directoryRoles", body: `{"roleTemplateId":"` + world.GlobalReader + `"}`, status: 201, want: `"displayName":"Global Reader"`},
		{name: "a role in use already", as: "app", request: "POST /directoryRoles", body: `{"roleTemplateId":"` + world.GlobalAdministrator + `"}`, status: 400, want: "already exists"},
		{name: "a role that does not exist", as: "app", request: "POST /directoryRoles", body: `{"roleTemplateId":"{none}"}`, status: 404},
		{name: "a role put into use by a lesser administrator", as: "cleo", request: "POST /directoryRoles", body: `{"roleTemplateId":"` + world.GlobalReader + `"}`, status: 403},
		{name: "a role taken by oneself", as: "cleo", request: "POST /directoryRoles(roleTemplateId='" + world.GlobalAdministrator + "')/members/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{cleo}"}`, status: 403},
		{name: "a role given", as: "ada", request: "POST /directoryRoles(roleTemplateId='" + world.GlobalAdministrator + "')/members/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{cleo}"}`, status: 204},
		{name: "a role given to a group that is not for it", as: "ada", request: "POST /directoryRoles(roleTemplateId='" + world.GlobalAdministrator + "')/members/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{office}"}`, status: 400},
		{name: "role templates", as: "app", request: "GET /directoryRoleTemplates", status: 200, want: world.ExchangeAdministrator},
		{name: "a role template", as: "app", request: "GET /directoryRoleTemplates/" + world.ExchangeAdministrator, status: 200, want: "Exchange Administrator"},
		{name: "no role template", as: "app", request: "GET /directoryRoleTemplates/{none}", status: 404},
		{name: "the domains", as: "app", request: "GET /domains", status: 200, want: `"id":"contoso.example"`},
		{name: "a domain", as: "app", request: "GET /domains/contoso.onmicrosoft.com", status: 200, want: `"isInitial":true`},
		{name: "no domain", as: "app", request: "GET /domains/elsewhere.example", status: 404},
		{name: "who is named in a domain", as: "app", request: "GET /domains/contoso.example/domainNameReferences", status: 200, want: `"displayName":"Bob"`},
		{name: "the organisation", as: "bob:User.Read", request: "GET /organization", status: 200, want: `"displayName":"Contoso"`},
		{name: "the organisation's notices", as: "ada", request: "PATCH /organization/" + world.StableID(1, "tenant"), body: `{"technicalNotificationMails":["x@contoso.example"]}`, status: 204},
		{name: "the organisation's name", as: "ada", request: "PATCH /organization/" + world.StableID(1, "tenant"), body: `{"displayName":"x"}`, status: 400, want: "read-only"},
		{name: "the organisation changed by a user", as: "bob", request: "PATCH /organization/" + world.StableID(1, "tenant"), body: `{"technicalNotificationMails":[]}`, status: 403},
		{name: "contacts of the organisation", as: "app", request: "GET /contacts", status: 200, want: `"value":[]`},
	})
}

func TestDeletedItemsAreKeptForThirtyDays(t *testing.T) {
	b := start(t)
	b.must(204, "cleo", "DELETE /users/{dan}", "")
	b.must(404, "app", "GET /users/{dan}", "")
	b.must(404, "app", "GET /users/dan@contoso.example", "")
	if got := b.must(200, "app", "GET /groups/{sub}/members", "").names(); len(got) != 0 {
		t.Errorf("the deleted user is still a member: %v", got)
	}
	if got := b.must(200, "app", "GET /directory/deletedItems/microsoft.graph.user", "").names(); len(got) != 1 {
		t.Errorf("deleted users %v", got)
	}
	if got := b.must(200, "app", "GET /directory/deletedItems/microsoft.graph.group", "").names(); len(got) != 0 {
		t.Errorf("deleted groups %v", got)
	}
	b.must(403, "app:Group.Read.All", "GET /directory/deletedItems/{dan}", "")
	b.must(403, "bob", "POST /directory/deletedItems/{dan}/restore", "")
	b.must(403, "app:Group.ReadWrite.All", "POST /directory/deletedItems/{dan}/restore", "")

	b.must(201, "app", "POST /users", strings.ReplaceAll(newUser, "eve", "dan"))
	b.must(400, "app", "POST /directory/deletedItems/{dan}/restore", "")
	b.must(400, "app", "POST /directory/deletedItems/{dan}/restore", `{"newUserPrincipalName":"bob@contoso.example"}`)
	b.must(204, "app", "DELETE /users/dan@contoso.example", "")
	if r := b.must(200, "app", "POST /directory/deletedItems/{dan}/restore", ""); r.body["@odata.type"] != "#microsoft.graph.user" {
		t.Errorf("restored %s", r.text)
	}
	if got := b.must(200, "app", "GET /groups/{sub}/members", "").names(); len(got) != 1 {
		t.Errorf("the restored user is not a member again: %v", got)
	}
	b.must(404, "app", "POST /directory/deletedItems/{dan}/restore", "")

	b.must(204, "app", "DELETE /groups/{team}", "")
	b.must(200, "app", "GET /directory/deletedItems/{team}", "")
	b.must(204, "app", "DELETE /groups/{office}", "")
	b.must(404, "app", "GET /directory/deletedItems/{office}", "")
	b.must(403, "app:User.ReadWrite.All", "DELETE /directory/deletedItems/{team}", "")
	b.must(204, "app", "DELETE /directory/deletedItems/{team}", "")
	b.must(404, "app", "GET /directory/deletedItems/{team}", "")

	b.must(204, "app", "DELETE /users/{dan}", "")
	b.world.Clock().Advance(30 * 24 * time.Hour)
	b.must(404, "app", "POST /directory/deletedItems/{dan}/restore", "")
	if got := b.must(200, "app", "GET /directory/deletedItems/microsoft.graph.user", "").names(); len(got) != 0 {
		t.Errorf("deleted users after 30 days: %v", got)
	}
}
