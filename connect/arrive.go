package connect

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
)

// The pages that people see who were not sent back to an app's page.
const (
	pageSignedIn = `You are signed in. You may close this window.`
	pageNobody   = `This is not the answer to a sign-in of Graphwarden's.
Nothing was done. Begin anew in the app, and open its link in one piece.`
	pageTwice = `This sign-in was answered before, and answers only once.
Nothing was done now. Begin anew in the app.`
	pageOver = `This sign-in took too long.
Nothing was done. Begin anew in the app.`
	pageUnwritten = `Graphwarden could not write this down. Begin anew in the app in a minute.`
)

// ServeHTTP takes what a person's browser brings back from Microsoft, once, and
// sends it on to the app's page.
func (p *Reception) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to, status, text := p.arrive(r)
	h := w.Header()
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if to != "" {
		h.Set("Location", to)
		status = http.StatusSeeOther
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // a browser that is gone is told nothing
}

// arrive takes an answer and says where the browser goes, or what it shows. What
// does not fit the sign-in is not believed and uses nothing up.
func (p *Reception) arrive(r *http.Request) (to string, status int, text string) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || r.Method != http.MethodGet || len(r.URL.RawQuery) > 16<<10 || len(q["state"]) != 1 || q.Get("state") == "" {
		return "", http.StatusBadRequest, pageNobody
	}
	ctx := r.Context()
	a, err := p.Persons.SignInByState(ctx, fingerprint(q.Get("state")))
	switch {
	case err != nil:
		return "", http.StatusServiceUnavailable, pageUnwritten
	case a.ID == "":
		return "", http.StatusBadRequest, pageNobody
	case !a.AnsweredAt.IsZero():
		return "", http.StatusConflict, pageTwice
	case p.Now().After(a.Until):
		return "", http.StatusGone, pageOver
	}
	attempt, code, failed := p.answered(a, r)
	var refusal *graphwarden.Refusal
	if attempt == nil || errors.As(failed, &refusal) && refusal.Code == "entra.answer_forged" {
		p.Log.Warn("an answer to a sign-in was not taken", "sign_in", a.ID, "reason", failed)
		return "", http.StatusBadRequest, pageNobody
	}
	mine := false
	err = p.Persons.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		mine, err = p.Persons.ClaimSignIn(ctx, tx, a.ID)
		return err
	})
	switch {
	case err != nil:
		return "", http.StatusServiceUnavailable, pageUnwritten
	case !mine:
		return "", http.StatusConflict, pageTwice
	}
	ctx = context.WithoutCancel(ctx) // the code is used up now: who goes away changes nothing
	var token entra.Token
	if failed == nil {
		token, failed = p.SignIns.Redeem(ctx, attempt, code)
	}
	return p.finish(ctx, a, token, failed)
}

// answered holds what came against the sign-in; a nil attempt means that it cannot
// be taken up.
func (p *Reception) answered(a graphwarden.SignInAttempt, r *http.Request) (*entra.Attempt, entra.Code, error) {
	k := p.Custody.kept[a.Registration]
	if k == nil {
		return nil, entra.Code{}, errors.New("the registration is gone from the configuration")
	}
	kept, err := p.Sealer.Open(a.Sealed, sealedAbout(a))
	if err != nil {
		return nil, entra.Code{}, err
	}
	of := k.current()
	attempt, err := p.SignIns.Resume(of.Tenant, of.Registration, of.Credential, kept)
	if err != nil {
		return nil, entra.Code{}, err
	}
	code, err := attempt.Answer(r.Method, p.Public+"?"+r.URL.RawQuery, p.Now())
	return attempt, code, err
}

// finish takes the tokens into custody and writes down how the sign-in ended.
func (p *Reception) finish(ctx context.Context, a graphwarden.SignInAttempt, token entra.Token, failed error) (to string, status int, text string) {
	of := p.Custody.kept[a.Registration].connection
	if failed == nil && a.Account != "" && a.Account != token.Account.ID {
		failed = somebodyElse(of, token.Account)
	}
	code := ""
	if failed == nil {
		token.Scopes = opened(token)
		if failed = p.merge(ctx, of, &token); failed == nil {
			failed = p.Custody.Accept(ctx, of.Registration.For(token.Account.ID), token)
		}
	}
	if failed == nil {
		a.Who, a.Scopes = token.Account, token.Scopes
		if code, failed = p.draw("sc_"); failed == nil {
			a.Code = fingerprint(code)
		}
	}
	if failed != nil {
		p.blame(ctx, &a, failed)
	}
	err := p.Persons.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if a.Problem == "" && a.ReturnTo == "" { // an operator's link: nobody else takes them
			a.TakenAt, a.Code = tx.Now(), ""
			if err := p.put(ctx, tx, a); err != nil {
				return err
			}
		}
		return p.Persons.EndSignIn(ctx, tx, a)
	})
	if err != nil {
		p.Log.Error("writing down a sign-in", "sign_in", a.ID, "reason", err)
		return "", http.StatusServiceUnavailable, pageUnwritten
	}
	if a.Problem == "" && a.ReturnTo == "" {
		p.moved(ctx)
	}
	switch {
	case a.ReturnTo != "":
		return returnTo(a, code), 0, pageSignedIn
	case a.Problem != "":
		return "", http.StatusOK, a.Say + "\n" + a.Do
	}
	return "", http.StatusOK, pageSignedIn
}

// blame writes down why nobody is signed in; where an administrator must consent,
// the link for them.
func (p *Reception) blame(ctx context.Context, a *graphwarden.SignInAttempt, failed error) {
	a.Problem, a.Say, a.Do = "api.internal", "Something went wrong inside Graphwarden.", "Begin anew; if it happens again, look into the log of the server."
	var refusal *graphwarden.Refusal
	var later *graphwarden.Later
	switch {
	case errors.As(failed, &refusal):
		a.Problem, a.Say, a.Do = refusal.Code, refusal.Say, refusal.Do
	case errors.As(failed, &later):
		a.Problem, a.Say, a.Do = "api.later", "Microsoft asked to wait.", "Begin anew in a minute."
	}
	p.Log.Warn("a person is not signed in", "sign_in", a.ID, "app", a.App, "code", a.Problem, "reason", failed)
	if a.Problem != "entra.consent_admin" && a.Problem != "entra.consent_missing" {
		return
	}
	of := p.Custody.kept[a.Registration].connection
	if asked, err := p.Ask(ctx, of.Tenant.Name, of.short()); err == nil && asked.Link != "" {
		a.Do = "Send an administrator this link, and begin anew once they have consented: " + asked.Link
	}
}

// merge adds what the person consented to before.
func (p *Reception) merge(ctx context.Context, of Connection, token *entra.Token) error {
	list, err := p.Persons.People(ctx, of.Tenant.Name, of.Registration.Name)
	for _, one := range list {
		if one.Account.ID == token.Account.ID {
			token.Scopes = append(token.Scopes, one.Scopes...)
		}
	}
	slices.Sort(token.Scopes)
	token.Scopes = slices.Compact(token.Scopes)
	return err
}

// opened is what a person's token opens, as Entra says and as the token does.
func opened(t entra.Token) []string {
	seen, _ := entra.Seen(t.Access)
	all := slices.Concat(t.Scopes, seen.Scopes)
	all = slices.DeleteFunc(all, func(s string) bool {
		return slices.Contains([]string{"openid", "profile", "email", "offline_access"}, s)
	})
	slices.Sort(all)
	return slices.Compact(all)
}

// returnTo is the app's page with how it ended. The code comes with the browser
// only: an app that began for one person and sees another's browser come back
// cannot mistake one for the other.
func returnTo(a graphwarden.SignInAttempt, code string) string {
	u, err := url.Parse(a.ReturnTo)
	if err != nil {
		return "" // it was checked when the sign-in began
	}
	q := u.Query()
	q.Set("sign_in", a.ID)
	if a.AppState != "" {
		q.Set("state", a.AppState)
	}
	if code != "" {
		q.Set("code", code)
	} else {
		q.Set("error", a.Problem)
	}
	u.RawQuery = q.Encode()
	return u.String()
}
