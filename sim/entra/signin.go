package entra

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/graphwarden/graphwarden/sim/entra/page"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// cookie carries a browser's session.
const cookie = "ESTSAUTHPERSISTENT"

// visitor gives the person whose browser makes a request, or the sign-in page
// where one is needed: nobody is signed in, another is hinted at, or the request
// wants a fresh sign-in. With prompt=none it refuses instead (graph-facts §1.9,
// 50058).
func (e *Entra) visitor(tx *state.Tx, r *http.Request) (subject, step, error) {
	prompt, hint := r.Form.Get("prompt"), r.Form.Get("login_hint")
	who, ok := e.browser(tx, r)
	switch {
	case ok && prompt != "login" && prompt != "select_account" && hintFits(who.user, hint):
		return who, nil, nil
	case prompt == "none":
		return who, nil, refuse(50058, loginRequired, "A silent sign-in request was sent but no user is signed in.")
	}
	return who, e.signInPage(r.URL, hint, ""), nil
}

// browser gives the user of the session that a request's cookie names, while the
// session counts.
func (e *Entra) browser(tx *state.Tx, r *http.Request) (subject, bool) {
	k, err := r.Cookie(cookie)
	if err != nil {
		return subject{}, false
	}
	s, ok := e.sessions.Get(tx, k.Value)
	if !ok || !tx.Now().Before(s.SignedIn.Add(sessionLife)) || e.world.SignInEnded(tx, s.User, s.SignedIn) {
		return subject{}, false
	}
	user, ok := e.world.User(tx, s.User)
	if !ok || enabled(user) != nil {
		return subject{}, false
	}
	return subject{user: user, signedIn: s.SignedIn, session: k.Value}, true
}

// hintFits says whether a signed-in user is the one that the client hints at.
func hintFits(user world.Object, hint string) bool {
	return hint == "" || strings.EqualFold(hint, world.Text(user.Doc, "userPrincipalName")) || strings.EqualFold(hint, world.Text(user.Doc, "mail"))
}

// signInPage asks for name and password; what is at back goes on afterwards.
func (e *Entra) signInPage(back *url.URL, name, trouble string) step {
	return e.show(http.StatusOK, page.SignIn{Action: "/common/login", Back: back.RequestURI(), Name: name, Trouble: trouble})
}

// signIn takes the sign-in page's answer: it starts a session and sends the
// browser back to what it came from.
func (e *Entra) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	back, err := url.Parse(r.PostFormValue("back"))
	if err != nil || back.Host != "" || back.Scheme != "" || !strings.HasPrefix(back.Path, "/") {
		e.errorPage(w, r, refuse(90023, invalidRequest, "The request is not valid."))
		return
	}
	name, id := r.PostFormValue("login"), ""
	err = e.world.Update(func(tx *state.Tx) error {
		user, err := e.checkPassword(tx, name, r.PostFormValue("passwd"))
		if err != nil {
			return err
		}
		id = e.drawText(&call{tx: tx, now: tx.Now()})
		e.sessions.Put(tx, id, session{User: user.ID, SignedIn: tx.Now()})
		return nil
	})
	var p *problem
	switch {
	case errors.As(err, &p):
		e.signInPage(back, name, p.Error())(w, r)
		return
	case err != nil:
		e.errorPage(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode})
	http.Redirect(w, r, afterSignIn(back), http.StatusFound)
}

// afterSignIn is where the browser goes on: what it came from, less what asked
// for this sign-in.
func afterSignIn(back *url.URL) string {
	q := back.Query()
	if p := q.Get("prompt"); p == "login" || p == "select_account" {
		q.Del("prompt")
	}
	q.Del("login_hint")
	return (&url.URL{Path: back.Path, RawQuery: q.Encode()}).String()
}

// logout ends the browser's session and goes where the client wants, if that is
// an address that some application has registered (graph-facts §1.1).
func (e *Entra) logout(w http.ResponseWriter, r *http.Request) {
	if _, err := e.realm(r); err != nil {
		e.errorPage(w, r, err)
		return
	}
	to, known := r.URL.Query().Get("post_logout_redirect_uri"), false
	err := e.world.Update(func(tx *state.Tx) error {
		if k, err := r.Cookie(cookie); err == nil {
			e.sessions.Delete(tx, k.Value)
		}
		for app := range e.world.ObjectsOf(tx, "application") {
			_, ok := redirectPlatform(app, to)
			known = known || ok
		}
		return nil
	})
	if err != nil {
		e.errorPage(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Path: "/", Secure: true, HttpOnly: true, MaxAge: -1})
	target, err := url.Parse(to)
	if !known || err != nil {
		e.show(http.StatusOK, page.Note{Title: "You signed out of your account", Text: "Close all browser windows."})(w, r)
		return
	}
	if state := r.URL.Query().Get("state"); state != "" {
		q := target.Query()
		q.Set("state", state)
		target.RawQuery = q.Encode()
	}
	redirect(target.String())(w, r)
}
