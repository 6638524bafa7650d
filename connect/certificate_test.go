package connect_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
)

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

var expiry = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// pair makes a self-signed certificate for a key, both in PEM.
func pair(t *testing.T, key crypto.Signer) (certificate, pkcs8 string) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "graphwarden"},
		NotBefore: time.Unix(0, 0), NotAfter: expiry,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return block("CERTIFICATE", der), block("PRIVATE KEY", private)
}

func newRSA(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestCertificateFilesLoadOrSayWhatIsWrong(t *testing.T) {
	key, other := newRSA(t, 2048), newRSA(t, 2048)
	elliptic256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate, pkcs8 := pair(t, key)
	_, othersKey := pair(t, other)
	ecCertificate, ecKey := pair(t, elliptic256)
	sec1, err := x509.MarshalECPrivateKey(elliptic256)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	encrypted := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte("x"),
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}}))
	weakCertificate, weakKey := pair(t, newRSA(t, 1024))
	for _, test := range []struct {
		situation string
		content   string
		now       time.Time
		code      string // "" when it loads
	}{
		{"certificate and PKCS #8", certificate + pkcs8, expiry, ""},
		{"key first", pkcs8 + certificate, expiry, ""},
		{"PKCS #1", certificate + pkcs1, expiry, ""},
		{"with a chain and text", "Bag Attributes\n" + certificate + "subject=x\n" + pkcs8 + weakCertificate, expiry, ""},
		{"with parameters", block("DH PARAMETERS", []byte("x")) + certificate + pkcs8, expiry, ""},
		{"expired", certificate + pkcs8, expiry.Add(time.Second), "connect.certificate_expired"},
		{"no key", certificate, expiry, "connect.key_missing"},
		{"no certificate", pkcs8, expiry, "connect.certificate_missing"},
		{"another's key", certificate + othersKey, expiry, "connect.certificate_key"},
		{"a weak key", weakCertificate + weakKey, expiry, "connect.certificate_key"},
		{"an elliptic key", ecCertificate + ecKey, expiry, "connect.key_not_rsa"},
		{"an elliptic key in its old form", ecCertificate + block("EC PRIVATE KEY", sec1), expiry, "connect.key_not_rsa"},
		{"an encrypted key", certificate + block("ENCRYPTED PRIVATE KEY", []byte("x")), expiry, "connect.key_encrypted"},
		{"a key encrypted the old way", certificate + encrypted, expiry, "connect.key_encrypted"},
		{"a damaged certificate", block("CERTIFICATE", []byte("x")) + pkcs8, expiry, "connect.certificate_damaged"},
		{"a damaged key", certificate + block("PRIVATE KEY", []byte("x")), expiry, "connect.certificate_damaged"},
		{"a damaged old key", certificate + block("RSA PRIVATE KEY", []byte("x")), expiry, "connect.certificate_damaged"},
		{"a PFX", "\x30\x82\x0a\x41", expiry, "connect.certificate_not_pem"},
		{"an empty file", "", expiry, "connect.certificate_not_pem"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "main.pem")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			loaded, err := connect.LoadCertificate(path, test.now)
			if test.code == "" {
				if err != nil || loaded.Thumbprint() == "" || !loaded.NotAfter().Equal(expiry) {
					t.Fatalf("loaded %v, %v", loaded, err)
				}
				return
			}
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Code != test.code || refusal.Kind != graphwarden.Credential {
				t.Fatalf("loading gave %v, want %s", err, test.code)
			}
			if !strings.Contains(refusal.Say, path) || refusal.Do == "" || strings.Contains(refusal.Say, "{") {
				t.Errorf("said %q %q", refusal.Say, refusal.Do)
			}
		})
	}
}

func TestACertificateFileThatIsNotThereSaysSo(t *testing.T) {
	var refusal *graphwarden.Refusal
	_, err := connect.LoadCertificate(filepath.Join(t.TempDir(), "none.pem"), expiry)
	if !errors.As(err, &refusal) || refusal.Code != "connect.certificate_unreadable" || !strings.Contains(refusal.Say, "does not exist") {
		t.Errorf("loading gave %v", err)
	}
}
