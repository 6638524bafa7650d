package entra

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/entra/page"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// request is an authorization request whose client and redirect URI are known, so
// that whatever goes wrong from here on can be told to the client.
type request struct {
	tx       *state.Tx
	realm    realm
	client   client
	platform world.Platform
	redirect string
	state    string
	types    []string // response_type
	mode     string   // response_mode
	form     url.Values
}

// authorize serves the authorization endpoint: GET asks, POST answers the consent
// page that a GET led to (graph-facts §1.2).
func (e *Entra) authorize(w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, e.proceed, func(q request, p *problem) step {
		if q.client.app.ID == "" {
			return nil
		}
		return e.reject(r, q, p)
	})
}

// answer reads a request that a browser brought, does what it asks for in one
// transaction, and shows what follows. What goes wrong once the redirect URI is
// known is the client's to hear, unless tell gives no step.
func (e *Entra) answer(w http.ResponseWriter, r *http.Request, do func(*http.Request, request) (step, error), tell func(request, *problem) step) {
	if err := r.ParseForm(); err != nil {
		e.errorPage(w, r, refuse(90023, invalidRequest, "The request is not valid."))
		return
	}
	var q request
	var next step
	err := e.world.Update(func(tx *state.Tx) (err error) {
		if q, err = e.readRequest(tx, r); err != nil {
			return err
		}
		next, err = do(r, q)
		return err
	})
	if p := (*problem)(nil); q.platform != "" && errors.As(err, &p) {
		if next = tell(q, p); next != nil {
			err = nil
		}
	}
	if err != nil {
		e.errorPage(w, r, err)
		return
	}
	next(w, r)
}

// step is what the browser is shown or sent to next.
type step func(http.ResponseWriter, *http.Request)

// show is the step to a page.
func (e *Entra) show(status int, p page.Page) step {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := e.pages.Write(w, status, p); err != nil {
			e.log.ErrorContext(r.Context(), "entra", "error", err)
			http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		}
	}
}

// readRequest finds the client and the redirect URI. Errors up to here are shown
// to the person and never sent to the redirect URI.
func (e *Entra) readRequest(tx *state.Tx, r *http.Request) (request, error) {
	q := request{tx: tx, form: r.Form, redirect: r.Form.Get("redirect_uri"), state: r.Form.Get("state"), mode: r.Form.Get("response_mode")}
	var err error
	if q.realm, err = e.realm(r); err != nil {
		return q, err
	}
	if q.client, err = e.findClient(tx, q.realm, r.Form.Get("client_id")); err != nil {
		return q, err
	}
	if q.redirect == "" {
		q.redirect = firstRedirect(q.client.app)
	}
	if q.redirect == "" {
		return q, refuse(900971, invalidRequest, "No reply address provided.")
	}
	var ok bool
	if q.platform, ok = redirectPlatform(q.client.app, q.redirect); !ok {
		return q, refuse(50011, invalidRequest, "The redirect URI '%s' specified in the request does not match the redirect URIs configured for the application '%s'.", q.redirect, q.client.id())
	}
	q.types = strings.Fields(r.Form.Get("response_type"))
	if q.mode == "" {
		q.mode = "query"
		if slices.Contains(q.types, "id_token") {
			q.mode = "fragment"
		}
	}
	return q, nil
}

func firstRedirect(app world.Object) string {
	for _, p := range world.Platforms() {
		if uris := world.RedirectURIs(app, p); len(uris) > 0 {
			return uris[0]
		}
	}
	return ""
}

// proceed takes an authorization request as far as it goes: a page for the person
// to fill in, or the way back to the client.
func (e *Entra) proceed(r *http.Request, q request) (step, error) {
	graph := e.resource(q.tx, q.form.Get("scope"))
	a, err := checkRequest(q, graph)
	if err != nil {
		return nil, err
	}
	who, next, err := e.visitor(q.tx, r)
	if err != nil || next != nil {
		return next, err
	}
	who.client = q.client
	if err := e.trouble(q.client.id(), who.user.ID, "authorize"); err != nil {
		return nil, err
	}
	if err := e.assigned(q.tx, who); err != nil {
		return nil, err
	}
	if next, err := e.agree(r, &who, q.tx, a, graph); err != nil || next != nil {
		return next, err
	}
	return e.grantCode(r, q, who, a)
}

// checkRequest holds an authorization request to what the endpoint takes
// (graph-facts §1.2).
func checkRequest(q request, graph world.Object) (asked, error) {
	if err := checkTypes(q); err != nil {
		return asked{}, err
	}
	if !slices.Contains([]string{"query", "fragment", "form_post"}, q.mode) || q.mode == "query" && slices.Contains(q.types, "id_token") {
		return asked{}, refuse(70007, invalidRequest, "'%s' is not a supported value of 'response_mode' for this response_type.", q.mode)
	}
	if err := checkChallenge(q); err != nil {
		return asked{}, err
	}
	return readScope(q.form.Get("scope"), graph)
}

// checkTypes holds response_type to what is simulated and what the application
// has enabled.
func checkTypes(q request) error {
	if len(q.types) == 0 {
		return missing("response_type")
	}
	implicit, _ := q.client.app.Doc["web"].(world.Doc)
	settings, _ := implicit["implicitGrantSettings"].(world.Doc)
	for _, t := range q.types {
		switch {
		case t == "token":
			return refuse(700051, unsupportedResponse, "response_type 'token' is not enabled for the application.")
		case t == "id_token" && settings["enableIdTokenIssuance"] != true:
			return refuse(700054, unsupportedResponse, "response_type 'id_token' is not enabled for the application.")
		case t == "id_token" && q.form.Get("nonce") == "":
			return missing("nonce")
		case t != "code" && t != "id_token":
			return refuse(70005, unsupportedResponse, "The response_type '%s' is not supported.", t)
		}
	}
	return nil
}

// checkChallenge holds a PKCE challenge to RFC 7636 §4.2.
func checkChallenge(q request) error {
	challenge, method := q.form.Get("code_challenge"), q.form.Get("code_challenge_method")
	switch {
	case method != "" && method != "S256" && method != "plain":
		return refuse(50148, invalidRequest, "The code_challenge_method '%s' is not supported.", method)
	case challenge == "" && method != "":
		return missing("code_challenge")
	case challenge == "" && q.platform == world.SPA:
		return refuse(9002325, invalidRequest, "Proof Key for Code Exchange is required for cross-origin authorization code redemption.")
	case challenge != "" && (len(challenge) < 43 || len(challenge) > 128):
		return refuse(501491, invalidRequest, "Invalid size of Code_Challenge parameter.")
	}
	return nil
}

// grantCode ends a request well: a code, and an id token if one was asked for.
func (e *Entra) grantCode(r *http.Request, q request, who subject, a asked) (step, error) {
	c := &call{tx: q.tx, now: q.tx.Now(), here: origin(r)}
	out := url.Values{}
	if slices.Contains(q.types, "code") {
		text := "1.C" + e.drawText(c) + e.drawText(c)
		method := q.form.Get("code_challenge_method")
		e.codes.Put(q.tx, text, code{App: q.client.id(), User: who.user.ID, SignedIn: who.signedIn, Session: who.session,
			Realm: q.realm.kind, Redirect: q.form.Get("redirect_uri"), Platform: q.platform, Scope: strings.Join(a.Raw, " "),
			Nonce: q.form.Get("nonce"), Challenge: q.form.Get("code_challenge"), Method: method, Issued: c.now})
		out.Set("code", text)
	}
	if slices.Contains(q.types, "id_token") {
		key, err := e.key()
		if err != nil {
			return nil, err
		}
		token, err := key.Sign(e.idClaims(c, who, a, q.form.Get("nonce")))
		if err != nil {
			return nil, err
		}
		out.Set("id_token", token)
	}
	if q.form.Get("client_info") == "1" {
		out.Set("client_info", e.clientInfo(who.user.ID))
	}
	out.Set("session_state", world.StableID(0, who.session))
	return e.goBack(q, out), nil
}

// reject tells the client what went wrong.
func (e *Entra) reject(r *http.Request, q request, p *problem) step {
	out := url.Values{"error": {p.Kind}, "error_description": {p.describe(e.trace(r))}}
	if p.Sub != "" {
		out.Set("error_subcode", p.Sub)
	}
	return e.goBack(q, out)
}

// goBack sends the browser to the client in the response mode asked for. An
// address without a path gets one (documentation of redirect URI restrictions).
func (e *Entra) goBack(q request, out url.Values) step {
	if q.state != "" {
		out.Set("state", q.state)
	}
	if q.mode == "form_post" {
		return e.show(http.StatusOK, page.FormPost{Action: q.redirect, Values: out})
	}
	target, err := url.Parse(q.redirect)
	if err != nil {
		return e.show(http.StatusBadRequest, page.Failure{Text: err.Error()})
	}
	if target.Path == "" {
		target.Path = "/"
	}
	if q.mode == "fragment" {
		return redirect(target.String() + "#" + out.Encode())
	}
	all := target.Query()
	for name, values := range out {
		all[name] = values
	}
	target.RawQuery = all.Encode()
	return redirect(target.String())
}

func redirect(to string) step {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}
