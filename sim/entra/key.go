package entra

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// signingKey signs the tenant's tokens.
type signingKey struct {
	id      string // kid and x5t: the certificate's SHA-1 thumbprint
	private *rsa.PrivateKey
	chain   []*x509.Certificate
}

// loadKey gives the tenant's signing key. It is kept with the tenant, so that
// tokens stay valid when the simulator is started again.
func (e *Entra) loadKey() (signingKey, error) {
	k, err := e.world.KeyFor("entra.tokens", func(tx *state.Tx) (world.Key, error) { return NewKey("accounts.accesscontrol.windows.net", tx.Now()) })
	if err != nil {
		return signingKey{}, err
	}
	signer, err := k.Signer()
	if err != nil {
		return signingKey{}, err
	}
	private, ok := signer.(*rsa.PrivateKey)
	if !ok {
		return signingKey{}, fmt.Errorf("the key for tokens is a %T", signer)
	}
	c, err := x509.ParseCertificate(k.Certificate)
	if err != nil {
		return signingKey{}, fmt.Errorf("reading the certificate for tokens: %w", err)
	}
	thumbprint := sha1.Sum(c.Raw)
	return signingKey{base64.RawURLEncoding.EncodeToString(thumbprint[:]), private, []*x509.Certificate{c}}, nil
}

// NewKey draws an RSA key with a certificate of its own for that name, good for
// five years from a day before now.
func NewKey(name string, now time.Time) (world.Key, error) {
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
