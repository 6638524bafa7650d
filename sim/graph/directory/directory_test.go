package directory_test

import "testing"

func TestUsersAreRead(t *testing.T) {
	try(t, []situation{
		{name: "by id", as: "app", request: "GET /users/{bob}", status: 200, want: `"displayName":"Bob"`},
		{name: "by user principal name", as: "app", request: "GET /users/BOB@contoso.example", status: 200, want: `"id":"{bob}"`},
		{name: "by alternate key", as: "app", request: "GET /users(userPrincipalName='bob@contoso.example')", status: 200, want: `"id":"{bob}"`},
		{name: "by a key that is none", as: "app", request: "GET /users(jobTitle='Clerk')", status: 400, want: "jobTitle"},
		{name: "oneself", as: "bob:User.Read", request: "GET /me", status: 200, want: `"id":"{bob}"`},
		{name: "another with a permission to read oneself", as: "bob:User.Read", request: "GET /users/{ada}", status: 403, want: "Authorization_RequestDenied"},
		{name: "oneself by id", as: "bob:User.Read", request: "GET /users/{bob}", status: 200, want: `"displayName":"Bob"`},
		{name: "one's groups with a permission to read oneself", as: "bob:User.Read", request: "GET /me/memberOf", status: 200, want: `"displayName":null`},
		{name: "by the function's full name", as: "app", request: "GET /users/microsoft.graph.delta()", status: 200, want: `"displayName":"Bob"`},
		{name: "an app is nobody", as: "app", request: "GET /me", status: 400, want: "delegated authentication flow"},
		{name: "nobody has that id", as: "app", request: "GET /users/{none}", status: 404, want: "Request_ResourceNotFound"},
		{name: "a group is no user", as: "app", request: "GET /users/{team}", status: 404, want: "Request_ResourceNotFound"},
		{name: "without permission", as: "app:Group.Read.All", request: "GET /users/{bob}", status: 403, want: "Authorization_RequestDenied"},
		{name: "what must be selected", as: "app", request: "GET /users/{bob}?$select=department", status: 200, want: `"department":"Sales"`},
		{name: "in any case", as: "app", request: "GET /users/{bob}?$select=DEPARTMENT", status: 200, want: `"department":"Sales"`},
		{name: "what no user has", as: "app", request: "GET /users?$select=colour", status: 400, want: "Could not find a property named 'colour'"},
		{name: "filtered by what no user has", as: "app", request: "GET /users?$filter=colour eq 'x'", status: 400, want: "Could not find a property named 'colour'"},
		{name: "ordered by what no user has", as: "app", request: "GET /users?$orderby=colour", status: 400, want: "Could not find a property named 'colour'"},
		{name: "counted", as: "app", request: "GET /users/$count", header: "ConsistencyLevel: eventual", status: 200, want: "4"},
		{name: "the whole chain of managers", as: "app", request: "GET /users/{dan}?$select=id&$expand=manager($levels=max;$select=displayName)", header: "ConsistencyLevel: eventual",
			status: 200, want: `"manager":{"@odata.type":"#microsoft.graph.user","displayName":"Cleo","id":"{cleo}","manager":{"@odata.type":"#microsoft.graph.user","displayName":"Ada","id":"{ada}"}}`},
		{name: "the manager", as: "app", request: "GET /users/{bob}/manager", status: 200, want: `"id":"{cleo}"`},
		{name: "no manager", as: "app", request: "GET /users/{ada}/manager", status: 404, want: "Request_ResourceNotFound"},
		{name: "direct reports", as: "app", request: "GET /users/{bob}/directReports", status: 200, want: `"id":"{dan}"`},
		{name: "devices, of which there are none", as: "app", request: "GET /users/{bob}/ownedDevices", status: 200, want: `"value":[]`},
		{name: "licences", as: "app", request: "GET /users/{bob}/licenseDetails", status: 200, want: `"value":[]`},
	})
}

func TestUsersShowElevenPropertiesUnlessAsked(t *testing.T) {
	b := start(t)
	r := b.must(200, "app", "GET /users/{bob}", "")
	if n := len(r.body); n != 12 { // and the context
		t.Errorf("%d members: %s", n, r.text)
	}
	list, _ := b.must(200, "app", "GET /users", "").body["value"].([]any)
	if d, _ := list[0].(map[string]any); len(list) != 4 || len(d) != 11 {
		t.Errorf("%d users, the first with %d members", len(list), len(d))
	}
}
