package entra

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Rejection is what Graph says about a token that does not work
// (graph-facts §2.1).
type Rejection string

// The rejections.
const (
	ErrExpired   Rejection = "Lifetime validation failed, the token is expired."
	ErrMalformed Rejection = "CompactToken parsing failed."
	ErrAudience  Rejection = "Access token validation failure. Invalid audience."
)

// Error is the rejection's text.
func (r Rejection) Error() string { return string(r) }

// verified remembers the tokens that were found good, because verifying one
// costs more than most requests.
type verified struct {
	mu     sync.Mutex
	tokens map[string]world.Caller
}

// rememberedTokens bounds that memory; when it is full it starts anew.
const rememberedTokens = 1000

func (v *verified) get(token string) (world.Caller, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c, ok := v.tokens[token]
	return c, ok
}

func (v *verified) put(token string, c world.Caller) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tokens == nil || len(v.tokens) >= rememberedTokens {
		v.tokens = map[string]world.Caller{}
	}
	v.tokens[token] = c
}

// Verify says for whom an access token for Microsoft Graph speaks. It fails with
// ErrMalformed, ErrAudience, ErrExpired or *Challenged, whose texts are Graph's.
func (e *Entra) Verify(token string) (world.Caller, error) {
	return e.verify(token, world.GraphAppID)
}

// VerifyExchange says for whom an access token for Exchange Online speaks, and
// fails as Verify does.
func (e *Entra) VerifyExchange(token string) (world.Caller, error) {
	return e.verify(token, world.ExchangeAppID)
}

func (e *Entra) verify(token, resource string) (world.Caller, error) {
	c, ok := e.verified.get(token)
	if !ok {
		var err error
		if c, err = e.read(token, resource); err != nil {
			return world.Caller{}, err
		}
		e.verified.put(token, c)
	} else if c.Resource != resource {
		return world.Caller{}, ErrAudience
	}
	now := e.world.Clock().Now()
	if !now.Before(c.ExpiresAt) || now.Add(skew).Before(c.IssuedAt) {
		return world.Caller{}, ErrExpired
	}
	return c, e.world.View(func(tx *state.Tx) error { return e.evaluate(tx, c) })
}

// tokenClaims are the claims that a Caller is made of.
type tokenClaims struct {
	Audience string   `json:"aud"`
	Tenant   string   `json:"tid"`
	Issued   int64    `json:"iat"`
	Expires  int64    `json:"exp"`
	ID       string   `json:"uti"`
	AppID    string   `json:"appid"`
	AppName  string   `json:"app_displayname"`
	OID      string   `json:"oid"`
	Kind     string   `json:"idtyp"`
	Scopes   string   `json:"scp"`
	Roles    []string `json:"roles"`
	Wids     []string `json:"wids"`
	Knows    []string `json:"xms_cc"`
	Contexts []string `json:"acrs"`
	Seq      uint64   `json:"xms_seq"`
}

// read makes a caller of a token whose signature and audience are right.
func (e *Entra) read(token, resource string) (world.Caller, error) {
	t, err := e.check(token)
	if err != nil {
		return world.Caller{}, err
	}
	c := t.caller()
	err = e.world.View(func(tx *state.Tx) error {
		of := e.resource(tx, t.Audience+"/.default")
		if c.Resource = world.Text(of.Doc, "appId"); c.Resource != resource || !goesBy(of, t.Audience) {
			return ErrAudience
		}
		principal, _ := e.world.ServicePrincipal(tx, t.AppID)
		c.Principal = principal.ID
		return nil
	})
	if err != nil {
		return world.Caller{}, err
	}
	return c, nil
}

// check verifies a token's signature.
func (e *Entra) check(token string) (t tokenClaims, err error) {
	key, err := e.key()
	if err != nil {
		return t, err
	}
	raw, err := key.Verify(token)
	if err != nil {
		return t, ErrMalformed
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return t, ErrMalformed
	}
	return t, nil
}

func (t tokenClaims) caller() world.Caller {
	c := world.Caller{TokenID: t.ID, Tenant: t.Tenant, AppID: t.AppID, AppName: t.AppName,
		Audience: t.Audience, IssuedAt: time.Unix(t.Issued, 0).UTC(), ExpiresAt: time.Unix(t.Expires, 0).UTC(),
		CAE: slices.Contains(t.Knows, "CP1"), Contexts: t.Contexts, Seq: t.Seq}
	if t.Kind == "user" {
		c.User, c.Scopes, c.DirRoles = t.OID, strings.Fields(t.Scopes), t.Wids
		return c
	}
	c.Roles = t.Roles
	c.DirRoles = slices.DeleteFunc(t.Wids, func(w string) bool { return w == applicationWid })
	return c
}
