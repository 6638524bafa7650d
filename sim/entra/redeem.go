package entra

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
)

// redeemCode exchanges an authorization code (graph-facts §1.2).
func (e *Entra) redeemCode(c *call, cl client) (issue, error) {
	text := c.form.Get("code")
	if text == "" {
		return issue{}, missing("code")
	}
	was, ok := e.codes.Get(c.tx, text)
	switch {
	case !ok:
		return issue{}, refuse(9002313, invalidGrant, "Invalid request. Request is malformed or invalid.")
	case was.App != cl.id():
		return issue{}, refuse(70000, invalidGrant, "Provided grant was issued for another client.")
	case was.Redeemed:
		return issue{}, refuse(54005, invalidGrant, "OAuth2 Authorization code was already redeemed, retry with a new valid code or use an existing refresh token.")
	case !c.now.Before(was.Issued.Add(codeLife)):
		return issue{}, refuse(70008, invalidGrant, "The provided authorization code has expired. Send a new interactive authorization request for this user and resource.")
	}
	if err := checkCode(c, cl, was); err != nil {
		return issue{}, err
	}
	user, err := e.activeUser(c, was.User, was.SignedIn)
	if err != nil {
		return issue{}, err
	}
	was.Redeemed = true
	e.codes.Put(c.tx, text, was)
	s := subject{client: cl, user: user, signedIn: was.SignedIn, session: was.Session}
	scope := withOpenID(c.form.Get("scope"), was.Scope)
	made, err := e.delegated(c, s, scope, was.Nonce)
	if err != nil {
		return issue{}, err
	}
	return e.withRefresh(c, s, made, scope, was.Platform, c.now.Add(spaRefreshLife)), nil
}

// checkCode holds a code to how it was asked for: the same authority and redirect
// URI, the credential that the platform wants, and the verifier.
func checkCode(c *call, cl client, was code) error {
	if c.realm.kind != was.Realm {
		return refuse(700005, invalidGrant, "Provided Authorization Code is intended to use against other tenant, thus rejected.")
	}
	if redirect := c.form.Get("redirect_uri"); redirect != was.Redirect {
		return refuse(500112, invalidClient, "The reply address '%s' does not match the reply address '%s' provided when requesting Authorization code.", redirect, was.Redirect)
	}
	if err := checkPlatform(c, cl, was.Platform); err != nil {
		return err
	}
	return checkVerifier(c.form.Get("code_verifier"), was)
}

// checkPlatform asks for what each platform has to show (graph-facts §1.2).
func checkPlatform(c *call, cl client, p world.Platform) error {
	switch {
	case p == world.SPA && !c.cross:
		return refuse(9002327, invalidRequest, "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.")
	case p != world.SPA && c.cross:
		return refuse(9002326, invalidRequest, "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.")
	case p == world.Web:
		return needProof(cl)
	}
	return refuseProof(cl)
}

// checkVerifier compares a PKCE verifier with the challenge (RFC 7636 §4.6). MSAL
// sends an empty verifier where there was no challenge.
func checkVerifier(verifier string, was code) error {
	if was.Challenge == "" {
		return nil
	}
	if was.Method == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if subtle.ConstantTimeCompare([]byte(verifier), []byte(was.Challenge)) == 0 {
		return refuse(501481, invalidGrant, "The Code_Verifier does not match the code_challenge supplied in the authorization request.")
	}
	return nil
}

// redeemRefresh exchanges a refresh token. The old one stays good (graph-facts
// §1.6).
func (e *Entra) redeemRefresh(c *call, cl client) (issue, error) {
	text := c.form.Get("refresh_token")
	if text == "" {
		return issue{}, missing("refresh_token")
	}
	was, ok := e.refreshes.Get(c.tx, text)
	switch {
	case !ok:
		return issue{}, refuse(9002313, invalidGrant, "Invalid request. Request is malformed or invalid.")
	case was.App != cl.id():
		return issue{}, &problem{Code: 70000, Kind: invalidGrant, Sub: "client_mismatch", Text: "Provided grant was issued for another client."}
	case !c.now.Before(was.Ends) && was.Platform == world.SPA:
		return issue{}, refuse(700084, invalidGrant, "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired. The token was issued on %s.", was.Issued.Format(time.RFC3339))
	case !c.now.Before(was.Ends):
		return issue{}, refuse(700082, invalidGrant, "The refresh token has expired due to inactivity. The token was issued on %s and was inactive for 90.00:00:00.", was.Issued.Format(time.RFC3339))
	}
	if err := e.checkRefresh(c, cl, was); err != nil {
		return issue{}, err
	}
	user, err := e.activeUser(c, was.User, was.SignedIn)
	if err != nil {
		return issue{}, err
	}
	s := subject{client: cl, user: user, signedIn: was.SignedIn, session: was.Session}
	scope := withOpenID(c.form.Get("scope"), was.Scope)
	made, err := e.delegated(c, s, scope, "")
	if err != nil {
		return issue{}, err
	}
	return e.withRefresh(c, s, made, scope, was.Platform, was.Ends), nil
}

// checkRefresh asks for the credential that the token's client had, and whether
// the password that a public client's token rests on is still the same
// (graph-facts §1.6).
func (e *Entra) checkRefresh(c *call, cl client, was refresh) error {
	if was.Platform != "" {
		if err := checkPlatform(c, cl, was.Platform); err != nil {
			return err
		}
	} else if !was.Public {
		if err := needProof(cl); err != nil {
			return err
		}
	}
	if p, ok := e.world.Passwords.Get(c.tx, was.User); was.Public && ok && p.Changed.After(was.SignedIn) {
		return revoked(was.SignedIn)
	}
	return nil
}

// withRefresh adds a refresh token where offline_access was asked for. One of a
// single-page app ends when its first one would have, every other slides.
func (e *Entra) withRefresh(c *call, s subject, made issue, scope string, p world.Platform, spaEnds time.Time) issue {
	if !wantsOffline(scope) {
		return made
	}
	ends := c.now.Add(refreshLife)
	if p == world.SPA {
		ends = spaEnds
	}
	made.refresh = "1.A" + e.drawText(c) + e.drawText(c)
	e.refreshes.Put(c.tx, made.refresh, refresh{App: s.client.id(), User: s.user.ID, SignedIn: s.signedIn, Session: s.session,
		Platform: p, Public: s.client.proof == noProof, Scope: scope, Issued: c.now, Ends: ends})
	return made
}

// redeemPassword signs a user in by name and password (graph-facts §1.4).
func (e *Entra) redeemPassword(c *call, cl client) (issue, error) {
	if !cl.public() {
		if err := needProof(cl); err != nil {
			return issue{}, err
		}
	}
	for _, name := range []string{"username", "password", "scope"} {
		if c.form.Get(name) == "" {
			return issue{}, missing(name)
		}
	}
	user, err := e.checkPassword(c.tx, c.form.Get("username"), c.form.Get("password"))
	if err != nil {
		return issue{}, err
	}
	s := subject{client: cl, user: user, signedIn: c.now, session: e.drawText(c)[:22]}
	scope := c.form.Get("scope")
	made, err := e.delegated(c, s, scope, "")
	if err != nil {
		return issue{}, err
	}
	return e.withRefresh(c, s, made, scope, "", time.Time{}), nil
}
