package connect

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/graphwarden/graphwarden"
)

// keyBits is the length of the keys that are made here; Entra takes 2048 and more.
const keyBits = 3072

// MakeCertificate makes a key and a certificate that it signs itself, both in
// PEM, as LoadCertificate reads them. Entra trusts the certificate because
// somebody uploads it, not because of who signed it.
func MakeCertificate(random io.Reader, name string, now time.Time, life time.Duration) ([]byte, error) {
	key, err := rsa.GenerateKey(random, keyBits)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	serial, err := rand.Int(random, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("numbering a certificate: %w", err)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-5 * time.Minute), NotAfter: now.Add(life),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(random, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("writing a key: %w", err)
	}
	defer clear(private)
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), nil
}

// writeWhole puts content into a file that only this user reads (mode 0600),
// whole or not at all.
func writeWhole(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // after the rename it is gone
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return syncFolder(path)
}

// syncFolder makes the names in a file's folder durable.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	if runtime.GOOS == "windows" {
		return nil // names are written through there
	}
	return d.Sync()
}

// madeLife is how long a certificate that is made here lasts: below what is held
// to be too long.
const madeLife = 364 * 24 * time.Hour

// WriteCertificate makes a certificate with its key in a file that only this user
// reads, and beside it, with .cer behind its name, the certificate alone. A file
// that is there is left as it is and refused.
func WriteCertificate(path, name string, now time.Time) error {
	if there(path) {
		return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "connect.certificate_there",
			Say: fmt.Sprintf("There is a file %s already.", path), Do: "To replace it, run: graphwarden connect rotate"}
	}
	made, err := MakeCertificate(rand.Reader, "graphwarden "+name, now, madeLife)
	if err != nil {
		return err
	}
	defer clear(made)
	leaf, _ := pem.Decode(made)
	if err := writeWhole(path+".cer", pem.EncodeToMemory(leaf)); err != nil {
		return err
	}
	return writeWhole(path, made)
}
