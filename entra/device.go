package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/seal"
)

// Device is a sign-in by device code under way: a person enters UserCode at
// Address, on any device (RFC 8628).
type Device struct {
	UserCode string
	Address  string
	Until    time.Time

	party  party
	scopes []string
	code   seal.Secret
	every  time.Duration
}

// ErrPending says that the person has not signed in yet.
var ErrPending = errors.New("the person has not signed in yet")

// BeginDevice asks for a device code.
func (e *Entra) BeginDevice(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c Credential, scopes []string) (*Device, error) {
	p := party{t, r, c}
	begun := e.now()
	answer, body, err := e.post(ctx, p, flow.RequestDeviceCode(), url.Values{"scope": {scopeText(scopes)}})
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, problem(answer, body, situation{party: p, now: e.now()})
	}
	var told struct {
		Code     string `json:"device_code"`
		UserCode string `json:"user_code"`
		Address  string `json:"verification_uri"`
		Seconds  int64  `json:"expires_in"`
		Interval int64  `json:"interval"`
	}
	if json.Unmarshal(body, &told) != nil || told.Code == "" || told.UserCode == "" || told.Seconds <= 0 {
		return nil, strange(r, fmt.Errorf("an answer of %d bytes in place of a device code", len(body)))
	}
	clear(body)
	if u, err := url.Parse(told.Address); err != nil || u.Scheme != "https" {
		return nil, strange(r, fmt.Errorf("the page to enter the code at is %q", told.Address))
	}
	return &Device{
		UserCode: told.UserCode, Address: told.Address, Until: begun.Add(time.Duration(told.Seconds) * time.Second),
		party: p, scopes: scopes, code: seal.FromString(told.Code), every: max(time.Duration(told.Interval), 1) * time.Second,
	}, nil
}

// Every is how long to wait between two polls.
func (d *Device) Every() time.Duration { return d.every }

// Poll asks once whether the person has signed in. Before, it gives ErrPending;
// the caller waits for Every between polls, which grows when Entra says so.
func (e *Entra) Poll(ctx context.Context, d *Device) (Token, error) {
	if e.now().After(d.Until) {
		return Token{}, late()
	}
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}}
	d.code.Reveal(func(plain []byte) { form.Set("device_code", string(plain)) })
	asked := e.now()
	answer, body, err := e.post(ctx, d.party, flow.ObtainToken(), form)
	if err != nil {
		return Token{}, err
	}
	if answer.Status != http.StatusOK {
		return Token{}, d.waits(answer.Status, body, func() error {
			return problem(answer, body, situation{party: d.party, now: e.now()})
		})
	}
	got, err := read(body, d.party.registration, asked)
	if err != nil {
		return Token{}, err
	}
	return e.signedIn(got, d.party, seal.Secret{})
}

// waits tells "not yet" from a refusal (RFC 8628 §3.5).
func (d *Device) waits(status int, body []byte, otherwise func() error) error {
	var told struct {
		Error string `json:"error"`
	}
	if status == http.StatusBadRequest && json.Unmarshal(body, &told) == nil {
		switch told.Error {
		case "authorization_pending":
			return ErrPending
		case "slow_down":
			d.every += 5 * time.Second
			return ErrPending
		}
	}
	return otherwise()
}
