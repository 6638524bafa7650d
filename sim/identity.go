package sim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra/jwt"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// identity is what the simulator shows on TLS connections.
type identity struct {
	certificate tls.Certificate
	authority   *x509.Certificate
}

// hosts are the names that the certificate holds: this machine's, and those of
// Microsoft's that clients have built in, so that an entry in the hosts file
// suffices.
func hosts() []string {
	return []string{"localhost", "127.0.0.1", "::1",
		"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net",
		"graph.microsoft.com", "outlook.office365.com", "outlook.office.com", "autodiscover-s.outlook.com"}
}

// loadIdentity gives the tenant's TLS identity. It is kept with the tenant, so
// that clients that trust it go on doing so after a restart.
func (s *Sim) loadIdentity(further []string) (identity, error) {
	names := append(hosts(), further...)
	k, err := s.World.KeyFor("tls "+strings.Join(names, " "), func(*state.Tx) (world.Key, error) { return newIdentity(names) })
	if err != nil {
		return identity{}, err
	}
	signer, err := k.Signer()
	if err != nil {
		return identity{}, err
	}
	authority, err := x509.ParseCertificate(k.Issuers[0])
	if err != nil {
		return identity{}, fmt.Errorf("reading the certificate authority: %w", err)
	}
	return identity{tls.Certificate{Certificate: [][]byte{k.Certificate, k.Issuers[0]}, PrivateKey: signer}, authority}, nil
}

// newIdentity makes a certificate authority and one certificate by it. The
// authority's key is forgotten at once: whoever trusts the authority trusts this
// simulator and nothing that anybody could make later. Both are good for any
// clock that tests run on.
func newIdentity(names []string) (world.Key, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return world.Key{}, err
	}
	ca, err := template("Graphwarden simulator")
	if err != nil {
		return world.Key{}, err
	}
	ca.IsCA, ca.BasicConstraintsValid, ca.MaxPathLenZero = true, true, true
	ca.KeyUsage = x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return world.Key{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return world.Key{}, err
	}
	leaf, err := template(names[0])
	if err != nil {
		return world.Key{}, err
	}
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		return world.Key{}, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	return world.Key{PKCS8: pkcs8, Certificate: der, Issuers: [][]byte{caDER}}, err
}

func template(name string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	return &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}, err
}

// Authority is the certificate that clients have to trust.
func (s *Sim) Authority() *x509.Certificate { return s.identity.authority }

// AppCertificate gives the delivered calendar app's certificate and private key
// as PEM. They are made when they are asked for first.
func (s *Sim) AppCertificate() ([]byte, error) {
	k, err := s.World.KeyFor(world.CalendarCertificate, func(tx *state.Tx) (world.Key, error) {
		k, err := jwt.Draw(world.CalendarCertificate, tx.Now())
		if err != nil {
			return k, err
		}
		for _, a := range s.apps {
			if app, ok := s.World.Application(tx, a.ClientID); ok && a.Name == world.CalendarCertificate {
				_, err = s.World.AddCertificate(tx, app, "delivered", k.Certificate)
			}
		}
		return k, err
	})
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: k.Certificate}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: k.PKCS8})...), nil
}
