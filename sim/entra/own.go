package entra

import (
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra/jwt"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// ownClaims are the claims of an access token for an API of the company's own, of the
// version that its registration asks for in api.requestedAccessTokenVersion: 1 unless it
// says 2 (identity-platform/access-tokens, "Token formats"). What each version calls the
// audience, the issuer and the client follows access-token-claims-reference: in version 1
// aud is the resource as it was asked for, in version 2 always its client id.
func (e *Entra) ownClaims(c *call, s subject, api world.Object, audience string, life time.Duration) jwt.Claims {
	app, _ := e.world.Application(c.tx, world.Text(api.Doc, "appId"))
	a := jwt.Claims{
		"tid": e.world.TenantID, "iat": c.now.Unix(), "nbf": c.now.Unix(), "exp": c.now.Add(life).Unix(),
		"aio": e.drawText(c), "rh": "1." + e.drawText(c)[:22] + ".", "uti": e.drawText(c)[:22],
	}
	if secondVersion(app) {
		a["ver"], a["aud"], a["iss"] = "2.0", world.Text(api.Doc, "appId"), c.here+"/"+e.world.TenantID+"/v2.0"
		a["azp"], a["azpacr"] = s.client.id(), string(s.client.proof)
	} else {
		a["ver"], a["aud"], a["iss"] = "1.0", audience, e.issuer()
		a["appid"], a["appidacr"], a["idp"] = s.client.id(), string(s.client.proof), e.issuer()
	}
	kind := "app"
	if s.user.ID == "" {
		a["oid"], a["sub"] = s.client.principal.ID, s.client.principal.ID
		if roles := e.world.RolesOf(c.tx, s.client.principal.ID, api); len(roles) > 0 {
			a["roles"] = roles
		}
	} else {
		kind = "user"
		a["oid"], a["sub"], a["name"] = s.user.ID, pairwise(s), s.user.Doc["displayName"]
		a["scp"] = strings.Join(e.tokenScopes(c, s, api), " ")
	}
	if asksFor(app, "idtyp") {
		a["idtyp"] = kind
	}
	return a
}

// secondVersion says whether an API asks for tokens of version 2.
func secondVersion(app world.Object) bool {
	api, _ := app.Doc["api"].(world.Doc)
	switch v := api["requestedAccessTokenVersion"].(type) {
	case int:
		return v == 2
	case int64:
		return v == 2
	case float64:
		return v == 2
	}
	return false
}

// asksFor says whether an API has asked for an optional claim in its access tokens
// (identity-platform/optional-claims-reference).
func asksFor(app world.Object, claim string) bool {
	optional, _ := app.Doc["optionalClaims"].(world.Doc)
	list, _ := optional["accessToken"].([]any)
	for _, one := range list {
		if d, is := one.(world.Doc); is && world.Text(d, "name") == claim {
			return true
		}
	}
	return false
}

// assignedTo refuses a client without a role of an API that lets in only those who were
// assigned one. Every other API of a tenant gives its tokens to each client of the tenant
// (identity-platform/v2-oauth2-client-creds-grant-flow, "Controlling app permissions").
func (e *Entra) assignedTo(tx *state.Tx, cl client, api world.Object) error {
	if api.Doc["appRoleAssignmentRequired"] != true || len(e.world.RolesOf(tx, cl.principal.ID, api)) > 0 {
		return nil
	}
	return refuse(501051, invalidGrant, "Application '%s'(%s) is not assigned to a role for the application '%s'(%s).",
		cl.id(), cl.name(), world.Text(api.Doc, "appId"), world.Text(api.Doc, "displayName"))
}
