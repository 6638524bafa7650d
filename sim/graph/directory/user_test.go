package directory_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

const newUser = `{"accountEnabled":true,"displayName":"Eve","mailNickname":"eve","userPrincipalName":"eve@contoso.example",
	"passwordProfile":{"password":"xWwvJ]6NMw+bWH-d"}}`

func TestUsersAreMade(t *testing.T) {
	try(t, []situation{
		{name: "by an app", as: "app", request: "POST /users", body: newUser, status: 201, want: `"userPrincipalName":"eve@contoso.example"`},
		{name: "by a user administrator", as: "cleo", request: "POST /users", body: newUser, status: 201},
		{name: "not by an ordinary user, whatever the scopes", as: "bob", request: "POST /users", body: newUser, status: 403, want: "Authorization_RequestDenied"},
		{name: "not by a reader", as: "app:User.Read.All", request: "POST /users", body: newUser, status: 403},
		{name: "not of nothing", as: "app", request: "POST /users", body: `{}`, status: 400, want: "A value is required for property 'accountEnabled'"},
		{name: "not without a password", as: "app", request: "POST /users", status: 400, want: "'password'",
			body: `{"accountEnabled":true,"displayName":"E","mailNickname":"e","userPrincipalName":"e@contoso.example","passwordProfile":{}}`},
		{name: "not with a weak password", as: "app", request: "POST /users", status: 400, want: "password complexity requirements",
			body: `{"accountEnabled":true,"displayName":"E","mailNickname":"e","userPrincipalName":"e@contoso.example","passwordProfile":{"password":"secret"}}`},
		{name: "not under a taken name", as: "app", request: "POST /users", status: 400, want: "ObjectConflict",
			body: `{"accountEnabled":true,"displayName":"B","mailNickname":"b","userPrincipalName":"Bob@contoso.example","passwordProfile":{"password":"xWwvJ]6NMw"}}`},
		{name: "not under a foreign domain", as: "app", request: "POST /users", status: 400, want: "verified domain names",
			body: `{"accountEnabled":true,"displayName":"B","mailNickname":"b","userPrincipalName":"b@elsewhere.example","passwordProfile":{"password":"xWwvJ]6NMw"}}`},
		{name: "not with an id of one's own", as: "app", request: "POST /users", status: 400, want: "'id' is read-only",
			body: `{"id":"{none}","accountEnabled":true,"displayName":"B","mailNickname":"b","userPrincipalName":"b@contoso.example","passwordProfile":{"password":"xWwvJ]6NMw"}}`},
		{name: "not with an extension that nobody defined", as: "app", request: "POST /users", status: 400, want: "extension properties are not available",
			body: `{"extension_0123456789abcdef0123456789abcdef_size":1,"accountEnabled":true,"displayName":"B","mailNickname":"b","userPrincipalName":"b@contoso.example","passwordProfile":{"password":"xWwvJ]6NMw"}}`},
	})
}

func TestUsersAreChanged(t *testing.T) {
	try(t, []situation{
		{name: "by an app", as: "app", request: "PATCH /users/{bob}", body: `{"jobTitle":"Chief"}`, status: 204},
		{name: "by a user administrator", as: "cleo", request: "PATCH /users/{bob}", body: `{"jobTitle":"Chief"}`, status: 204},
		{name: "not by a colleague", as: "bob", request: "PATCH /users/{dan}", body: `{"jobTitle":"Chief"}`, status: 403},
		{name: "what is one's own", as: "bob", request: "PATCH /me", body: `{"mobilePhone":"+45 1"}`, status: 204},
		{name: "what is not one's own", as: "bob", request: "PATCH /me", body: `{"mobilePhone":"+45 1","jobTitle":"Chief"}`, status: 403},
		{name: "not what is read-only", as: "app", request: "PATCH /users/{bob}", body: `{"proxyAddresses":[]}`, status: 400, want: "read-only"},
		{name: "not to another's name", as: "app", request: "PATCH /users/{bob}", body: `{"userPrincipalName":"dan@contoso.example"}`, status: 400, want: "ObjectConflict"},
		{name: "not to another's address", as: "app", request: "PATCH /users/{bob}", body: `{"mail":"team@contoso.example"}`, status: 400, want: "ObjectConflict"},
		{name: "nobody", as: "app", request: "PATCH /users/{none}", body: `{"jobTitle":"Chief"}`, status: 404},
		{name: "an administrator's phone, by an app without a role", as: "app", request: "PATCH /users/{ada}", body: `{"mobilePhone":"+45 1"}`, status: 403},
		{name: "an administrator's phone, by a lesser one", as: "cleo", request: "PATCH /users/{ada}", body: `{"mobilePhone":"+45 1"}`, status: 403},
		{name: "an administrator's title, by a lesser one", as: "cleo", request: "PATCH /users/{ada}", body: `{"jobTitle":"Queen"}`, status: 204},
		{name: "an administrator's phone, by the highest", as: "ada", request: "PATCH /users/{cleo}", body: `{"mobilePhone":"+45 1"}`, status: 204},
		{name: "an administrator deleted by a lesser one", as: "cleo", request: "DELETE /users/{ada}", status: 403},
	})
}

func TestPasswordsAreSetAndChanged(t *testing.T) {
	b := start(t)
	holds := func(user, text string, force bool) {
		t.Helper()
		err := b.world.View(func(tx *state.Tx) error {
			if p, _ := b.world.Passwords.Get(tx, b.ids[user]); p.Text != text || p.ForceChange != force {
				t.Errorf("%s has %q, to be changed: %v", user, p.Text, p.ForceChange)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b.must(204, "cleo", "PATCH /users/{dan}", `{"passwordProfile":{"password":"New-Secret-2"}}`)
	holds("dan", "New-Secret-2", true)
	b.must(204, "cleo", "PATCH /users/{dan}", `{"passwordProfile":{"forceChangePasswordNextSignIn":false}}`)
	holds("dan", "New-Secret-2", false)
	b.must(400, "cleo", "PATCH /users/{dan}", `{"passwordProfile":{"password":"weak"}}`)
	holds("dan", "New-Secret-2", false)

	b.must(204, "bob", "POST /me/changePassword", `{"currentPassword":"Old-Secret-1","newPassword":"New-Secret-3"}`)
	holds("bob", "New-Secret-3", false)
	b.must(400, "bob", "POST /me/changePassword", `{"currentPassword":"wrong","newPassword":"New-Secret-4"}`)
	b.must(400, "bob", "POST /me/changePassword", `{"currentPassword":"New-Secret-3","newPassword":"New-Secret-3"}`)
	b.must(400, "bob", "POST /me/changePassword", `{"currentPassword":"New-Secret-3","newPassword":"weak"}`)
	holds("bob", "New-Secret-3", false)
	b.must(403, "ada", "POST /users/{bob}/changePassword", `{"currentPassword":"New-Secret-3","newPassword":"New-Secret-4"}`)
	if r := b.must(200, "app", "GET /users/{bob}?$select=passwordProfile", ""); r.body["passwordProfile"] != nil {
		t.Errorf("a password is shown: %s", r.text)
	}
}

func TestSignInsAreRevoked(t *testing.T) {
	b := start(t)
	for as, status := range map[string]int{"bob": 403, "cleo": 200, "dan": 200, "app": 200} {
		b.must(status, as, "POST /users/{dan}/revokeSignInSessions", "")
	}
	err := b.world.View(func(tx *state.Tx) error {
		if !b.world.SignInEnded(tx, b.ids["dan"], b.from) {
			t.Error("sign-ins go on")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestManagersAreSetAndTaken(t *testing.T) {
	b := start(t)
	ada := `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{ada}"}`
	b.must(403, "bob", "PUT /users/{bob}/manager/$ref", ada)
	b.must(204, "cleo", "PUT /users/{bob}/manager/$ref", ada)
	if r := b.must(200, "app", "GET /users/{bob}/manager", ""); r.body["displayName"] != "Ada" {
		t.Errorf("the manager is %s", r.text)
	}
	if r := b.must(200, "app", "GET /users/{cleo}/directReports", ""); len(r.names()) != 0 {
		t.Errorf("the former manager still has %v", r.names())
	}
	if r := b.must(200, "app", "GET /users/{bob}/manager/$ref", ""); r.body["@odata.id"] != b.URL+"/v1.0/directoryObjects/"+b.ids["ada"] &&
		r.body["@odata.id"] != "https"+b.URL[4:]+"/v1.0/directoryObjects/"+b.ids["ada"] {
		t.Errorf("the reference is %s", r.text)
	}
	b.must(204, "cleo", "DELETE /users/{bob}/manager/$ref", "")
	b.must(404, "app", "GET /users/{bob}/manager", "")
	b.must(404, "app", "GET /users/{bob}/manager/$ref", "")
	b.must(404, "cleo", "DELETE /users/{bob}/manager/$ref", "")
	b.must(400, "cleo", "PUT /users/{bob}/manager/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{team}"}`)
	b.must(404, "cleo", "PUT /users/{bob}/manager/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{none}"}`)
}

func TestEffectsAreTakenDown(t *testing.T) {
	b := start(t)
	b.must(200, "app", "GET /users/bob@contoso.example", "")
	b.must(204, "app", "PATCH /users/{bob}", `{"jobTitle":"x"}`)
	made := b.must(201, "app", "POST /users", newUser)
	b.must(204, "app", "DELETE /users/{dan}", "")
	want := []struct{ object, effect string }{
		{b.ids["bob"], "read"}, {b.ids["bob"], "update"}, {world.Text(made.body, "id"), "create"}, {b.ids["dan"], "delete"}}
	if len(b.saw) != len(want) {
		t.Fatalf("%d effects: %+v", len(b.saw), b.saw)
	}
	for i, e := range b.saw {
		if e.Object != want[i].object || string(e.Effect) != want[i].effect || e.Mailbox != "" {
			t.Errorf("effect %d is %s of %s", i, e.Effect, e.Object)
		}
	}
}
