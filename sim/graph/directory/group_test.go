package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/internal/kernel"
	"github.com/graphwarden/graphwarden/sim/world"
)

const newTeam = `{"displayName":"New","mailNickname":"new","groupTypes":["Unified"],"mailEnabled":true,"securityEnabled":false}`

func TestGroupsAreMade(t *testing.T) {
	try(t, []kernel.Situation{
		{Name: "for Microsoft 365", As: "app", Request: "POST /groups", Body: newTeam, Status: 201, Want: `"mail":"new@contoso.example"`},
		{Name: "public unless said otherwise", As: "app", Request: "POST /groups", Body: newTeam, Status: 201, Want: `"visibility":"Public"`},
		{Name: "for security", As: "app", Request: "POST /groups", Status: 201, Want: `"mail":null`,
			Body: `{"displayName":"S","mailNickname":"s","mailEnabled":false,"securityEnabled":true}`},
		{Name: "not by an ordinary user", As: "bob", Request: "POST /groups", Body: newTeam, Status: 403},
		{Name: "by a user administrator", As: "cleo", Request: "POST /groups", Body: newTeam, Status: 201},
		{Name: "not of nothing", As: "app", Request: "POST /groups", Body: `{}`, Status: 400, Want: "'displayName'"},
		{Name: "not with what groups do not have", As: "app", Request: "POST /groups", Body: `{"colour":1}`, Status: 400, Want: "colour"},
		{Name: "not as a distribution list", As: "app", Request: "POST /groups", Status: 400, Want: "Cannot Create a mail-enabled security groups and or distribution list.",
			Body: `{"displayName":"D","mailNickname":"d","mailEnabled":true,"securityEnabled":false}`},
		{Name: "not for Microsoft 365 without mail", As: "app", Request: "POST /groups", Status: 400, Want: "mailEnabled",
			Body: `{"displayName":"D","mailNickname":"d","groupTypes":["Unified"],"mailEnabled":false,"securityEnabled":false}`},
		{Name: "not under a taken nickname", As: "app", Request: "POST /groups", Status: 400, Want: "ObjectConflict",
			Body: `{"displayName":"T","mailNickname":"TEAM","groupTypes":["Unified"],"mailEnabled":true,"securityEnabled":false}`},
		{Name: "for roles by whoever may give roles", As: "ada", Request: "POST /groups", Status: 201, Want: `"isAssignableToRole":true`,
			Body: `{"displayName":"R","mailNickname":"r","mailEnabled":false,"securityEnabled":true,"isAssignableToRole":true}`},
		{Name: "for roles by a lesser administrator", As: "cleo", Request: "POST /groups", Status: 403,
			Body: `{"displayName":"R","mailNickname":"r","mailEnabled":false,"securityEnabled":true,"isAssignableToRole":true}`},
		{Name: "for roles by an app that may not give roles", As: "app:Group.ReadWrite.All", Request: "POST /groups", Status: 403,
			Body: `{"displayName":"R","mailNickname":"r","mailEnabled":false,"securityEnabled":true,"isAssignableToRole":true}`},
		{Name: "not with more members than twenty", As: "app", Request: "POST /groups", Status: 400, Want: "limit of 20",
			Body: `{"displayName":"S","mailNickname":"s","mailEnabled":false,"securityEnabled":true,"members@odata.bind":[` + strings.TrimSuffix(strings.Repeat(`"users/{bob}",`, 21), ",") + `]}`},
		{Name: "not with members that do not exist", As: "app", Request: "POST /groups", Status: 404,
			Body: `{"displayName":"S","mailNickname":"s","mailEnabled":false,"securityEnabled":true,"members@odata.bind":["https://graph.microsoft.com/v1.0/users/{none}"]}`},
	})
}

func TestAGroupBeginsWithItsOwnersAndMembers(t *testing.T) {
	b := start(t)
	r := b.Must(201, "ada", "POST /groups", `{"displayName":"S","mailNickname":"s","mailEnabled":false,"securityEnabled":true,
		"owners@odata.bind":["https://graph.microsoft.com/v1.0/users/{dan}"],
		"members@odata.bind":["https://graph.microsoft.com/v1.0/directoryObjects/{bob}","https://graph.microsoft.com/v1.0/users/dan@contoso.example","https://graph.microsoft.com/v1.0/directoryObjects/{bob}"]}`)
	b.IDs["new"] = world.Text(r.Body, "id")
	if got := names(b.Must(200, "app", "GET /groups/{new}/members", "")); !slices.Equal(got, []string{"Bob", "Dan"}) {
		t.Errorf("members %v", got)
	}
	if got := names(b.Must(200, "app", "GET /groups/{new}/owners", "")); !slices.Equal(got, []string{"Dan"}) {
		t.Errorf("owners %v", got)
	}
	if got := names(b.Must(200, "app", "GET /users/{ada}/createdObjects", "")); !slices.Equal(got, []string{"S"}) {
		t.Errorf("created objects %v", got)
	}
	r = b.Must(201, "ada", "POST /groups", newTeam)
	b.IDs["mine"] = world.Text(r.Body, "id")
	if got := names(b.Must(200, "app", "GET /groups/{mine}/owners", "")); !slices.Equal(got, []string{"Ada"}) {
		t.Errorf("whoever makes a group owns it; owners %v", got)
	}
}

func TestGroupsAreChanged(t *testing.T) {
	try(t, []kernel.Situation{
		{Name: "by an app", As: "app", Request: "PATCH /groups/{team}", Body: `{"description":"x"}`, Status: 204},
		{Name: "by the owner", As: "bob", Request: "PATCH /groups/{team}", Body: `{"description":"x"}`, Status: 204},
		{Name: "not by a member", As: "dan", Request: "PATCH /groups/{sub}", Body: `{"description":"x"}`, Status: 403},
		{Name: "not Exchange's", As: "app", Request: "PATCH /groups/{list}", Body: `{"description":"x"}`, Status: 400, Want: "Cannot Update a mail-enabled"},
		{Name: "not what is read-only", As: "app", Request: "PATCH /groups/{team}", Body: `{"mail":"x@contoso.example"}`, Status: 400, Want: "read-only"},
		{Name: "not whether roles can be given to it", As: "app", Request: "PATCH /groups/{office}", Body: `{"isAssignableToRole":true}`, Status: 400, Want: "read-only"},
		{Name: "members added", As: "app", Request: "PATCH /groups/{team}", Body: `{"members@odata.bind":["https://graph.microsoft.com/v1.0/directoryObjects/{dan}"]}`, Status: 204},
		{Name: "a member added again", As: "app", Request: "PATCH /groups/{team}", Body: `{"members@odata.bind":["https://graph.microsoft.com/v1.0/directoryObjects/{bob}"]}`, Status: 400, Want: "already exist"},
		{Name: "read as unread no more", As: "bob", Request: "POST /groups/{team}/resetUnseenCount", Status: 200},
		{Name: "renewed", As: "bob", Request: "POST /groups/{team}/renew", Status: 204},
		{Name: "names that are free", As: "app", Request: "POST /groups/{team}/validateProperties", Body: `{"displayName":"x","mailNickname":"x"}`, Status: 204},
		{Name: "its own name", As: "app", Request: "POST /groups/{team}/validateProperties", Body: `{"mailNickname":"team"}`, Status: 204},
		{Name: "a name that is taken", As: "app", Request: "POST /groups/{team}/validateProperties", Body: `{"mailNickname":"office"}`, Status: 422, Want: "PropertyConflict"},
		{Name: "a name that a new group cannot have", As: "app", Request: "POST /directoryObjects/validateProperties", Body: `{"entityType":"Group","mailNickname":"team"}`, Status: 422, Want: "PropertyConflict"},
		{Name: "consents of apps inside it", As: "app", Request: "GET /groups/{team}/permissionGrants", Status: 200, Want: `"value":[]`},
	})
}

func TestMembersComeAndGo(t *testing.T) {
	dan := `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{dan}"}`
	try(t, []kernel.Situation{
		{Name: "added by an app", As: "app", Request: "POST /groups/{team}/members/$ref", Body: dan, Status: 204},
		{Name: "added by the owner", As: "bob", Request: "POST /groups/{team}/members/$ref", Body: dan, Status: 204},
		{Name: "not added by himself", As: "dan", Request: "POST /groups/{team}/members/$ref", Body: dan, Status: 403},
		{Name: "added twice", As: "app", Request: "POST /groups/{sub}/members/$ref", Body: dan, Status: 400, Want: "One or more added object references already exist for the following modified properties: 'members'."},
		{Name: "nobody", As: "app", Request: "POST /groups/{sub}/members/$ref", Body: `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{none}"}`, Status: 404},
		{Name: "to no group", As: "app", Request: "POST /groups/{none}/members/$ref", Body: dan, Status: 404},
		{Name: "no reference", As: "app", Request: "POST /groups/{sub}/members/$ref", Body: `{"id":"x"}`, Status: 400, Want: "@odata.id"},
		{Name: "a reference to another place", As: "app", Request: "POST /groups/{sub}/members/$ref", Body: `{"@odata.id":"https://elsewhere.example/{dan}"}`, Status: 400, Want: "Invalid URL"},
		{Name: "a group in a Microsoft 365 group", As: "app", Request: "POST /groups/{team}/members/$ref", Body: `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{sub}"}`, Status: 400},
		{Name: "a group in itself", As: "app", Request: "POST /groups/{sub}/members/$ref", Body: `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{sub}"}`, Status: 400},
		{Name: "a group as an owner", As: "app", Request: "POST /groups/{sub}/owners/$ref", Body: `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{office}"}`, Status: 400},
		{Name: "into Exchange's list", As: "app", Request: "POST /groups/{list}/members/$ref", Body: dan, Status: 400, Want: "Cannot Update a mail-enabled"},
		{Name: "removed", As: "bob", Request: "DELETE /groups/{office}/members/{sub}/$ref", Status: 204},
		{Name: "removed who is not in", As: "app", Request: "DELETE /groups/{office}/members/{dan}/$ref", Status: 404},
		{Name: "the last owner", As: "app", Request: "DELETE /groups/{team}/owners/{bob}/$ref", Status: 400, Want: "at least one owner"},
		{Name: "the last owner of a security group", As: "app", Request: "DELETE /groups/{office}/owners/{bob}/$ref", Status: 204},
		{Name: "a sender who is not heard", As: "bob", Request: "POST /groups/{team}/rejectedSenders/$ref", Body: `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{dan}"}`, Status: 204},
		{Name: "nobody is not heard yet", As: "bob", Request: "GET /groups/{team}/rejectedSenders", Status: 200, Want: `"value":[]`},
	})
}

func TestMembershipsAreRead(t *testing.T) {
	const eventual = "ConsistencyLevel: eventual"
	try(t, []kernel.Situation{
		{Name: "direct members of every type", As: "app", Request: "GET /groups/{office}/members", Status: 200, Want: `"@odata.type":"#microsoft.graph.group"`},
		{Name: "only the groups among them", As: "app", Request: "GET /groups/{office}/members/microsoft.graph.group/$count", Header: eventual, Status: 200, Want: "1"},
		{Name: "only the users among all", As: "app", Request: "GET /groups/{office}/transitiveMembers/microsoft.graph.user?$count=true&$filter=startswith(displayName,'d')", Header: eventual, Status: 200, Want: `"@odata.count":1`},
		{Name: "the set behind a cast", As: "app", Request: "GET /groups/{office}/members/microsoft.graph.user", Status: 200, Want: `$metadata#users"`},
		{Name: "a property that not every member has", As: "app", Request: "GET /groups/{office}/members?$select=id,userPrincipalName", Status: 200, Want: `"userPrincipalName":"bob@contoso.example"`},
		{Name: "a property that no member can have", As: "app", Request: "GET /groups/{office}/members?$select=colour", Status: 400, Want: "colour"},
		{Name: "filtered without the header", As: "app", Request: "GET /groups/{office}/members/microsoft.graph.user?$filter=displayName eq 'x'", Status: 400, Want: "Request_UnsupportedQuery"},
		{Name: "references", As: "app", Request: "GET /groups/{office}/members/$ref", Status: 200, Want: `/v1.0/directoryObjects/{bob}"`},
		{Name: "members that the app may not read", As: "app:GroupMember.Read.All", Request: "GET /groups/{team}/members", Status: 200, Want: `"displayName":null`},
		{Name: "transitive, upwards", As: "app", Request: "GET /users/{dan}/transitiveMemberOf/$count", Header: eventual, Status: 200, Want: "2"},
		{Name: "directory roles among them", As: "app", Request: "GET /users/{ada}/memberOf", Status: 200, Want: `"#microsoft.graph.directoryRole"`},
		{Name: "groups alone", As: "app", Request: "GET /users/{ada}/memberOf/microsoft.graph.group", Status: 200, Want: `"displayName":"Team"`},
		{Name: "ids of groups", As: "app", Request: "POST /users/{dan}/getMemberGroups", Body: `{"securityEnabledOnly":true}`, Status: 200, Want: `"value":["{sub}","{office}"]`},
		{Name: "ids without what is not for security", As: "app", Request: "POST /users/{bob}/getMemberGroups", Body: `{"securityEnabledOnly":true}`, Status: 200, Want: `"value":["{office}"]`},
		{Name: "ids of roles too", As: "app", Request: "POST /directoryObjects/{cleo}/getMemberObjects", Body: `{"securityEnabledOnly":false}`, Status: 200, Want: `"value":["`},
		{Name: "some of some", As: "app", Request: "POST /users/{dan}/checkMemberGroups", Body: `{"groupIds":["{team}","{office}"]}`, Status: 200, Want: `"value":["{office}"]`},
		{Name: "a role by its template", As: "app", Request: "POST /users/{ada}/checkMemberObjects", Body: `{"ids":["` + world.GlobalAdministrator + `"]}`, Status: 200, Want: `"value":["` + world.GlobalAdministrator},
		{Name: "of a group", As: "app", Request: "POST /groups/{sub}/checkMemberGroups", Body: `{"groupIds":["{office}"]}`, Status: 200, Want: `"value":["{office}"]`},
		{Name: "of more than may be asked", As: "app", Request: "POST /users/{dan}/checkMemberGroups", Body: `{"groupIds":[` + strings.TrimSuffix(strings.Repeat(`"{team}",`, 21), ",") + `]}`, Status: 400, Want: "20"},
	})
}

func TestExpandedMembersEndAtTwenty(t *testing.T) {
	b := start(t)
	for i := range 25 {
		r := b.Must(201, "app", "POST /groups", fmt.Sprintf(`{"displayName":"G%d","mailNickname":"g%d","mailEnabled":false,"securityEnabled":true}`, i, i))
		b.Must(204, "app", "POST /groups/{sub}/members/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/`+world.Text(r.Body, "id")+`"}`)
	}
	r := b.Must(200, "app", "GET /groups/{sub}?$expand=members", "")
	if list, _ := r.Body["members"].([]any); len(list) != 20 {
		t.Errorf("%d members", len(list))
	}
	if got := names(b.Must(200, "app", "GET /groups/{sub}/members?$top=999", "")); len(got) != 26 {
		t.Errorf("%d members in the collection", len(got))
	}
}
