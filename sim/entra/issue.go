package entra

import (
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra/jwt"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// AppToken issues an application's own access token for Microsoft Graph, as the
// token endpoint would, that lives as long as life says.
func (e *Entra) AppToken(appID string, life time.Duration) (string, error) {
	return e.tokenFor(appID, "", graphURI, life)
}

// UserToken issues an access token for Microsoft Graph that an application holds
// in the name of a user.
func (e *Entra) UserToken(appID, user string, life time.Duration) (string, error) {
	return e.tokenFor(appID, user, graphURI, life)
}

// ExchangeToken issues an access token for Exchange Online: an application's own
// or, with a user, one that it holds in that user's name.
func (e *Entra) ExchangeToken(appID, user string, life time.Duration) (string, error) {
	return e.tokenFor(appID, user, "https://outlook.office365.com", life)
}

func (e *Entra) tokenFor(appID, user, audience string, life time.Duration) (string, error) {
	made := issue{life: life}
	err := e.world.View(func(tx *state.Tx) error {
		c := &call{tx: tx, now: tx.Now()}
		cl, err := e.findClient(tx, realm{kind: concrete}, appID)
		if err != nil {
			return err
		}
		cl.proof = secretProof
		s := subject{client: cl, signedIn: c.now, session: e.drawText(c)}
		if user != "" {
			if s.user, err = e.activeUser(c, user, c.now); err != nil {
				return err
			}
		}
		made.access = e.accessClaims(c, s, audience, life)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("issuing a token for %s: %w", appID, err)
	}
	body, err := e.write(made)
	if err != nil {
		return "", fmt.Errorf("issuing a token for %s: %w", appID, err)
	}
	return body["access_token"].(string), nil
}

// changeTracking is the application that signs notifications with resource data:
// Microsoft Graph Change Tracking (graph-facts §4.6).
const changeTracking = "0bf30f3b-4a52-48df-9a82-234910c4a086"

// ValidationToken issues the token by which an application knows that a
// notification with resource data comes from Microsoft Graph (graph-facts §4.6).
func (e *Entra) ValidationToken(appID string) (string, error) {
	key, err := e.key()
	if err != nil {
		return "", err
	}
	now := e.world.Clock().Now()
	return key.Sign(jwt.Claims{"aud": appID, "iss": e.issuer(), "tid": e.world.TenantID, "appid": changeTracking, "appidacr": "2",
		"idtyp": "app", "ver": "1.0", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(idTokenLife).Unix(),
		"uti": world.StableID(e.traces.Add(1), "uti", now.String())})
}

// issuer is the issuer of tokens of version 1.
func (e *Entra) issuer() string { return "https://sts.windows.net/" + e.world.TenantID + "/" }
