package entra

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/seal"
)

const (
	// attemptLife is how long a person may take to sign in.
	attemptLife = 15 * time.Minute
	// codeLife is how long a code that came back may wait to be redeemed. Entra's
	// own limit is 10 minutes.
	codeLife = 3 * time.Minute
)

// Attempt is one person's sign-in under way: what the answer is held against. It
// answers once.
type Attempt struct {
	party    party
	scopes   []string
	redirect string
	state    seal.Secret
	nonce    seal.Secret
	verifier seal.Secret
	begun    time.Time
	over     bool
}

// Code is an authorization code that came back as it should.
type Code struct {
	code    seal.Secret
	arrived time.Time
}

// Begin makes the link at which a person signs in: authorization code with PKCE
// (S256), a state and a nonce (RFC 6749, RFC 7636, OpenID Connect Core). The
// answer comes to redirect and is taken by Answer.
func (e *Entra) Begin(t graphwarden.Tenant, r graphwarden.Registration, c Credential, scopes []string, redirect string, claims Claims) (*Attempt, string, error) {
	random, err := e.draw(96)
	if err != nil {
		return nil, "", err
	}
	text := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	state, nonce, verifier := text(random[:32]), text(random[32:64]), text(random[64:])
	a := &Attempt{
		party: party{t, r, c}, scopes: scopes, redirect: redirect,
		state: seal.FromString(state), nonce: seal.FromString(nonce), verifier: seal.FromString(verifier), begun: e.now(),
	}
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {r.ClientID}, "response_type": {"code"}, "response_mode": {"query"},
		"redirect_uri": {redirect}, "scope": {scopeText(scopes)}, "state": {state}, "nonce": {nonce},
		"code_challenge": {text(sum[:])}, "code_challenge_method": {"S256"},
		"prompt": {"select_account"}, "claims": {claims.text()},
	}
	return a, t.Cloud.Login + "/" + url.PathEscape(t.ID) + "/oauth2/v2.0/authorize?" + q.Encode(), nil
}

// Answer takes what came to the redirect address: the method and the whole URL
// that was called. It gives the code, once; whatever is not exactly the answer
// to this attempt is refused, and a sign-in that Entra refused is explained.
func (a *Attempt) Answer(method, called string, now time.Time) (Code, error) {
	u, err := url.Parse(called)
	if err != nil || method != http.MethodGet || u.Fragment != "" || u.User != nil {
		return Code{}, forged("it is not a call of the redirect address")
	}
	want, err := url.Parse(a.redirect)
	if err != nil || u.Scheme != want.Scheme || u.Host != want.Host || u.EscapedPath() != orSlash(want.EscapedPath()) {
		return Code{}, forged("it came to another address than the one that was given")
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Code{}, forged("its parameters are damaged")
	}
	for _, name := range []string{"code", "state", "error", "iss", "session_state"} {
		if len(q[name]) > 1 {
			return Code{}, forged("it says " + name + " more than once")
		}
	}
	switch state := seal.FromString(q.Get("state")); {
	case a.over:
		return Code{}, forged("this sign-in was answered already")
	case !state.Equal(a.state):
		return Code{}, forged("its state is not the one that was sent")
	case q.Has("iss") && !issues(a.party.tenant, q.Get("iss"), ""):
		return Code{}, forged("another authority answers than the one that was asked")
	}
	a.over = true
	switch {
	case now.After(a.begun.Add(attemptLife)):
		return Code{}, late()
	case q.Get("error") != "":
		return Code{}, declined(q, situation{party: a.party, now: now})
	case q.Get("code") == "":
		return Code{}, forged("it brings no code")
	}
	return Code{seal.FromString(q.Get("code")), now}, nil
}

// Redeem exchanges the code for the person's tokens. The id token that comes
// with them must be for this attempt: its nonce, audience, issuer, tenant and
// times are held against it. It comes from Entra over TLS, which stands for its
// signature (OpenID Connect Core §3.1.3.7, 6).
func (e *Entra) Redeem(ctx context.Context, a *Attempt, c Code) (Token, error) {
	if e.now().After(c.arrived.Add(codeLife)) {
		return Token{}, late()
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "redirect_uri": {a.redirect}, "scope": {scopeText(a.scopes)},
		"claims": {Claims{}.text()},
	}
	c.code.Reveal(func(plain []byte) { form.Set("code", string(plain)) })
	a.verifier.Reveal(func(plain []byte) { form.Set("code_verifier", string(plain)) })
	got, err := e.ask(ctx, a.party, form)
	if err != nil {
		return Token{}, err
	}
	return e.signedIn(got, a.party, a.nonce)
}

// ConsentLink is where an administrator consents, for the whole tenant, to all
// that the registration asks for (graph-facts §1.10).
func ConsentLink(t graphwarden.Tenant, client, redirect, state string) string {
	q := url.Values{"client_id": {client}, "redirect_uri": {redirect}, "state": {state},
		"scope": {catalog.MicrosoftGraph + "/.default"}}
	return t.Cloud.Login + "/" + url.PathEscape(t.ID) + "/v2.0/adminconsent?" + q.Encode()
}

func orSlash(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// forged refuses an answer that is not what was asked for.
func forged(why string) *graphwarden.Refusal {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "entra.answer_forged",
		Say:   "What came to the redirect address is not the answer to this sign-in.",
		Do:    "Begin the sign-in anew, and open its link in a browser that nobody else uses.",
		Cause: fmt.Errorf("the answer was not taken: %s", why)}
}

func late() *graphwarden.Refusal {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "entra.answer_late",
		Say: "The sign-in took too long: its code is no longer redeemed.", Do: "Begin the sign-in anew."}
}
