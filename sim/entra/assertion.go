package entra

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/graphwarden/graphwarden/sim/world"
)

// skew is how far the clock of whoever signed an assertion may be off
// (graph-facts §1.9, 700024).
const skew = 5 * time.Minute

// assertionType is the only client_assertion_type (RFC 7523).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// checkAssertion verifies a client assertion: signed with PS256 and x5t#S256, or
// with the older RS256 and x5t, by a certificate that the application has
// uploaded (graph-facts §1.5).
func (e *Entra) checkAssertion(c *call, cl client, assertion string) error {
	if c.form.Get("client_assertion_type") != assertionType {
		return missing("client_assertion_type")
	}
	token, err := jwt.ParseSigned(assertion, []jose.SignatureAlgorithm{jose.PS256, jose.RS256})
	if err != nil || len(token.Headers) != 1 {
		return refuse(50027, invalidClient, "JWT token is invalid or malformed.")
	}
	certificate, problem := e.signer(c, cl, token.Headers[0])
	if problem != nil {
		return problem
	}
	var claims jwt.Claims
	if err := token.Claims(certificate.PublicKey, &claims); err != nil {
		return refuse(700027, invalidClient, "Client assertion failed signature validation.")
	}
	return e.checkClaims(c, cl, claims)
}

// signer finds the certificate that an assertion's header names.
func (e *Entra) signer(c *call, cl client, h jose.Header) (*x509.Certificate, error) {
	long, _ := h.ExtraHeaders["x5t#S256"].(string)
	short, _ := h.ExtraHeaders["x5t"].(string)
	if long == "" && short == "" {
		short = h.KeyID
	}
	expired := false
	for _, holder := range []world.Object{cl.app, cl.principal} {
		for _, up := range world.Certificates(holder) {
			if !sameThumbprint(up.Certificate.Raw, long, short) {
				continue
			}
			if up.Valid(c.now) {
				return up.Certificate, nil
			}
			expired = true
		}
	}
	if expired {
		return nil, refuse(700027, invalidClient, "The certificate used to sign the client assertion is expired or not yet valid on application %s.", cl.id())
	}
	return nil, refuse(700027, invalidClient, "The certificate used to sign the client assertion is not registered on application %s: the key was not found.", cl.id())
}

// sameThumbprint compares a certificate with x5t#S256, or else with x5t. MSAL for
// Go writes them in the other base64 alphabet, which Entra takes as well.
func sameThumbprint(der []byte, long, short string) bool {
	alphabet := strings.NewReplacer("+", "-", "/", "_", "=", "")
	if long != "" {
		sum := sha256.Sum256(der)
		return base64.RawURLEncoding.EncodeToString(sum[:]) == alphabet.Replace(long)
	}
	sum := sha1.Sum(der)
	return base64.RawURLEncoding.EncodeToString(sum[:]) == alphabet.Replace(short)
}

// checkClaims holds an assertion to its client, this endpoint and the time.
func (e *Entra) checkClaims(c *call, cl client, claims jwt.Claims) error {
	switch {
	case !strings.EqualFold(claims.Issuer, cl.id()), !strings.EqualFold(claims.Subject, cl.id()):
		return refuse(700021, invalidClient, "Client assertion application identifier doesn't match 'client_id' parameter.")
	case !e.isAudience(c, claims.Audience):
		return refuse(50027, invalidClient, "JWT token is invalid or malformed: the audience is not this token endpoint.")
	case claims.Expiry == nil:
		return refuse(50027, invalidClient, "JWT token is invalid or malformed: it does not say when it expires.")
	case !c.now.Before(claims.Expiry.Time().Add(skew)),
		claims.NotBefore != nil && c.now.Add(skew).Before(claims.NotBefore.Time()):
		return refuse(700024, invalidClient, "Client assertion is not within its valid time range. Current time: %s, expiry time of assertion: %s.",
			c.now.Format(time.RFC3339), claims.Expiry.Time().UTC().Format(time.RFC3339))
	}
	return nil
}

// isAudience says whether an assertion is meant for this endpoint, by the address
// that it was called at or by Microsoft's.
func (e *Entra) isAudience(c *call, audience jwt.Audience) bool {
	for _, a := range audience {
		u, err := url.Parse(a)
		if err != nil {
			continue
		}
		base := u.Scheme + "://" + u.Host
		name, endpoint, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		m, err := e.realmNamed(name)
		if (base == c.here || base == "https://login.microsoftonline.com") && endpoint == "oauth2/v2.0/token" &&
			err == nil && (m.kind == concrete) == (c.realm.kind == concrete) {
			return true
		}
	}
	return false
}
