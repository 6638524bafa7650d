package entra_test

import (
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// api registers an API of the company's own.
func (x *tenant) api(set world.Doc) (app, principal world.Object) {
	x.Helper()
	x.update(func(tx *state.Tx) {
		app = x.world.NewApplication(tx, world.Merge(world.Doc{"displayName": "Own", "identifierUris": []any{"api://own"}}, set))
		principal = x.world.NewServicePrincipal(tx, app)
	})
	return app, principal
}

// TestAnAppGetsATokenForTheCompanysOwnAPI: of the version that the API asks for, by any of
// its names, for anybody to verify, and for Graph no token at all.
func TestAnAppGetsATokenForTheCompanysOwnAPI(t *testing.T) {
	for name, s := range map[string]struct {
		set   world.Doc
		wants func(x *tenant, api, asked string) map[string]any
	}{
		"version 1": {world.Doc{}, func(x *tenant, _, asked string) map[string]any {
			return map[string]any{"ver": "1.0", "aud": asked, "iss": "https://sts.windows.net/" + x.world.TenantID + "/", "appid": id(x.mine), "appidacr": "1", "azp": nil, "idtyp": nil}
		}},
		"version 2, with idtyp": {world.Doc{"api": world.Doc{"requestedAccessTokenVersion": 2}, "optionalClaims": world.Doc{"accessToken": []any{world.Doc{"name": "idtyp"}}}},
			func(x *tenant, api, _ string) map[string]any {
				return map[string]any{"ver": "2.0", "aud": api, "iss": x.server.URL + "/" + x.world.TenantID + "/v2.0", "azp": id(x.mine), "azpacr": "1", "appid": nil, "idtyp": "app"}
			}},
	} {
		x := open(t)
		app, _ := x.api(s.set)
		for _, asked := range []string{"api://own", id(app)} {
			a := x.token(x.daemon().with(form{"scope": asked + "/.default"}))
			if a.status != 200 {
				t.Fatalf("%s: %d %v", name, a.status, a.body)
			}
			token := a.text("access_token")
			c := claims(t, token)
			for claim, want := range s.wants(x, id(app), asked) {
				if c[claim] != want {
					t.Errorf("%s, %s: %s is %v, want %v", name, asked, claim, c[claim], want)
				}
			}
			if c["oid"] == "" || c["oid"] != c["sub"] || c["scp"] != nil || c["roles"] != nil || c["tid"] != x.world.TenantID {
				t.Errorf("%s: %v", name, c)
			}
			jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := jws.Verify(x.keys().Keys[0].Key); err != nil {
				t.Errorf("%s: a stranger cannot verify it: %v", name, err)
			}
			if _, err := x.Verify(token); err == nil {
				t.Errorf("%s: Graph takes it", name)
			}
		}
	}
}

func TestAnAPIThatAsksForAssignmentsGivesTokensToTheAssigned(t *testing.T) {
	x := open(t)
	const role = "aaaaaaaa-0000-0000-0000-000000000001"
	_, principal := x.api(world.Doc{"appRoles": []any{world.Doc{"id": role, "value": "Ask", "isEnabled": true, "allowedMemberTypes": []any{"Application"}}}})
	ask := x.daemon().with(form{"scope": "api://own/.default"})
	x.update(func(tx *state.Tx) {
		principal = x.world.ChangeObject(tx, principal, world.Doc{"appRoleAssignmentRequired": true})
	})
	if a := x.token(ask); a.code() != 501051 {
		t.Errorf("without a role: %d %v", a.status, a.body)
	}
	x.update(func(tx *state.Tx) {
		client, _ := x.world.ServicePrincipal(tx, id(x.mine))
		x.world.Grants.Put(tx, "grant-1", world.Doc{"id": "grant-1", "appRoleId": role, "principalId": client.ID, "resourceId": principal.ID})
	})
	a := x.token(ask)
	if a.status != 200 {
		t.Fatalf("with a role: %d %v", a.status, a.body)
	}
	if roles, _ := claims(t, a.text("access_token"))["roles"].([]any); len(roles) != 1 || roles[0] != "Ask" {
		t.Errorf("its roles are %v", roles)
	}
	x.update(func(tx *state.Tx) { x.world.ChangeObject(tx, principal, world.Doc{"accountEnabled": false}) })
	if a := x.token(ask); a.status == 200 {
		t.Error("an API that is disabled gives tokens")
	}
	if a := x.token(x.daemon().with(form{"scope": "api://none/.default"})); a.code() != 500011 || !strings.Contains(a.text("error_description"), "api://none") {
		t.Errorf("an API that there is not: %v", a.body)
	}
}
