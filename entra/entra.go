package entra

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/seal"
)

// answerLimit is far more than any token answer holds.
const answerLimit = 1 << 20

// Entra speaks with the token endpoints of tenants. It may be used by any number
// of goroutines.
type Entra struct {
	gate *gate.Gate
	now  func() time.Time

	mu     sync.Mutex // guards random
	random io.Reader
}

// New makes an Entra whose calls pass the gate. The random bytes make the ids of
// assertions.
func New(g *gate.Gate, now func() time.Time, random io.Reader) *Entra {
	return &Entra{gate: g, now: now, random: random}
}

// Token is an access token and when it expires.
type Token struct {
	Access    seal.Secret
	ExpiresAt time.Time
}

// Obtain gets a new token for Microsoft Graph with every application permission
// that was consented to. A credential that does not work is a
// *graphwarden.Refusal of kind Credential, "not now" a *graphwarden.Later.
func (e *Entra) Obtain(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c Credential) (Token, error) {
	asked := e.now()
	form, err := e.form(t, r, c, asked)
	if err != nil {
		return Token{}, fmt.Errorf("writing the token request of %s: %w", r.Name, err)
	}
	answer, err := e.gate.Do(ctx, gate.Call{
		App: graphwarden.House, Flow: flow.ForSignIn(r).Name,
		Operation: flow.ObtainToken(), Args: flow.Args{"tenant": t.ID},
		Body: form,
	})
	clear(form)
	if err != nil {
		return Token{}, fmt.Errorf("obtaining a token for %s: %w", r.Name, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	if err != nil {
		return Token{}, fmt.Errorf("obtaining a token for %s: %w", r.Name, err)
	}
	if answer.Status != http.StatusOK {
		return Token{}, problem(answer, body, situation{tenant: t, registration: r, credential: c, now: e.now()})
	}
	return read(body, r, asked)
}

// form writes the request's body (graph-facts §1.2). It is wiped once sent.
func (e *Entra) form(t graphwarden.Tenant, r graphwarden.Registration, c Credential, now time.Time) ([]byte, error) {
	form := url.Values{
		"grant_type": {"client_credentials"},
		"client_id":  {r.ClientID},
		// By its id, Graph has one name in every cloud (graph-facts §1.7).
		"scope": {catalog.MicrosoftGraph + "/.default"},
	}
	if c.Certificate == nil {
		c.Secret.Reveal(func(plain []byte) { form.Set("client_secret", string(plain)) })
		return []byte(form.Encode()), nil
	}
	id, err := e.newID()
	if err != nil {
		return nil, err
	}
	endpoint := t.Cloud.Login + strings.Replace(flow.ObtainToken().Template(), "{tenant}", t.ID, 1)
	signed, err := c.Certificate.assertion(r.ClientID, endpoint, id, now)
	if err != nil {
		return nil, fmt.Errorf("making the assertion: %w", err)
	}
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", signed)
	return []byte(form.Encode()), nil
}

// newID makes the id that keeps an assertion from being used twice.
func (e *Entra) newID() (string, error) {
	var b [16]byte
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := io.ReadFull(e.random, b[:]); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// read takes the token out of Entra's answer. Its life is counted from before
// the request, so that it never seems to live longer than it does.
func read(body []byte, r graphwarden.Registration, asked time.Time) (Token, error) {
	var answer struct {
		Type    string `json:"token_type"`
		Seconds int64  `json:"expires_in"`
		Access  string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Token{}, strange(r, fmt.Errorf("reading a token answer of %d bytes: %w", len(body), err))
	}
	clear(body)
	if !strings.EqualFold(answer.Type, "Bearer") || answer.Access == "" || answer.Seconds <= 0 {
		return Token{}, strange(r, fmt.Errorf("a token answer of type %q for %d seconds", answer.Type, answer.Seconds))
	}
	return Token{
		Access:    seal.FromString(answer.Access),
		ExpiresAt: asked.Add(time.Duration(answer.Seconds) * time.Second),
	}, nil
}
