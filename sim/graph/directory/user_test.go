package directory_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/internal/kernel"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

const newUser = `{"accountEnabled":true,"displayName":"Eve","mailNickname":"eve","userPrincipalName":"eve@contoso.example",
	"passwordProfile":{"password":"xWwvJ]6NMw+bWH-d"}}`

func TestUsersAreMade(t *testing.T) {
	try(t, []kernel.Situation{
		{Name: "by an app", As: "app", Request: "POST /users", Body: newUser, Status: 201, Want: `"userPrincipalName":"eve@contoso.example"`},
		{Name: "by a user administrator", As: "cleo", Request: "POST /users", Body: newUser, Status: 201},
		{Name: "not by an ordinary user, whatever the scopes", As: "bob", Request: "POST /users", Body: newUser, Status: 403, Want: "Authorization_RequestDenied"},
		{Name: "not by a reader", As: "app:User.Read.All", Request: "POST /users", Body: newUser, Status: 403},
		{Name: "not of nothing", As: "app", Request: "POST /users", Body: `{}`, Status: 400, Want: "A value is required for property 'accountEnabled'"},
		{Name: "not without a password", As: "app", Request: "POST /users", Status: 400, Want: "'password'",
			Body: `{"accountEnabled":true,"displayName":"E","mailNickname":"e","userPrincipalName":"e@contoso.example","passwordProfile":{}}`},
		{Name: "not with a weak password", As: "app", Request: "POST /users", Status: 400, Want: "password complexity requirements",
			Body: `{"accountEnabled":true,"displayName":"E","mailNickname":"e","userPrincipalName":"e@contoso.example","passwordProfile":{"password":"secret"}}`},
		{Name: "not under a taken name", As: "app", Request: "POST /users", Status: 400, Want: "ObjectConflict",
			Body: `{"accountEnabled":true,"displayName":"B","mailNickname":"b","userPrincipalName":"Bob@contoso.example","passwordProfile":{"password":"xWwvJ]6NMw"}}`},
		{Name: "not under a foreign domain", As: "app", Request: "POST /users", Status: 400, Want: "verified domain names",
			Body: `{"accountEnabled":true,"displayName":"B","mailNickname":"b","userPrincipalName":"b@elsewhere.example","passwordProfile":{"password":"xWwvJ]6NMw"}}`},
		{Name: "not with an id of one's own", As: "app", Request: "POST /users", Status: 400, Want: "'id' is read-only",
			Body: `{"id":"{none}","accountEnabled":true,"displayName":"B","mailNickname":"b","userPrincipalName":"b@contoso.example","passwordProfile":{"password":"xWwvJ]6NMw"}}`},
		{Name: "not with an extension that nobody defined", As: "app", Request: "POST /users", Status: 400, Want: "extension properties are not available",
			Body: `{"extension_0123456789abcdef0123456789abcdef_size":1,"accountEnabled":true,"displayName":"B","mailNickname":"b","userPrincipalName":"b@contoso.example","passwordProfile":{"password":"xWwvJ]6NMw"}}`},
	})
}

func TestUsersAreChanged(t *testing.T) {
	try(t, []kernel.Situation{
		{Name: "by an app", As: "app", Request: "PATCH /users/{bob}", Body: `{"jobTitle":"Chief"}`, Status: 204},
		{Name: "by a user administrator", As: "cleo", Request: "PATCH /users/{bob}", Body: `{"jobTitle":"Chief"}`, Status: 204},
		{Name: "not by a colleague", As: "bob", Request: "PATCH /users/{dan}", Body: `{"jobTitle":"Chief"}`, Status: 403},
		{Name: "what is one's own", As: "bob", Request: "PATCH /me", Body: `{"mobilePhone":"+45 1"}`, Status: 204},
		{Name: "what is not one's own", As: "bob", Request: "PATCH /me", Body: `{"mobilePhone":"+45 1","jobTitle":"Chief"}`, Status: 403},
		{Name: "not what is read-only", As: "app", Request: "PATCH /users/{bob}", Body: `{"proxyAddresses":[]}`, Status: 400, Want: "read-only"},
		{Name: "not to another's name", As: "app", Request: "PATCH /users/{bob}", Body: `{"userPrincipalName":"dan@contoso.example"}`, Status: 400, Want: "ObjectConflict"},
		{Name: "not to another's address", As: "app", Request: "PATCH /users/{bob}", Body: `{"mail":"team@contoso.example"}`, Status: 400, Want: "ObjectConflict"},
		{Name: "nobody", As: "app", Request: "PATCH /users/{none}", Body: `{"jobTitle":"Chief"}`, Status: 404},
		{Name: "an administrator's phone, by an app without a role", As: "app", Request: "PATCH /users/{ada}", Body: `{"mobilePhone":"+45 1"}`, Status: 403},
		{Name: "an administrator's phone, by a lesser one", As: "cleo", Request: "PATCH /users/{ada}", Body: `{"mobilePhone":"+45 1"}`, Status: 403},
		{Name: "an administrator's title, by a lesser one", As: "cleo", Request: "PATCH /users/{ada}", Body: `{"jobTitle":"Queen"}`, Status: 204},
		{Name: "an administrator's phone, by the highest", As: "ada", Request: "PATCH /users/{cleo}", Body: `{"mobilePhone":"+45 1"}`, Status: 204},
		{Name: "an administrator deleted by a lesser one", As: "cleo", Request: "DELETE /users/{ada}", Status: 403},
	})
}

func TestPasswordsAreSetAndChanged(t *testing.T) {
	b := start(t)
	holds := func(user, text string, force bool) {
		t.Helper()
		err := b.World.View(func(tx *state.Tx) error {
			if p, _ := b.World.Passwords.Get(tx, b.IDs[user]); p.Text != text || p.ForceChange != force {
				t.Errorf("%s has %q, to be changed: %v", user, p.Text, p.ForceChange)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b.Must(204, "cleo", "PATCH /users/{dan}", `{"passwordProfile":{"password":"New-Secret-2"}}`)
	holds("dan", "New-Secret-2", true)
	b.Must(204, "cleo", "PATCH /users/{dan}", `{"passwordProfile":{"forceChangePasswordNextSignIn":false}}`)
	holds("dan", "New-Secret-2", false)
	b.Must(400, "cleo", "PATCH /users/{dan}", `{"passwordProfile":{"password":"weak"}}`)
	holds("dan", "New-Secret-2", false)

	b.Must(204, "bob", "POST /me/changePassword", `{"currentPassword":"Old-Secret-1","newPassword":"New-Secret-3"}`)
	holds("bob", "New-Secret-3", false)
	b.Must(400, "bob", "POST /me/changePassword", `{"currentPassword":"wrong","newPassword":"New-Secret-4"}`)
	b.Must(400, "bob", "POST /me/changePassword", `{"currentPassword":"New-Secret-3","newPassword":"New-Secret-3"}`)
	b.Must(400, "bob", "POST /me/changePassword", `{"currentPassword":"New-Secret-3","newPassword":"weak"}`)
	holds("bob", "New-Secret-3", false)
	b.Must(403, "ada", "POST /users/{bob}/changePassword", `{"currentPassword":"New-Secret-3","newPassword":"New-Secret-4"}`)
	if r := b.Must(200, "app", "GET /users/{bob}?$select=passwordProfile", ""); r.Body["passwordProfile"] != nil {
		t.Errorf("a password is shown: %s", r.Text)
	}
}

func TestSignInsAreRevoked(t *testing.T) {
	b := start(t)
	for as, status := range map[string]int{"bob": 403, "cleo": 200, "dan": 200, "app": 200} {
		b.Must(status, as, "POST /users/{dan}/revokeSignInSessions", "")
	}
	err := b.World.View(func(tx *state.Tx) error {
		if !b.World.SignInEnded(tx, b.IDs["dan"], b.from) {
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
	b.Must(403, "bob", "PUT /users/{bob}/manager/$ref", ada)
	b.Must(204, "cleo", "PUT /users/{bob}/manager/$ref", ada)
	if r := b.Must(200, "app", "GET /users/{bob}/manager", ""); r.Body["displayName"] != "Ada" {
		t.Errorf("the manager is %s", r.Text)
	}
	if r := b.Must(200, "app", "GET /users/{cleo}/directReports", ""); len(names(r)) != 0 {
		t.Errorf("the former manager still has %v", names(r))
	}
	if r := b.Must(200, "app", "GET /users/{bob}/manager/$ref", ""); r.Body["@odata.id"] != b.URL+"/v1.0/directoryObjects/"+b.IDs["ada"] &&
		r.Body["@odata.id"] != "https"+b.URL[4:]+"/v1.0/directoryObjects/"+b.IDs["ada"] {
		t.Errorf("the reference is %s", r.Text)
	}
	b.Must(204, "cleo", "DELETE /users/{bob}/manager/$ref", "")
	b.Must(404, "app", "GET /users/{bob}/manager", "")
	b.Must(404, "app", "GET /users/{bob}/manager/$ref", "")
	b.Must(404, "cleo", "DELETE /users/{bob}/manager/$ref", "")
	b.Must(400, "cleo", "PUT /users/{bob}/manager/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{team}"}`)
	b.Must(404, "cleo", "PUT /users/{bob}/manager/$ref", `{"@odata.id":"https://graph.microsoft.com/v1.0/users/{none}"}`)
}

func TestEffectsAreTakenDown(t *testing.T) {
	b := start(t)
	b.Must(200, "app", "GET /users/bob@contoso.example", "")
	b.Must(204, "app", "PATCH /users/{bob}", `{"jobTitle":"x"}`)
	made := b.Must(201, "app", "POST /users", newUser)
	b.Must(204, "app", "DELETE /users/{dan}", "")
	want := []struct{ object, effect string }{
		{b.IDs["bob"], "read"}, {b.IDs["bob"], "update"}, {world.Text(made.Body, "id"), "create"}, {b.IDs["dan"], "delete"}}
	if len(b.Saw) != len(want) {
		t.Fatalf("%d effects: %+v", len(b.Saw), b.Saw)
	}
	for i, e := range b.Saw {
		if e.Object != want[i].object || string(e.Effect) != want[i].effect || e.Mailbox != "" {
			t.Errorf("effect %d is %s of %s", i, e.Effect, e.Object)
		}
	}
}
