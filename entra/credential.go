package entra

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"log/slog"
	"time"

	"github.com/graphwarden/graphwarden/seal"
)

// Credential is how a registration proves itself: a client secret, or a
// certificate whose public part was uploaded to the registration.
type Credential struct {
	Secret      seal.Secret
	Certificate *Certificate // takes precedence when set
}

// Certificate is a certificate with its private key. It prints as its thumbprint.
type Certificate struct {
	key        *rsa.PrivateKey
	thumbprint string
	notAfter   time.Time
}

// NewCertificate joins a certificate with its key, which must belong to it and be
// of at least 2048 bits (graph-facts §1.5).
func NewCertificate(c *x509.Certificate, key *rsa.PrivateKey) (*Certificate, error) {
	if !key.PublicKey.Equal(c.PublicKey) {
		return nil, fmt.Errorf("the private key does not belong to the certificate")
	}
	if bits := key.N.BitLen(); bits < 2048 {
		return nil, fmt.Errorf("the key has %d bits, Entra wants 2048 or more", bits)
	}
	sum := sha256.Sum256(c.Raw)
	return &Certificate{key, base64.RawURLEncoding.EncodeToString(sum[:]), c.NotAfter}, nil
}

// Thumbprint is the SHA-256 of the certificate as Entra names it in x5t#S256:
// base64url without padding.
func (c *Certificate) Thumbprint() string { return c.thumbprint }

// NotAfter is when the certificate expires.
func (c *Certificate) NotAfter() time.Time { return c.notAfter }

// Format keeps the key silent under every verb.
func (c *Certificate) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "[certificate %s]", c.thumbprint)
}

// LogValue keeps the key silent in logs.
func (c *Certificate) LogValue() slog.Value {
	return slog.StringValue("[certificate " + c.thumbprint + "]")
}

// MarshalJSON keeps the key silent in JSON.
func (c *Certificate) MarshalJSON() ([]byte, error) {
	return []byte(`"[certificate]"`), nil
}
