package directory_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/internal/kernel"
)

func TestUsersAreRead(t *testing.T) {
	try(t, []kernel.Situation{
		{Name: "by id", As: "app", Request: "GET /users/{bob}", Status: 200, Want: `"displayName":"Bob"`},
		{Name: "by user principal name", As: "app", Request: "GET /users/BOB@contoso.example", Status: 200, Want: `"id":"{bob}"`},
		{Name: "by alternate key", As: "app", Request: "GET /users(userPrincipalName='bob@contoso.example')", Status: 200, Want: `"id":"{bob}"`},
		{Name: "by a key that is none", As: "app", Request: "GET /users(jobTitle='Clerk')", Status: 400, Want: "jobTitle"},
		{Name: "oneself", As: "bob:User.Read", Request: "GET /me", Status: 200, Want: `"id":"{bob}"`},
		{Name: "another with a permission to read oneself", As: "bob:User.Read", Request: "GET /users/{ada}", Status: 403, Want: "Authorization_RequestDenied"},
		{Name: "oneself by id", As: "bob:User.Read", Request: "GET /users/{bob}", Status: 200, Want: `"displayName":"Bob"`},
		{Name: "one's groups with a permission to read oneself", As: "bob:User.Read", Request: "GET /me/memberOf", Status: 200, Want: `"displayName":null`},
		{Name: "by the function's full name", As: "app", Request: "GET /users/microsoft.graph.delta()", Status: 200, Want: `"displayName":"Bob"`},
		{Name: "an app is nobody", As: "app", Request: "GET /me", Status: 400, Want: "delegated authentication flow"},
		{Name: "nobody has that id", As: "app", Request: "GET /users/{none}", Status: 404, Want: "Request_ResourceNotFound"},
		{Name: "a group is no user", As: "app", Request: "GET /users/{team}", Status: 404, Want: "Request_ResourceNotFound"},
		{Name: "without permission", As: "app:Group.Read.All", Request: "GET /users/{bob}", Status: 403, Want: "Authorization_RequestDenied"},
		{Name: "what must be selected", As: "app", Request: "GET /users/{bob}?$select=department", Status: 200, Want: `"department":"Sales"`},
		{Name: "in any case", As: "app", Request: "GET /users/{bob}?$select=DEPARTMENT", Status: 200, Want: `"department":"Sales"`},
		{Name: "what no user has", As: "app", Request: "GET /users?$select=colour", Status: 400, Want: "Could not find a property named 'colour'"},
		{Name: "filtered by what no user has", As: "app", Request: "GET /users?$filter=colour eq 'x'", Status: 400, Want: "Could not find a property named 'colour'"},
		{Name: "ordered by what no user has", As: "app", Request: "GET /users?$orderby=colour", Status: 400, Want: "Could not find a property named 'colour'"},
		{Name: "counted", As: "app", Request: "GET /users/$count", Header: "ConsistencyLevel: eventual", Status: 200, Want: "4"},
		{Name: "the whole chain of managers", As: "app", Request: "GET /users/{dan}?$select=id&$expand=manager($levels=max;$select=displayName)", Header: "ConsistencyLevel: eventual",
			Status: 200, Want: `"manager":{"@odata.type":"#microsoft.graph.user","displayName":"Cleo","id":"{cleo}","manager":{"@odata.type":"#microsoft.graph.user","displayName":"Ada","id":"{ada}"}}`},
		{Name: "the manager", As: "app", Request: "GET /users/{bob}/manager", Status: 200, Want: `"id":"{cleo}"`},
		{Name: "no manager", As: "app", Request: "GET /users/{ada}/manager", Status: 404, Want: "Request_ResourceNotFound"},
		{Name: "direct reports", As: "app", Request: "GET /users/{bob}/directReports", Status: 200, Want: `"id":"{dan}"`},
		{Name: "devices, of which there are none", As: "app", Request: "GET /users/{bob}/ownedDevices", Status: 200, Want: `"value":[]`},
		{Name: "licences", As: "app", Request: "GET /users/{bob}/licenseDetails", Status: 200, Want: `"value":[]`},
	})
}

func TestUsersShowElevenPropertiesUnlessAsked(t *testing.T) {
	b := start(t)
	r := b.Must(200, "app", "GET /users/{bob}", "")
	if n := len(r.Body); n != 12 { // and the context
		t.Errorf("%d members: %s", n, r.Text)
	}
	list, _ := b.Must(200, "app", "GET /users", "").Body["value"].([]any)
	if d, _ := list[0].(map[string]any); len(list) != 4 || len(d) != 11 {
		t.Errorf("%d users, the first with %d members", len(list), len(d))
	}
}
