package entra

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
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
	notBefore  time.Time
	notAfter   time.Time
	old        [20]byte // the SHA-1 of the certificate, by which Entra lists it
	der        []byte
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
	return &Certificate{key, base64.RawURLEncoding.EncodeToString(sum[:]), c.NotBefore, c.NotAfter, sha1.Sum(c.Raw), c.Raw}, nil
}

// Thumbprint is the SHA-256 of the certificate as Entra names it in x5t#S256:
// base64url without padding.
func (c *Certificate) Thumbprint() string { return c.thumbprint }

// NotAfter is when the certificate expires.
func (c *Certificate) NotAfter() time.Time { return c.notAfter }

// NotBefore is when the certificate's life begins.
func (c *Certificate) NotBefore() time.Time { return c.notBefore }

// Listed says whether a thumbprint in a directory's list is this certificate's.
func (c *Certificate) Listed(thumbprint string) bool {
	raw, err := base64.StdEncoding.DecodeString(thumbprint)
	if err == nil && bytes.Equal(raw, c.old[:]) {
		return true
	}
	return strings.EqualFold(thumbprint, hex.EncodeToString(c.old[:]))
}

// Public is the certificate without its key, as DER.
func (c *Certificate) Public() []byte { return bytes.Clone(c.der) }

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
