package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
)

const newTeam = `{"displayName":"New","mailNickname":"new","groupTypes":["Unified"],"mailEnabled":true,"securityEnabled":false}`

func TestGroupsAreMade(t *testing.T) {
	try(t, []situation{
		{name: "for Microsoft 365", as: "app", request: "POST /groups", body: newTeam, status: 201, want: `"mail":"new@contoso.example"`},
		{name: "public unless said otherwise", as: "app", request: "POST /groups", body: newTeam, status: 201, want: `"visibility":"Public"`},
		{name: "for security", as: "app", request: "POST /groups", status: 201, want: `"mail":null`,
			body: `{"displayName":"S","mailNickname":"s","mailEnabled":false,"securityEnabled":true}`},
		{name: "not by an ordinary user", as: "bob", request: "POST /groups", body: newTeam, status: 403},
		{name: "by a user administrator", as: "cleo", request: "POST /groups", body: newTeam, status: 201},
		{name: "not of nothing", as: "app", request: "POST /groups", body: `{}`, status: 400, want: "'displayName'"},
		{name: "not with what groups do not have", as: "app", request: "POST /groups", body: `{"colour":1}`, status: 400, want: "colour"},
		{name: "not as a distribution list", as: "app", request: "POST /groups", status: 400, want: "Cannot Create a mail-enabled security groups and or distribution list.",
			body: `{"displayName":"D","mailNickname":"d","mailEnabled":true,"securityEnabled":false}`},
		{name: "not for Microsoft 365 without mail", as: "app", request: "POST /groups", status: 400, want: "mailEnabled",
			body: `{"displayName":"D","mailNickname":"d","groupTypes":["Unified"],"mailEnabled":false,"securityEnabled":false}`},
		{name: "not under a taken nickname", as: "app", request: "POST /groups", status: 400, want: "ObjectConflict",
			body: `{"displayName":"T","mailNickname":"TEAM","groupTypes":["Unified"],"mailEnabled":true,"securityEnabled":false}`},
		{name: "for roles by whoever may give roles", as: "ada", request: "POST /groups", status: 201, want: `"isAssignableToRole":true`,
			body: `{"displayName":"R","mailNickname":"r","mailEnabled":false,"securityEnabled":true,"isAssignableToRole":true}`},
		{name: "for roles by a lesser administrator", as: "cleo", request: "POST /groups", status: 403,
			body: `{"displayName":"R","mailNickname":"r","mailEnabled":false,"securityEnabled":true,"isAssignableToRole":true}`},
		{name: "for roles by an app that may not give roles", as: "app:Group.ReadWrite.All", request: "POST /groups", status: 403,
			body: `{"displayName":"R","mailNickname":"r","mailEnabled":false,"securityEnabled":true,"isAssignableToRole":true}`},
		{name: "not with more members than twenty", as: "app", request: "POST /groups", status: 400, want: "limit of 20",
			body: `{"displayName":"S","mailNickname":"s","mailEnabled":false,"securityEnabled":true,"members@odata.bind":[` + strings.TrimSuffix(strings.Repeat(`"users/{bob}",`, 21), ",") + `]}`},
		{name: "not with members that do not exist", as: "app", request: "POST /groups", status: 404,
			body: `{"displayName":"S","mailNickname":"s","mailEnabled":false,"securityEnabled":true,"members@odata.bind":["https://graph.microsoft.com/v1.0/users/{none}"]}`},
	})
}

func TestAGroupBeginsWithItsOwnersAndMembers(t *testing.T) {
	b := start(t)
	r := b.must(201, "ada", "POST /groups", `{"displayName":"S","mailNickname":"s","mailEnabled":false,"securityEnabled":true,
		"owners@odata.bind":["https://graph.microsoft.com/v1.0/users/{dan}"],
		"members@odata.bind":["https://graph.microsoft.com/v1.0/directoryObjects/{bob}","https://graph.microsoft.com/v1.0/users/dan@contoso.example","https://graph.microsoft.com/v1.0/directoryObjects/{bob}"]}`)
	b.ids["new"] = world.Text(r.body, "id")
	if got := b.must(200, "app", "GET /groups/{new}/members", "").names(); !slices.Equal(got, []string{"Bob", "Dan"}) {
		t.Errorf("members %v", got)
	}
	if got := b.must(200, "app", "GET /groups/{new}/owners", "").names(); !slices.Equal(got, []string{"Dan"}) {
		t.Errorf("owners %v", got)
	}
	if got := b.must(200, "app", "GET /users/{ada}/createdObjects", "").names(); !slices.Equal(got, []string{"S"}) {
		t.Errorf("created objects %v", got)
	}
	r = b.must(201, "ada", "POST /groups", newTeam)
	b.ids["mine"] = world.Text(r.body, "id")
	if got := b.must(200, "app", "GET /groups/{mine}/owners", "").names(); !slices.Equal(got, []string{"Ada"}) {
		t.Errorf("whoever makes a group owns it; owners %v", got)
	}
}

func TestGroupsAreChanged(t *testing.T) {
	try(t, []situation{
		{name: "by an app", as: "app", request: "PATCH /groups/{team}", body: `{"description":"x"}`, status: 204},
		{name: "by the owner", as: "bob", request: "PATCH /groups/{team}", body: `{"description":"x"}`, status: 204},
		{name: "not by a member", as: "dan", request: "PATCH /groups/{sub}", body: `{"description":"x"}`, status: 403},
		{name: "not Exchange's", as: "app", request: "PATCH /groups/{list}", body: `{"description":"x"}`, status: 400, want: "Cannot Update a mail-enabled"},
		{name: "not what is read-only", as: "app", request: "PATCH /groups/{team}", body: `{"mail":"x@contoso.example"}`, status: 400, want: "read-only"},
		{name: "not whether roles can be given to it", as: "app", request: "PATCH /groups/{office}", body: `{"isAssignableToRole":true}`, status: 400, want: "read-only"},
		{name: "members added", as: "app", request: "PATCH /groups/{team}", body: `{"members@odata.bind":["https://graph.microsoft.com/v1.0/directoryObjects/{dan}"]}`, status: 204},
		{name: "a member added again", as: "app", request: "PATCH /groups/{team}", body: `{"members@odata.bind":["https://graph.microsoft.com/v1.0/directoryObjects/{bob}"]}`, status: 400, want: "already exist"},
		{name: "read as unread no more", as: "bob", request: "POST /groups/{team}/resetUnseenCount", status: 200},
		{name: "renewed", as: "bob", request: "POST /groups/{team}/renew", status: 204},
		{name: "names that are free", as: "app", request: "POST /groups/{team}/validateProperties", body: `{"displayName":"x","mailNickname":"x"}`, status: 204},
		{name: "its own name", as: "app", request: "POST /groups/{team}/validateProperties", body: `{"mailNickname":"team"}`, status: 204},
		{name: "a name that is taken", as: "app", request: "POST /groups/{team}/validateProperties", body: `{"mailNickname":"office"}`, status: 422, want: "PropertyConflict"},
		{name: "a name that a new group cannot have", as: "app", request: "POST /directoryObjects/validateProperties", body: `{"entityType":"Group","mailNickname":"team"}`, status: 422, want: "PropertyConflict"},
		{name: "consents of apps inside it", as: "app", request: "GET /groups/{team}/permissionGrants", status: 200, want: `"value":[]`},
	})
}

func TestMembersComeAndGo(t *testing.T) {
	dan := `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{dan}"}`
	try(t, []situation{
		{name: "added by an app", as: "app", request: "POST /groups/{team}/members/$ref", body: dan, status: 204},
		{name: "added by the owner", as: "bob", request: "POST /groups/{team}/members/$ref", body: dan, status: 204},
		{name: "not added by himself", as: "dan", request: "POST /groups/{team}/members/$ref", body: dan, status: 403},
		{name: "added twice", as: "app", request: "POST /groups/{sub}/members/$ref", body: dan, status: 400, want: "One or more added object references already exist for the following modified properties: 'members'."},
		{name: "nobody", as: "app", request: "POST /groups/{sub}/members/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{none}"}`, status: 404},
		{name: "to no group", as: "app", request: "POST /groups/{none}/members/$ref", body: dan, status: 404},
		{name: "no reference", as: "app", request: "POST /groups/{sub}/members/$ref", body: `{"id":"x"}`, status: 400, want: "@odata.id"},
		{name: "a reference to another place", as: "app", request: "POST /groups/{sub}/members/$ref", body: `{"@odata.id":"https://elsewhere.example/{dan}"}`, status: 400, want: "Invalid URL"},
		{name: "a group in a Microsoft 365 group", as: "app", request: "POST /groups/{team}/members/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{sub}"}`, status: 400},
		{name: "a group in itself", as: "app", request: "POST /groups/{sub}/members/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{sub}"}`, status: 400},
		{name: "a group as an owner", as: "app", request: "POST /groups/{sub}/owners/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{office}"}`, status: 400},
		{name: "into Exchange's list", as: "app", request: "POST /groups/{list}/members/$ref", body: dan, status: 400, want: "Cannot Update a mail-enabled"},
		{name: "removed", as: "bob", request: "DELETE /groups/{office}/members/{sub}/$ref", status: 204},
		{name: "removed who is not in", as: "app", request: "DELETE /groups/{office}/members/{dan}/$ref", status: 404},
		{name: "the last owner", as: "app", request: "DELETE /groups/{team}/owners/{bob}/$ref", status: 400, want: "at least one owner"},
		{name: "the last owner of a security group", as: "app", request: "DELETE /groups/{office}/owners/{bob}/$ref", status: 204},
		{name: "a sender who is not heard", as: "bob", request: "POST /groups/{team}/rejectedSenders/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{dan}"}`, status: 204},
		{name: "nobody is not heard yet", as: "bob", request: "GET /groups/{team}/rejectedSenders", status: 200, want: `"value":[]`},
	})
}

func TestMembershipsAreRead(t *testing.T) {
	const eventual = "ConsistencyLevel: eventual"
	try(t, []situation{
		{name: "direct members of every type", as: "app", request: "GET /groups/{office}/members", status: 200, want: `"@odata.type":"#microsoft.graph.group"`},
		{name: "only the groups among them", as: "app", request: "GET /groups/{office}/members/microsoft.graph.group/$count", header: eventual, status: 200, want: "1"},
		{name: "only the users among all", as: "app", request: "GET /groups/{office}/transitiveMembers/microsoft.graph.user?$count=true&$filter=startswith(displayName,'d')", header: eventual, status: 200, want: `"@odata.count":1`},
		{name: "the set behind a cast", as: "app", request: "GET /groups/{office}/members/microsoft.graph.user", status: 200, want: `$metadata#users"`},
		{name: "a property that not every member has", as: "app", request: "GET /groups/{office}/members?$select=id,userPrincipalName", status: 200, want: `"userPrincipalName":"bob@contoso.example"`},
		{name: "a property that no member can have", as: "app", request: "GET /groups/{office}/members?$select=colour", status: 400, want: "colour"},
		{name: "filtered without the header", as: "app", request: "GET /groups/{office}/members/microsoft.graph.user?$filter=displayName eq 'x'", status: 400, want: "Request_UnsupportedQuery"},
		{name: "references", as: "app", request: "GET /groups/{office}/members/$ref", status: 200, want: `/v1.0/directoryObjects/{bob}"`},
		{name: "members that the app may not read", as: "app:GroupMember.Read.All", request: "GET /groups/{team}/members", status: 200, want: `"displayName":null`},
		{name: "transitive, upwards", as: "app", request: "GET /users/{dan}/transitiveMemberOf/$count", header: eventual, status: 200, want: "2"},
		{name: "directory roles among them", as: "app", request: "GET /users/{ada}/memberOf", status: 200, want: `"#microsoft.graph.directoryRole"`},
		{name: "groups alone", as: "app", request: "GET /users/{ada}/memberOf/microsoft.graph.group", status: 200, want: `"displayName":"Team"`},
		{name: "ids of groups", as: "app", request: "POST /users/{dan}/getMemberGroups", body: `{"securityEnabledOnly":true}`, status: 200, want: `"value":["{sub}","{office}"]`},
		{name: "ids without what is not for security", as: "app", request: "POST /users/{bob}/getMemberGroups", body: `{"securityEnabledOnly":true}`, status: 200, want: `"value":["{office}"]`},
		{name: "ids of roles too", as: "app", request: "POST /directoryObjects/{cleo}/getMemberObjects", body: `{"securityEnabledOnly":false}`, status: 200, want: `"value":["`},
		{name: "some of some", as: "app", request: "POST /users/{dan}/checkMemberGroups", body: `{"groupIds":["{team}","{office}"]}`, status: 200, want: `"value":["{office}"]`},
		{name: "a role by its template", as: "app", request: "POST /users/{ada}/checkMemberObjects", body: `{"ids":["` + world.GlobalAdministrator + `"]}`, status: 200, want: `"value":["` + world.GlobalAdministrator},
		{name: "of a group", as: "app", request: "POST /groups/{sub}/checkMemberGroups", body: `{"groupIds":["{office}"]}`, status: 200, want: `"value":["{office}"]`},
		{name: "of more than may be asked", as: "app", request: "POST /users/{dan}/checkMemberGroups", body: `{"groupIds":[` + strings.TrimSuffix(strings.Repeat(`"{team}",`, 21), ",") + `]}`, status: 400, want: "20"},
	})
}

func TestExpandedMembersEndAtTwenty(t *testing.T) {
	b := start(t)
	for i := range 25 {
		r := b.must(201, "app", "POST /groups", fmt.Sprintf(`{"displayName":"G%d","mailNickname":"g%d","mailEnabled":false,"securityEnabled":true}`, i, i))
		b.must(204, "app", "POST /groups/{sub}/members/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/`+world.Text(r.body, "id")+`"}`)
	}
	r := b.must(200, "app", "GET /groups/{sub}?$expand=members", "")
	if list, _ := r.body["members"].([]any); len(list) != 20 {
		t.Errorf("%d members", len(list))
	}
	if got := b.must(200, "app", "GET /groups/{sub}/members?$top=999", "").names(); len(got) != 26 {
		t.Errorf("%d members in the collection", len(got))
	}
}
