package connect

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
)

const (
	// ConsentPath is where administrators come back to at the gateway's own address.
	ConsentPath = "/connect/consent"
	// consentLife is how long a link may be answered: it is sent to somebody who may
	// be back tomorrow.
	consentLife = 48 * time.Hour
)

// Consents keep what administrators are asked, and their answers.
type Consents interface {
	PutConsent(ctx context.Context, tx graphwarden.Tx, c graphwarden.Consent) error
	AnswerConsent(ctx context.Context, tx graphwarden.Tx, state, problem string) (before graphwarden.Consent, taken bool, err error)
	LastConsent(ctx context.Context, tenant, registration string) (graphwarden.Consent, error)
}

// Asked is a link at which an administrator consents. Without a public address at
// which a server receives the answer, there is none.
type Asked struct {
	Link  string    `json:"link,omitempty"`
	Until time.Time `json:"until"`
}

// Answered is the last answer of an administrator.
type Answered struct {
	At      *time.Time `json:"at"`                // nil: none yet
	Problem string     `json:"problem,omitempty"` // why it was not given
}

// AskConsent makes a link to send to an administrator of the tenant. Its answer
// comes to this gateway, or to another process on the same store.
func (d *Desk) AskConsent(ctx context.Context, tenant, registration string) (Asked, error) {
	c, err := d.find(tenant, registration)
	if err != nil || d.Consents == nil || d.Public == "" {
		return Asked{}, err
	}
	var random [32]byte
	if _, err := io.ReadFull(d.Random, random[:]); err != nil {
		return Asked{}, fmt.Errorf("drawing a state: %w", err)
	}
	state := base64.RawURLEncoding.EncodeToString(random[:])
	asked := Asked{Link: entra.ConsentLink(c.Tenant, c.Registration.ClientID, d.Public, state), Until: d.Now().Add(consentLife)}
	return asked, d.Custody.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return d.Consents.PutConsent(ctx, tx, graphwarden.Consent{State: fingerprint(state), Tenant: tenant, Registration: c.Registration.Name, Until: asked.Until})
	})
}

// fingerprint is how a state lies in the store: who reads that answers nothing.
func fingerprint(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

// LastConsent tells what an administrator answered last.
func (d *Desk) LastConsent(ctx context.Context, tenant, registration string) (Answered, error) {
	c, err := d.find(tenant, registration)
	if err != nil || d.Consents == nil {
		return Answered{}, err
	}
	last, err := d.Consents.LastConsent(ctx, tenant, c.Registration.Name)
	return Answered{At: moment(last.AnsweredAt), Problem: last.Problem}, err
}

// The answers that the page gives.
const (
	pageGiven = `Thank you: the consent has arrived at Graphwarden.
Microsoft needs up to some minutes to know it everywhere. You may close this window.`
	pageDeclined = `No consent was given. Entra says: %s.
Nothing has changed. An administrator's role is needed to consent; ask for a new link to try again.`
	pageUsed = `This link was answered before, and answers only once.
Nothing was done now. If something is still missing, ask for a new link.`
	pageLate = `This link is too old.
What was consented to at Microsoft holds, and Graphwarden finds it when it looks the next time. Ask for a new link if something is still missing.`
	pageStrange = `This is not the answer to a question of Graphwarden's.
Nothing was done. Open the link that you were sent in one piece, or ask for a new one.`
)

// ServeHTTP takes the answer that an administrator's browser brings, and says in
// plain words what happened. What the answer claims is not believed: the sign-in
// that follows shows what was granted.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, text := http.StatusBadRequest, pageStrange
	if state, problem, readable := readConsent(r); readable {
		var err error
		if status, text, err = d.answer(r.Context(), state, problem); err != nil {
			status, text = http.StatusServiceUnavailable, "Graphwarden could not write this down. Load this page again in a minute."
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text) // a browser that is gone is told nothing
}

// readConsent reads the answer that Entra sends with the browser.
func readConsent(r *http.Request) (state, problem string, readable bool) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || r.Method != http.MethodGet || len(r.URL.RawQuery) > 8<<10 || len(q["state"]) != 1 || len(q["error"]) > 1 || len(q["admin_consent"]) > 1 {
		return "", "", false
	}
	problem = q.Get("error")
	if problem == "" && !strings.EqualFold(q.Get("admin_consent"), "true") {
		return "", "", false
	}
	if problem != "" && !regexp.MustCompile(`^[a-z_]{1,40}$`).MatchString(problem) {
		problem = "something that is not understood" // it is shown to people
	}
	return q.Get("state"), problem, true
}

// answer writes an answer down, once and in time, with the ledger's entry of it.
// Refusals from before are not believed any more, in any process.
func (d *Desk) answer(ctx context.Context, state, problem string) (status int, text string, err error) {
	var before graphwarden.Consent
	var taken bool
	err = d.Custody.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		before, taken, err = d.Consents.AnswerConsent(ctx, tx, fingerprint(state), problem)
		k := d.Custody.kept[before.Registration]
		if err != nil || !taken || k == nil {
			return err
		}
		s, err := d.Custody.Standings.StandingIn(ctx, tx, before.Tenant, before.Registration)
		if err != nil {
			return err
		}
		s.Mark++
		if err := d.Custody.Standings.PutStanding(ctx, tx, s); err != nil {
			return err
		}
		said := problem
		if said == "" {
			said = "given"
		}
		return d.Custody.note(ctx, tx, k.connection, "connection.consent", said)
	})
	switch {
	case err != nil:
		return 0, "", err
	case before.State == "":
		return http.StatusBadRequest, pageStrange, nil
	case !before.AnsweredAt.IsZero():
		return http.StatusConflict, pageUsed, nil
	case !taken:
		return http.StatusGone, pageLate, nil
	case problem != "":
		return http.StatusOK, fmt.Sprintf(pageDeclined, problem), nil
	}
	return http.StatusOK, pageGiven, nil
}
