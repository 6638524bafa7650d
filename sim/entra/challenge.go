package entra

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra/jwt"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Challenge says which tokens Graph sends back to Entra with a claims challenge
// (continuous access evaluation, graph-facts §1.8): those issued before it, and
// with Context those that do not hold this authentication context. Empty App and
// User stand for any.
type Challenge struct {
	App     string `json:"app,omitempty"`  // client id
	User    string `json:"user,omitempty"` // object id
	Context string `json:"context,omitempty"`
	// All challenges tokens of clients that did not declare that they understand
	// it, too; Graph leaves those alone until they expire.
	All bool      `json:"all,omitempty"`
	At  time.Time `json:"at"`
	Seq uint64    `json:"seq"`
}

// PutChallenge makes a challenge; it stays with the tenant.
func (e *Entra) PutChallenge(tx *state.Tx, c Challenge) {
	c.At, c.Seq = tx.Now(), tx.Seq()
	e.challenges.Put(tx, c.App+"/"+c.User+"/"+c.Context, c)
}

// ClearChallenges ends all of them.
func (e *Entra) ClearChallenges(tx *state.Tx) {
	var keys []string
	for key := range e.challenges.All(tx) {
		keys = append(keys, key)
	}
	for _, key := range keys {
		e.challenges.Delete(tx, key)
	}
}

// Challenged is the rejection of a token that was good and is no more.
type Challenged struct{ claims string }

// Error is what Graph says (graph-facts §1.8).
func (c *Challenged) Error() string {
	return "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp"
}

// Claims is what the client has to ask Entra for, in base64.
func (c *Challenged) Claims() string { return base64.StdEncoding.EncodeToString([]byte(c.claims)) }

// evaluate says whether a token that is valid by itself is challenged.
func (e *Entra) evaluate(tx *state.Tx, c world.Caller) error {
	for _, ch := range e.challenges.All(tx) {
		mine := (ch.App == "" || ch.App == c.AppID) && (ch.User == "" || ch.User == c.User)
		switch {
		case !mine, !c.CAE && !ch.All:
		case ch.Context != "" && !slices.Contains(c.Contexts, ch.Context):
			return &Challenged{fmt.Sprintf(`{"access_token":{"acrs":{"essential":true,"value":%q}}}`, ch.Context)}
		case ch.Context == "" && c.Seq <= ch.Seq:
			return since(ch.At)
		}
	}
	if c.CAE && e.ended(tx, c) {
		return since(tx.Now())
	}
	return nil
}

func since(at time.Time) error {
	return &Challenged{fmt.Sprintf(`{"access_token":{"nbf":{"essential":true,"value":"%d"}}}`, at.Unix())}
}

// ended says whether something happened that ends a token at once: the user or
// the service principal is gone or disabled, or the sign-ins were revoked.
func (e *Entra) ended(tx *state.Tx, c world.Caller) bool {
	principal, ok := e.world.ServicePrincipal(tx, c.AppID)
	if !ok || principal.Doc["accountEnabled"] == false {
		return true
	}
	if !c.Delegated() {
		return false
	}
	user, ok := e.world.User(tx, c.User)
	if !ok || user.Doc["accountEnabled"] == false {
		return true
	}
	revoked, ok := e.world.Revoked.Get(tx, c.User)
	return ok && c.IssuedAt.Before(revoked.Truncate(time.Second))
}

// wishes are what a claims parameter asks for.
type wishes struct {
	AccessToken struct {
		Capabilities struct {
			Values []string `json:"values"`
		} `json:"xms_cc"`
		Context struct {
			Value  string   `json:"value"`
			Values []string `json:"values"`
		} `json:"acrs"`
	} `json:"access_token"`
}

// readClaims reads the claims parameter of a request (graph-facts §1.8).
func readClaims(text string) (w wishes, err error) {
	if text == "" {
		return w, nil
	}
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return w, refuse(90023, invalidRequest, "The claims parameter is not valid JSON.")
	}
	return w, nil
}

func (w wishes) understands() bool { return slices.Contains(w.AccessToken.Capabilities.Values, "cp1") }

// fulfil puts what was asked for into a token.
func (w wishes) fulfil(a jwt.Claims) {
	if w.understands() {
		a["xms_cc"] = []string{"CP1"}
	}
	contexts := w.AccessToken.Context.Values
	if v := w.AccessToken.Context.Value; v != "" {
		contexts = append(contexts, v)
	}
	if len(contexts) > 0 {
		a["acrs"] = contexts
	}
}
