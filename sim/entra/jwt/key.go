// Package jwt signs and verifies the tokens of simulated Entra. It promises that
// a token which verifies was signed with the tenant's key, and that an access
// token for Microsoft Graph verifies for nobody who goes by the published keys
// alone. It does not know what the claims mean.
package jwt

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/graphwarden/graphwarden/sim/world"
)

// Key signs a tenant's tokens.
type Key struct {
	id      string // kid and x5t: the certificate's SHA-1 thumbprint
	private *rsa.PrivateKey
	chain   []*x509.Certificate
}

// Draw makes an RSA key with a certificate of its own for that name, good for
// five years from a day before now.
func Draw(name string, now time.Time) (world.Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return world.Key{}, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return world.Key{}, err
	}
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		return world.Key{}, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	return world.Key{PKCS8: pkcs8, Certificate: der}, err
}

// Read makes a key of what Draw drew.
func Read(k world.Key) (Key, error) {
	signer, err := k.Signer()
	if err != nil {
		return Key{}, err
	}
	private, ok := signer.(*rsa.PrivateKey)
	if !ok {
		return Key{}, fmt.Errorf("the key for tokens is a %T", signer)
	}
	c, err := x509.ParseCertificate(k.Certificate)
	if err != nil {
		return Key{}, fmt.Errorf("reading the certificate for tokens: %w", err)
	}
	thumbprint := sha1.Sum(c.Raw)
	return Key{base64.RawURLEncoding.EncodeToString(thumbprint[:]), private, []*x509.Certificate{c}}, nil
}

// Public is the key as Entra publishes it (graph-facts §1.1): kid and x5t are the
// same, and the issuer is named.
func (k Key) Public(issuer string) (map[string]any, error) {
	raw, err := (&jose.JSONWebKey{Key: k.private.Public(), KeyID: k.id, Use: "sig", Certificates: k.chain}).MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("writing the public key: %w", err)
	}
	entry := map[string]any{}
	if err := json.Unmarshal(raw, &entry); err != nil {
		return nil, fmt.Errorf("writing the public key: %w", err)
	}
	delete(entry, "x5t#S256")
	entry["x5t"], entry["issuer"] = k.id, issuer
	return entry, nil
}
