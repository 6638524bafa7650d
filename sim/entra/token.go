package entra

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra/jwt"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// issue is what a token request leads to, before anything is signed.
type issue struct {
	scope   string // as answered; empty in an application's own answer
	life    time.Duration
	access  jwt.Claims
	id      jwt.Claims // nil: no id token
	refresh string     // "": no refresh token
	open    bool       // anybody can verify the access token with the published key
	info    string     // client_info, "" when not asked for
}

// token serves the token endpoint. What a grant changes (codes redeemed, refresh
// tokens issued) is committed before the answer is sent.
func (e *Entra) token(w http.ResponseWriter, r *http.Request) {
	c, err := e.newCall(w, r)
	if err != nil {
		e.fail(w, r, err)
		return
	}
	var made issue
	err = e.world.Update(func(tx *state.Tx) error {
		c.tx, c.now = tx, tx.Now()
		made, err = e.grant(c)
		return err
	})
	if err != nil {
		e.fail(w, r, err)
		return
	}
	body, err := e.write(made)
	if err != nil {
		e.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, body)
}

// grant redeems whatever the request brings.
func (e *Entra) grant(c *call) (issue, error) {
	kind := c.form.Get("grant_type")
	if kind == "" {
		return issue{}, missing("grant_type")
	}
	redeem, ok := map[string]func(*call, client) (issue, error){
		"client_credentials": e.redeemCredentials,
		"authorization_code": e.redeemCode,
		"refresh_token":      e.redeemRefresh,
		"password":           e.redeemPassword,
		// MSAL sends the first, RFC 8628 the second.
		"device_code": e.redeemDevice,
		"urn:ietf:params:oauth:grant-type:device_code": e.redeemDevice,
		"urn:ietf:params:oauth:grant-type:jwt-bearer":  e.redeemAssertion,
	}[kind]
	if !ok {
		return issue{}, refuse(70003, unsupportedGrant, "The app requested an unsupported grant type '%s'.", kind)
	}
	appOnly := kind == "client_credentials" || kind == "password"
	if appOnly && (c.realm.kind == common || c.realm.kind == consumers) {
		return issue{}, refuse(9001023, invalidRequest, "The grant type is not supported over the /common or /consumers endpoints. Use the /organizations or tenant-specific endpoint.")
	}
	cl, err := e.identify(c)
	if err != nil {
		return issue{}, err
	}
	if err := e.trouble(cl.id(), e.signingIn(c), kind); err != nil {
		return issue{}, err
	}
	return redeem(c, cl)
}

// redeemCredentials gives an application its own token.
func (e *Entra) redeemCredentials(c *call, cl client) (issue, error) {
	if c.realm.kind != concrete {
		return issue{}, refuse(50059, invalidRequest, "No tenant-identifying information found in either the request or implied by any provided credentials.")
	}
	if err := needProof(cl); err != nil {
		return issue{}, err
	}
	scope := c.form.Get("scope")
	if scope == "" {
		return issue{}, missing("scope")
	}
	if !isDefault(scope) {
		return issue{}, refuse(1002012, invalidScope, "The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", scope)
	}
	graph := e.resource(c.tx, scope)
	a, err := readScope(scope, graph)
	if err != nil {
		return issue{}, err
	}
	if !cl.installed {
		return issue{}, refuse(7000229, invalidClient, "The client application %s is missing service principal in the tenant %s.", cl.id(), e.world.TenantID)
	}
	if err := e.assignedTo(c.tx, cl, graph); err != nil {
		return issue{}, err
	}
	life := e.life(c)
	return issue{life: life, open: isOwn(graph), access: e.accessClaims(c, subject{client: cl}, a.Audience, life)}, nil
}

// isDefault says whether a scope parameter names a resource's default and nothing
// else. Scopes of OpenID Connect do not count: MSAL for Go always sends them.
func isDefault(scope string) bool {
	named := slices.DeleteFunc(strings.Fields(scope), func(s string) bool { return slices.Contains(world.OpenIDScopes(), s) })
	return len(named) == 1 && strings.HasSuffix(named[0], "/.default")
}

// redeemAssertion refuses the on-behalf-of grant: it is not simulated.
func (e *Entra) redeemAssertion(c *call, cl client) (issue, error) {
	if err := needProof(cl); err != nil {
		return issue{}, err
	}
	assertion := c.form.Get("assertion")
	if assertion == "" {
		return issue{}, missing("assertion")
	}
	if _, err := e.check(assertion); err != nil {
		return issue{}, refuse(50013, invalidGrant, "Assertion failed signature validation.")
	}
	return issue{}, refuse(500131, invalidGrant, "Assertion audience does not match the Client app presenting the assertion.")
}

// delegated makes the tokens of a user in a client. Scope is the request's, or
// what was asked for at sign-in.
func (e *Entra) delegated(c *call, s subject, scope, nonce string) (issue, error) {
	graph := e.resource(c.tx, scope)
	a, err := readScope(scope, graph)
	if err != nil {
		return issue{}, err
	}
	if !s.client.installed || len(e.unconsented(c.tx, s, a, graph)) > 0 {
		return issue{}, &problem{Code: 65001, Kind: invalidGrant, Sub: "consent_required", Text: "The user or administrator has not consented to use the application with ID '" +
			s.client.id() + "' named '" + s.client.name() + "'. Send an interactive authorization request for this user and resource."}
	}
	if err := e.assigned(c.tx, s); err != nil {
		return issue{}, err
	}
	audience := a.Audience
	if audience == "" {
		audience = world.GraphAppID
	}
	made := issue{life: e.life(c), open: isOwn(graph)}
	made.access = e.accessClaims(c, s, audience, made.life)
	made.scope = strings.Join(e.answeredScopes(c, s, a, graph), " ")
	if a.has("openid") {
		made.id = e.idClaims(c, s, a, nonce)
	}
	if c.form.Get("client_info") == "1" {
		made.info = e.clientInfo(s.user.ID)
	}
	return made, nil
}

// answeredScopes lists every scope that was asked for as it was written, which
// MSAL insists on, and then what else the token holds.
func (e *Entra) answeredScopes(c *call, s subject, a asked, graph world.Object) []string {
	out := a.Raw
	said := map[string]bool{}
	for _, raw := range a.Raw {
		_, name := splitScope(raw)
		said[strings.ToLower(name)] = true
	}
	for _, name := range e.tokenScopes(c, s, graph) {
		if !said[strings.ToLower(name)] {
			out = append(out, name)
		}
	}
	return out
}

// write signs what was issued.
func (e *Entra) write(made issue) (map[string]any, error) {
	key, err := e.key()
	if err != nil {
		return nil, err
	}
	nonce, _ := made.access["uti"].(string)
	sign := func(c jwt.Claims) (string, error) { return key.SignAccess(c, nonce) }
	if made.open {
		sign = key.Sign
	}
	access, err := sign(made.access)
	if err != nil {
		return nil, err
	}
	seconds := int(made.life / time.Second)
	body := map[string]any{"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": access}
	if made.scope != "" {
		body["scope"] = made.scope
	}
	if made.refresh != "" {
		body["refresh_token"] = made.refresh
	}
	if made.info != "" {
		body["client_info"] = made.info
	}
	if made.id != nil {
		if body["id_token"], err = key.Sign(made.id); err != nil {
			return nil, err
		}
	}
	return body, nil
}
