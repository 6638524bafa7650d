package entra

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// kept is an attempt as it is written down, to be sealed.
type kept struct {
	Redirect string    `json:"redirect"`
	Scopes   []string  `json:"scopes"`
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Begun    time.Time `json:"begun"`
}

// State is what comes back with the browser.
func (a *Attempt) State() seal.Secret { return a.state }

// Keep gives all that the answer to the attempt is held against, so that another
// process can take it. It is to be sealed.
func (a *Attempt) Keep() (seal.Secret, error) {
	k := kept{Redirect: a.redirect, Scopes: a.scopes, Begun: a.begun}
	a.state.Reveal(func(plain []byte) { k.State = string(plain) })
	a.nonce.Reveal(func(plain []byte) { k.Nonce = string(plain) })
	a.verifier.Reveal(func(plain []byte) { k.Verifier = string(plain) })
	raw, err := json.Marshal(k)
	if err != nil {
		return seal.Secret{}, fmt.Errorf("keeping a sign-in: %w", err)
	}
	defer clear(raw)
	return seal.New(raw), nil
}

// Resume takes up an attempt that Keep gave.
func (e *Entra) Resume(t graphwarden.Tenant, r graphwarden.Registration, c Credential, s seal.Secret) (*Attempt, error) {
	var k kept
	var err error
	s.Reveal(func(plain []byte) { err = json.Unmarshal(plain, &k) })
	if err != nil || k.State == "" || k.Nonce == "" || k.Verifier == "" {
		return nil, fmt.Errorf("taking up a sign-in of %s: what was kept of it is damaged", r.Name)
	}
	return &Attempt{party: party{t, r, c}, redirect: k.Redirect, scopes: k.Scopes, begun: k.Begun,
		state: seal.FromString(k.State), nonce: seal.FromString(k.Nonce), verifier: seal.FromString(k.Verifier)}, nil
}
