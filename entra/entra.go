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
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/seal"
)

// answerLimit is far more than any token answer holds.
const answerLimit = 1 << 20

// Entra speaks with the endpoints of tenants. It may be used by any number of
// goroutines.
type Entra struct {
	gate *gate.Gate
	now  func() time.Time

	mu     sync.Mutex // guards random
	random io.Reader
}

// New makes an Entra whose calls pass the gate. The random bytes make the ids of
// assertions, and the state, nonce and verifier of sign-ins.
func New(g *gate.Gate, now func() time.Time, random io.Reader) *Entra {
	return &Entra{gate: g, now: now, random: random}
}

// Token is an access token and when it expires. A person's comes with a refresh
// token, and when the person has just signed in, with who it was.
type Token struct {
	Access    seal.Secret
	Refresh   seal.Secret // empty for an app's own token
	ExpiresAt time.Time
	Account   graphwarden.Account
	TenantID  string // the directory's GUID, when a person has just signed in
	// Scopes are the delegated permissions of Graph that a person's token opens.
	Scopes []string
}

// party is who asks Entra for something: a registration in its tenant with its
// credential.
type party struct {
	tenant       graphwarden.Tenant
	registration graphwarden.Registration
	credential   Credential
}

// post sends a form to one of the tenant's endpoints and gives the answer with
// its body. The form is wiped once sent.
func (e *Entra) post(ctx context.Context, p party, op flow.Operation, form url.Values) (*gate.Answer, []byte, error) {
	if err := e.prove(form, p); err != nil {
		return nil, nil, fmt.Errorf("writing the request of %s: %w", p.registration.Name, err)
	}
	text := []byte(form.Encode())
	answer, err := e.gate.Do(ctx, gate.Call{
		App: graphwarden.House, Flow: flow.ForSignIn(p.registration).Name,
		Operation: op, Args: flow.Args{"tenant": p.tenant.ID},
		Body: text,
	})
	clear(text)
	if err != nil {
		return nil, nil, fmt.Errorf("asking Entra for %s: %w", p.registration.Name, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	if err != nil {
		return nil, nil, fmt.Errorf("asking Entra for %s: %w", p.registration.Name, err)
	}
	return answer, body, nil
}

// ask sends a form to the token endpoint and reads the token, which must be of
// the kind that was asked for.
func (e *Entra) ask(ctx context.Context, p party, form url.Values) (granted, error) {
	asked := e.now()
	answer, body, err := e.post(ctx, p, flow.ObtainToken(), form)
	if err != nil {
		return granted{}, err
	}
	if answer.Status != http.StatusOK {
		return granted{}, problem(answer, body, situation{party: p, now: e.now()})
	}
	return read(body, p.registration, asked)
}

// prove adds who asks, and its proof: a secret, a signed assertion, or nothing
// for a public client (graph-facts §1.2, §1.5).
func (e *Entra) prove(form url.Values, p party) error {
	form.Set("client_id", p.registration.ClientID)
	if p.credential.Certificate == nil {
		if !p.credential.Secret.Empty() {
			p.credential.Secret.Reveal(func(plain []byte) { form.Set("client_secret", string(plain)) })
		}
		return nil
	}
	id, err := e.draw(16)
	if err != nil {
		return err
	}
	endpoint := p.tenant.Cloud.Login + strings.Replace(flow.ObtainToken().Template(), "{tenant}", p.tenant.ID, 1)
	signed, err := p.credential.Certificate.assertion(p.registration.ClientID, endpoint, hex.EncodeToString(id), e.now())
	if err != nil {
		return fmt.Errorf("making the assertion: %w", err)
	}
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", signed)
	return nil
}

// draw gives random bytes.
func (e *Entra) draw(n int) ([]byte, error) {
	b := make([]byte, n)
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := io.ReadFull(e.random, b); err != nil {
		return nil, fmt.Errorf("reading random bytes: %w", err)
	}
	return b, nil
}

// granted is a token answer, with the id token that may be part of it.
type granted struct {
	Token
	id seal.Secret // the id token as it came
}

// read takes the token out of Entra's answer. Its life is counted from before
// the request, so that it never seems to live longer than it does.
func read(body []byte, r graphwarden.Registration, asked time.Time) (granted, error) {
	var answer struct {
		Type    string `json:"token_type"`
		Seconds int64  `json:"expires_in"`
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		ID      string `json:"id_token"`
		Scope   string `json:"scope"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return granted{}, strange(r, fmt.Errorf("reading a token answer of %d bytes: no JSON", len(body)))
	}
	clear(body)
	if !strings.EqualFold(answer.Type, "Bearer") || answer.Access == "" || answer.Seconds <= 0 {
		return granted{}, strange(r, fmt.Errorf("a token answer of type %q for %d seconds", answer.Type, answer.Seconds))
	}
	return granted{Token: Token{
		Access:    seal.FromString(answer.Access),
		Refresh:   seal.FromString(answer.Refresh),
		ExpiresAt: asked.Add(time.Duration(answer.Seconds) * time.Second),
		Scopes:    scopesOf(answer.Scope),
	}, id: seal.FromString(answer.ID)}, nil
}
